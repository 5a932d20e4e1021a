"""Proof that nothing leaks: no group in two splits, and how near the splits come at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mmskin_build.errors import LeakageError
from mmskin_build.records import Split, SplitRow

BLOCK = 256
HASH_BITS = 64


def check_no_leakage(rows: Iterable[SplitRow], copies: Mapping[str, Iterable[str]]) -> None:
    """Make sure that no group and no copied photograph is in two splits.

    Args:
        rows: the splits.
        copies: what each pair's picture shares with its copies (``units.copy_keys``).

    Raises:
        LeakageError: naming the group and a pair on either side.
    """
    first: dict[tuple[str, str], SplitRow] = {}
    for row in rows:
        keys = [("group", row.group_id), ("pair", row.pair_id)]
        keys += [("copies", key) for key in sorted(copies.get(row.pair_id, ()))]
        for key in keys:
            other = first.setdefault(key, row)
            if other.split != row.split:
                raise LeakageError(
                    f"{key[0]} {key[1]} is in two splits: {other.pair_id} ({other.split}) and "
                    f"{row.pair_id} ({row.split})"
                )


@dataclass(frozen=True, slots=True)
class PlacedPicture:
    """A picture of a split and its two whole-picture hashes (hex)."""

    pair_id: str
    split: str
    image_digest: str
    perceptual_hash: str
    shape_hash: str


@dataclass(frozen=True, slots=True)
class CrossSplitNeighbour:
    """A held-out picture and the training picture that comes nearest to it."""

    held_out: PlacedPicture
    train: PlacedPicture
    distance: float  # differing hash bits of 64, mean of the two hashes


def nearest_cross_split(pictures: Iterable[PlacedPicture]) -> list[CrossSplitNeighbour]:
    """Return for each validation and test picture its nearest training picture, nearest first."""
    placed = [p for p in pictures if p.perceptual_hash and p.shape_hash]
    train = [p for p in placed if p.split == Split.TRAIN]
    held_out = [p for p in placed if p.split in (Split.VALIDATION, Split.TEST)]
    if not train or not held_out:
        return []
    base = _bits(train)
    found = []
    for start in range(0, len(held_out), BLOCK):
        block = held_out[start : start + BLOCK]
        bits = _bits(block)
        apart = bits.sum(1)[:, None] + base.sum(1)[None] - 2 * bits @ base.T
        for picture, nearest, line in zip(block, apart.argmin(1), apart, strict=True):
            distance = float(line[nearest]) / 2
            found.append(CrossSplitNeighbour(picture, train[int(nearest)], distance))
    return sorted(found, key=lambda n: (n.distance, n.held_out.pair_id))


def _bits(pictures: Iterable[PlacedPicture]) -> np.ndarray:
    """Return both hashes of each picture as one row of 0 and 1."""
    digits = HASH_BITS // 4
    texts = [p.perceptual_hash.zfill(digits) + p.shape_hash.zfill(digits) for p in pictures]
    codes = np.array([list(bytes.fromhex(t)) for t in texts], np.uint8)
    return np.unpackbits(codes, axis=1).astype(np.float32)
