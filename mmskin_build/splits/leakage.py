"""Proof that nothing leaks: no group in two splits, and how near the splits come at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mmskin_build.errors import LeakageError
from mmskin_build.records import ImageCheck, Pair, Split, SplitRow

BLOCK = 256
HASH_BITS = 64


def check_no_leakage(rows: Iterable[SplitRow], copies: Mapping[str, str]) -> None:
    """Make sure that no group and no copied photograph is in two splits.

    Args:
        rows: the splits.
        copies: duplicate group of each pair that has one.

    Raises:
        LeakageError: naming the group and a pair on either side.
    """
    first: dict[tuple[str, str], SplitRow] = {}
    for row in rows:
        keys = [("group", row.group_id), ("pair", row.pair_id)]
        if row.pair_id in copies:
            keys.append(("copies", copies[row.pair_id]))
        for key in keys:
            other = first.setdefault(key, row)
            if other.split != row.split:
                raise LeakageError(
                    f"{key[0]} {key[1]} is in two splits: {other.pair_id} ({other.split}) and "
                    f"{row.pair_id} ({row.split})"
                )


@dataclass(frozen=True, slots=True)
class CrossSplitNeighbour:
    """A held-out pair and the training pair whose picture comes nearest to it."""

    pair_id: str
    split: str
    image_digest: str
    nearest_pair_id: str
    nearest_split: str
    nearest_image_digest: str
    distance: float  # differing hash bits of 64, mean of the two whole-picture hashes


def nearest_cross_split(
    rows: Iterable[SplitRow], checks: Iterable[ImageCheck]
) -> list[CrossSplitNeighbour]:
    """Return for each validation and test pair its nearest training pair, nearest first."""
    by_pair = {c.pair_id: c for c in checks}
    placed = [(r, by_pair[r.pair_id]) for r in rows if r.pair_id in by_pair]
    train = [(r, c) for r, c in placed if r.split == Split.TRAIN]
    held_out = [(r, c) for r, c in placed if r.split != Split.TRAIN]
    if not train or not held_out:
        return []
    base = _bits([c for _, c in train])
    found = []
    for start in range(0, len(held_out), BLOCK):
        block = held_out[start : start + BLOCK]
        bits = _bits([c for _, c in block])
        apart = bits.sum(1)[:, None] + base.sum(1)[None] - 2 * bits @ base.T
        for (row, check), nearest, line in zip(block, apart.argmin(1), apart, strict=True):
            other, its_check = train[int(nearest)]
            found.append(
                CrossSplitNeighbour(
                    row.pair_id,
                    row.split,
                    check.image_digest,
                    other.pair_id,
                    other.split,
                    its_check.image_digest,
                    float(line[nearest]) / 2,
                )
            )
    return sorted(found, key=lambda n: (n.distance, n.pair_id))


def _bits(checks: Iterable[ImageCheck]) -> np.ndarray:
    """Return both hashes of each picture as one row of 0 and 1."""
    texts = [
        c.perceptual_hash.zfill(HASH_BITS // 4) + c.shape_hash.zfill(HASH_BITS // 4) for c in checks
    ]
    codes = np.array([list(bytes.fromhex(t)) for t in texts], np.uint8)
    return np.unpackbits(codes, axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class GroupProof:
    """One group of a release: what it holds and the one split it is in."""

    group_id: str
    split: str
    pairs: int
    figures: int
    sources: tuple[str, ...]
    images: int
    decided_by: tuple[str, ...]


def group_proofs(rows: Iterable[SplitRow], pairs: Iterable[Pair]) -> list[GroupProof]:
    """Return one line per group, by group id, for the release's proof table."""
    by_id = {p.pair_id: p for p in pairs}
    groups: dict[str, list[SplitRow]] = defaultdict(list)
    for row in rows:
        groups[row.group_id].append(row)
    proofs = []
    for group_id, members in sorted(groups.items()):
        own = [by_id[r.pair_id] for r in members if r.pair_id in by_id]
        proofs.append(
            GroupProof(
                group_id=group_id,
                split=members[0].split,
                pairs=len(members),
                figures=len({p.figure_id for p in own}),
                sources=tuple(sorted({r.source_id for r in members})),
                images=len({p.image_digest for p in own}),
                decided_by=tuple(sorted({r.decided_by for r in members})),
            )
        )
    return proofs
