"""Copies, crops and rescans come together; different pictures stay apart."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import photograph, printed, rescanned

from mmskin_build.duplicates.fingerprint import fingerprint
from mmskin_build.duplicates.groups import Membership, find_groups
from mmskin_build.duplicates.settings import DuplicateSettings


def groups(pictures: dict[str, np.ndarray]) -> dict[str, Membership]:
    prints = {name: fingerprint(image) for name, image in pictures.items()}
    return find_groups(prints, pictures.__getitem__, DuplicateSettings())


ORIGINAL = photograph(1)


@pytest.mark.parametrize(
    "copy",
    [
        printed(ORIGINAL, 240),
        printed(ORIGINAL, 700),
        ORIGINAL[60:300, 90:400],
        printed(ORIGINAL[40:250, 100:420], 480),
        rescanned(ORIGINAL, 1.5),
        rescanned(ORIGINAL[30:330, 40:440], -1.0),
        np.ascontiguousarray(np.rot90(ORIGINAL)),
        printed(ORIGINAL[:, ::-1], 300),
    ],
    ids=[
        "smaller",
        "larger",
        "crop",
        "enlarged crop",
        "rescan",
        "rescanned crop",
        "turned",
        "mirrored",
    ],
)
def test_a_copy_joins_its_original(copy: np.ndarray) -> None:
    found = groups({"a": ORIGINAL, "b": copy, "c": photograph(2)})
    assert set(found) == {"a", "b"}
    assert found["a"].group_id == found["b"].group_id
    assert (found["a"].links, found["b"].links) == (("b",), ("a",))


def test_lesions_of_like_shape_stay_apart() -> None:
    assert groups({f"{seed:02d}": photograph(seed) for seed in range(12)}) == {}


def test_a_chain_of_copies_is_one_group_named_by_content() -> None:
    pictures = {"b": ORIGINAL, "c": printed(ORIGINAL, 300), "a": printed(ORIGINAL, 250)}
    found = groups(pictures)
    assert {m.group_id for m in found.values()} == {"dup-a"}
    assert found == groups(dict(reversed(pictures.items())))


def test_no_picture_and_blank_pictures_give_no_group() -> None:
    assert groups({}) == {}
    blank = np.full((200, 300, 3), 255, np.uint8)
    assert groups({"a": blank, "b": blank[:150].copy(), "c": blank[:, :150].copy()}) == {}
