"""Pictures stacked beside a column of captions: cut between them where the captions tell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

from mmskin_build.align.caption_blocks import CaptionBlock
from mmskin_build.align.regions import Atom, Region
from mmskin_build.geometry import Box, union

BESIDE_SLACK_PT = 6.0
ALIGNED_PT = 14.0  # a caption's top, middle or foot lies this near to that of its pictures
MAX_CUTS = 12  # a stack with more gaps is no stack of figures


def cut_beside(regions: Sequence[Region], captions: Sequence[CaptionBlock]) -> list[Region]:
    """Return the regions; a stack beside several captions has one part for each of them."""
    return [_cut(region, _column_beside(region.box, captions)) for region in regions]


def _column_beside(box: Box, captions: Sequence[CaptionBlock]) -> list[Box]:
    """Return the captions level with a box on its fuller side, from top to bottom."""
    level = [
        c.box
        for c in captions
        if c.kind == "figure" and min(c.box[3], box[3]) - max(c.box[1], box[1]) > 0
    ]
    left = [c for c in level if c[2] <= box[0] + BESIDE_SLACK_PT]
    right = [c for c in level if c[0] >= box[2] - BESIDE_SLACK_PT]
    column = sorted(left if len(left) > len(right) else right, key=lambda c: c[1])
    apart = all(a[3] <= b[1] for a, b in pairwise(column))
    in_column = all(min(a[2], b[2]) > max(a[0], b[0]) for a, b in pairwise(column))
    return column if len(column) > 1 and apart and in_column else []


def _cut(region: Region, column: Sequence[Box]) -> Region:
    if not column:
        return region
    gaps = _gaps(region.atoms)
    if not len(column) - 1 <= len(gaps) <= MAX_CUTS:
        return region
    best: tuple[float, list[tuple[Atom, ...]]] | None = None
    for cuts in combinations(gaps, len(column) - 1):
        bands = _bands(region.atoms, cuts)
        off = [
            _off(box, union(a.box for a in band)) for box, band in zip(column, bands, strict=True)
        ]
        if max(off) < ALIGNED_PT and (best is None or sum(off) < best[0]):
            best = (sum(off), bands)
    if best is None:
        return region
    parts = tuple(
        Region(union(a.box for a in band), band, _single(band) if len(band) > 1 else ())
        for band in best[1]
    )
    return Region(region.box, region.atoms, parts)


def _gaps(atoms: Sequence[Atom]) -> list[float]:
    """Return the heights at which no part crosses a horizontal cut, between the parts."""
    ordered = sorted(atoms, key=lambda atom: atom.box[1])
    gaps, foot = [], ordered[0].box[3]
    for atom in ordered[1:]:
        if atom.box[1] > foot:
            gaps.append((foot + atom.box[1]) / 2)
        foot = max(foot, atom.box[3])
    return gaps


def _bands(atoms: Sequence[Atom], cuts: Sequence[float]) -> list[tuple[Atom, ...]]:
    edges = [float("-inf"), *cuts, float("inf")]
    return [
        tuple(a for a in atoms if low < (a.box[1] + a.box[3]) / 2 <= high)
        for low, high in pairwise(edges)
    ]


def _single(band: Sequence[Atom]) -> tuple[Region, ...]:
    return tuple(Region(atom.box, (atom,)) for atom in band)


def _off(caption: Box, band: Box) -> float:
    """Return by how much a caption misses the top, the middle or the foot of its pictures."""
    top, foot = caption[1] - band[1], caption[3] - band[3]
    return min(abs(top), abs(foot), abs(top + foot) / 2)
