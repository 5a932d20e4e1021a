"""The search over many hashes finds exactly what comparing all with all would find."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mmskin_build.duplicates.neighbours import hash_pairs, local_pairs


@pytest.mark.parametrize("radius", [0, 5, 11])
def test_all_hashes_within_the_radius_are_found(radius: int) -> None:
    pick = random.Random(radius)
    codes = [pick.getrandbits(64) for _ in range(60)]
    codes += [c ^ sum(1 << b for b in pick.sample(range(64), pick.randint(0, 14))) for c in codes]
    expected = [
        (i, j, (a ^ b).bit_count())
        for i, a in enumerate(codes)
        for j, b in enumerate(codes)
        if i < j and (a ^ b).bit_count() <= radius
    ]
    assert hash_pairs([f"{c:016x}" for c in codes], radius) == expected
    assert radius == 0 or expected


def test_pictures_that_share_key_points_are_proposed() -> None:
    generator = np.random.default_rng(0)
    codes = [generator.integers(0, 256, (40, 16), dtype=np.uint8) for _ in range(50)]
    codes[7] = np.concatenate([codes[7][:30], codes[3][:10]])
    assert local_pairs(codes, 3) == [(3, 7)]
    assert local_pairs([], 3) == []
    assert local_pairs([np.zeros((0, 16), np.uint8)] * 2, 3) == []
