"""Choose regions and their captions for a whole page at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmskin_build.align.caption_blocks import CaptionBlock
from mmskin_build.align.matching import best_assignment
from mmskin_build.align.regions import Region
from mmskin_build.align.score import Edge
from mmskin_build.geometry import Box, area, distance, height, overlap_area, union, width

LOSS_WEIGHT = 0.6  # what leaving all art of a page without caption costs
LEAST_WEIGHT = 0.045  # a pair below this is no pair
ABSORB_REACH_PT = 120.0
ROW_SHARE = 0.6
ROW_GAP_PT = 36.0
GAIN = 1e-6
MAX_SPLITS = 60
MAX_DEPTH = 3  # levels of a region opened at once: a plate of rows of pictures

EdgesOf = Callable[[Sequence[CaptionBlock], Sequence[Region]], list[list[Edge]]]


@dataclass(frozen=True, slots=True)
class Match:
    """A caption and the region it was given."""

    caption: CaptionBlock
    region: Region
    edge: Edge


@dataclass(frozen=True, slots=True)
class Assignment:
    """The outcome of one page."""

    matches: tuple[Match, ...]
    captions: tuple[CaptionBlock, ...]  # left over
    regions: tuple[Region, ...]  # left over
    worth: float


def assign_page(
    captions: Sequence[CaptionBlock], regions: Sequence[Region], edges_of: EdgesOf
) -> Assignment:
    """Return the best assignment over all ways to split the regions into their parts.

    Regions start as large as the white space allows; one is split only when the page as a
    whole then pairs better.
    """
    best = _solve(captions, regions, edges_of)
    current = list(regions)
    for _ in range(MAX_SPLITS):
        improved = _split_once(captions, current, best, edges_of)
        if improved is None:
            break
        best, current = improved
    return best


def _split_once(
    captions: Sequence[CaptionBlock],
    current: Sequence[Region],
    best: Assignment,
    edges_of: EdgesOf,
) -> tuple[Assignment, list[Region]] | None:
    """Return the best outcome of splitting one region; deeper only when captions are left over."""
    for depth in range(1, MAX_DEPTH + 1 if best.captions else 2):
        improved: tuple[Assignment, list[Region]] | None = None
        for index, region in enumerate(current):
            parts = _opened(region, depth)
            if len(parts) < 2 or (depth > 1 and len(parts) == len(_opened(region, depth - 1))):
                continue
            split = [*current[:index], *parts, *current[index + 1 :]]
            outcome = _solve(captions, split, edges_of)
            if outcome.worth > (improved[0] if improved else best).worth + GAIN:
                improved = (outcome, split)
        if improved is not None:
            return improved
    return None


def _opened(region: Region, depth: int) -> list[Region]:
    """Return the parts of a region so many levels down."""
    if depth == 0 or not region.children:
        return [region]
    return [part for child in region.children for part in _opened(child, depth - 1)]


def _solve(
    captions: Sequence[CaptionBlock], regions: Sequence[Region], edges_of: EdgesOf
) -> Assignment:
    if not captions or not regions:
        loss = LOSS_WEIGHT if regions else 0.0
        return Assignment((), tuple(captions), tuple(regions), -loss)
    edges = edges_of(captions, regions)
    # The root favours two fair pairs over one perfect and one hopeless.
    weights = np.sqrt(np.array([[edge.weight for edge in row] for row in edges]))
    matches, gains = [], []
    for i, j in best_assignment(weights.tolist()):
        if edges[i][j].weight >= LEAST_WEIGHT:
            edge = replace(edges[i][j], rival=_rival(weights, i, j))
            matches.append(Match(captions[i], regions[j], edge))
            gains.append(float(weights[i, j]))
    matched_c = {id(match.caption) for match in matches}
    matched_r = {id(match.region) for match in matches}
    return Assignment(
        tuple(matches),
        tuple(c for c in captions if id(c) not in matched_c),
        tuple(region for region in regions if id(region) not in matched_r),
        _worth(matches, gains, regions),
    )


def _worth(matches: Sequence[Match], gains: Sequence[float], regions: Sequence[Region]) -> float:
    """Return what matches are worth together, less what the regions without caption cost.

    Beside captions at their figures, one with text in between counts for nothing: it may speak of
    another page, and no region is split for it.
    """
    near = any(not match.edge.walled for match in matches)
    sound = [not (m.edge.walled and near) or m.edge.hint > 0 for m in matches]
    used = {id(m.region) for m, good in zip(matches, sound, strict=True) if good}
    left = sum(_ink(region) for region in regions if id(region) not in used)
    total = sum(_ink(region) for region in regions)
    gain = sum(gain for gain, good in zip(gains, sound, strict=True) if good)
    return gain - LOSS_WEIGHT * left / max(1.0, total)


def absorb(
    matches: Sequence[Match], loose: Sequence[Region], blocked: Callable[[Box], bool]
) -> tuple[list[Match], list[Region]]:
    """Give matched drawings the parts that lie beside them with only white space between.

    A drawing of several plots or formulas has gaps wider than those between two figures, but
    no running text or other caption in them. Photographs are never joined this way.
    """
    grown, left = list(matches), list(loose)
    changed = True
    while changed:
        changed = False
        for region in list(left):
            index = _host(region, grown, blocked)
            if index is None:
                continue
            host = grown[index]
            joined = Region(
                union((host.region.box, region.box)),
                host.region.atoms + region.atoms,
                (host.region, region),
            )
            # What was its rival may be the part that has just joined it.
            grown[index] = replace(host, region=joined, edge=replace(host.edge, rival=0.0))
            left.remove(region)
            changed = True
    return grown, left


def _host(region: Region, matches: Sequence[Match], blocked: Callable[[Box], bool]) -> int | None:
    best, best_gap = None, ABSORB_REACH_PT
    for index, match in enumerate(matches):
        if not (region.has_vector or match.region.has_vector or _shares_caption(region, match)):
            continue
        hull = union((region.box, match.region.box))
        gap = distance(region.box, match.region.box)
        others = [m for m in matches if m is not match]
        if gap >= best_gap or blocked(hull):
            continue
        if any(overlap_area(hull, m.region.box) > 0 for m in others):
            continue
        if any(overlap_area(hull, m.caption.box) > 0 for m in matches):
            continue
        best, best_gap = index, gap
    return best


def _shares_caption(region: Region, match: Match) -> bool:
    """Tell whether a picture stands in one row with a matched one, at the same caption.

    A caption above or below has to reach under it; one beside the row speaks for all of it.
    """
    own, other, caption = region.box, match.region.box, match.caption.box
    level = min(own[3], other[3]) - max(own[1], other[1])
    if match.edge.side in ("left", "right"):
        near = distance(own, other) < ROW_GAP_PT
        return near and level > ROW_SHARE * max(height(own), height(other))
    if match.edge.side not in ("below", "above"):
        return False
    under = min(own[2], caption[2]) - max(own[0], caption[0])
    return level > ROW_SHARE * max(height(own), height(other)) and under > ROW_SHARE * width(own)


def _rival(weights: NDArray[np.float64], row: int, column: int) -> float:
    """Return the weight of the best other use of a caption or of its region."""
    others = np.concatenate([np.delete(weights[row], column), np.delete(weights[:, column], row)])
    return round(float(others.max()) ** 2, 4) if others.size else 0.0


def _ink(region: Region) -> float:
    return sum(area(atom.box) for atom in region.atoms)
