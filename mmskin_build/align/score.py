"""How well a caption and a region go together, from features that can be read aloud."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mmskin_build.align.caption_blocks import CaptionBlock
from mmskin_build.align.regions import Region
from mmskin_build.geometry import Box, area, covered, distance, height, overlap_area, union, width

SIDES = ("below", "above", "left", "right", "inside")
SIDE_PRIOR = {"below": 6.0, "above": 2.0, "left": 1.2, "right": 1.2, "inside": 0.8}
# Distance at which closeness has dropped to 1/e; captions in a margin stand farther off.
GAP_SCALES_PT = {"below": 45.0, "above": 45.0, "left": 90.0, "right": 90.0, "inside": 45.0}
MIN_OVERLAP = 0.25  # of the narrower of both, along the shared edge
TABLE_PRIOR = {"below": 3.0, "above": 6.0, "left": 0.3, "right": 0.3, "inside": 3.0}
TABLE_PICTURE_FACTOR = 0.3  # tables are rules and text, hardly ever pictures
WALL_FACTOR = 0.12  # running text between caption and figure
FAR_WEIGHT = 0.05  # same page, nothing better
HINT_WEIGHT = 0.55  # 'top left' says so
ALIGN_SCALE_PT = 18.0
BARE_GAP_EM = 2.6  # a caption without label stands this close or is none
BARE_LEARNED_GAP_EM = 4.5  # in a style that captions without label are known to have
BARE_FACTOR = 0.7
BARE_RASTER_SHARE = 0.5  # drawings are full of text that is no caption

_HINT_X = {"left": 0, "links": 0, "izquierda": 0, "right": 1, "rechts": 1, "derecha": 1}
_HINT_Y = {"top": 0, "upper": 0, "above": 0, "oben": 0, "bottom": 1, "lower": 1, "below": 1,
           "unten": 1}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edge:
    """A possible pair of caption and region on one page.

    Attributes:
        side: where the caption stands, seen from the figure.
        gap: distance in points.
        overlap: shared share of the narrower of both along the common edge.
        walled: running text or another caption stands between them.
        hint: how well position words in the label fit, -1 to 1; 0 when there are none.
        weight: closeness, 0 to 1, what the assignment maximises.
        rival: weight of the best other use of the caption or the region.
    """

    side: str
    gap: float
    overlap: float
    walled: bool
    hint: float
    weight: float
    rival: float = 0.0


def side_shares(sides: Counter[str]) -> dict[str, float]:
    """Return how likely each side is in this book, the strongest being 1."""
    counts = {side: SIDE_PRIOR[side] + 2.0 * sides[side] for side in SIDES}
    best = max(counts.values())
    return {side: (count / best) ** 0.35 for side, count in counts.items()}


TABLE_SHARES = {side: value / max(TABLE_PRIOR.values()) for side, value in TABLE_PRIOR.items()}


def page_edge(
    caption: CaptionBlock, region: Region, shares: dict[str, float], walls: Sequence[Box]
) -> Edge:
    """Return the best relation of a caption and a region on the same page."""
    box = caption.box
    best = Edge("far", 0.0, 0.0, True, 0.0, 0.0)
    if caption.label is not None and caption.label.heads_section:
        return best
    bare = caption.label is None
    table = caption.kind != "figure"
    shares = TABLE_SHARES if table else shares
    for side, gap, overlap in _relations(box, region.box):
        reach = BARE_GAP_EM if caption.is_loose else BARE_LEARNED_GAP_EM
        if bare and (side == "inside" or gap > reach * caption.size):
            continue
        if bare and region.raster_share < BARE_RASTER_SHARE:
            continue
        walled = _between(box, region.box, side, walls)
        weight = shares[side] * math.exp(-gap / GAP_SCALES_PT[side]) * (0.45 + 0.55 * overlap)
        weight *= WALL_FACTOR if walled else 1.0
        weight *= BARE_FACTOR if bare else 1.0
        if table and region.raster_share > BARE_RASTER_SHARE:
            weight *= TABLE_PICTURE_FACTOR
        weight *= 0.85 + 0.15 * _alignment(box, region.box, side)
        if weight > best.weight:
            best = Edge(side, round(gap, 1), round(overlap, 2), walled, 0.0, weight)
    if best.weight < FAR_WEIGHT and not bare and not table:
        best = Edge("far", round(distance(box, region.box), 1), 0.0, True, 0.0, FAR_WEIGHT)
    return best


def _relations(c: Box, r: Box) -> list[tuple[str, float, float]]:
    """Return (side, gap, overlap) for each side the caption may be seen on."""
    if covered(c, r) > 0.7:
        return [("inside", 0.0, 1.0)]
    shared_x = min(c[2], r[2]) - max(c[0], r[0])
    shared_y = min(c[3], r[3]) - max(c[1], r[1])
    along_x = shared_x / max(1.0, min(width(c), width(r)))
    along_y = shared_y / max(1.0, min(height(c), height(r)))
    found = []
    slack = 0.35 * min(height(c), height(r))
    if along_x > MIN_OVERLAP:
        if c[1] > r[3] - slack:
            found.append(("below", max(0.0, c[1] - r[3]), min(1.0, along_x)))
        elif c[3] < r[1] + slack:
            found.append(("above", max(0.0, r[1] - c[3]), min(1.0, along_x)))
    if along_y > MIN_OVERLAP:
        if c[0] > r[2] - 6:
            found.append(("right", max(0.0, c[0] - r[2]), min(1.0, along_y)))
        elif c[2] < r[0] + 6:
            found.append(("left", max(0.0, r[0] - c[2]), min(1.0, along_y)))
    return found


def _alignment(c: Box, r: Box, side: str) -> float:
    """Return how exactly an edge or the middle of both agree, 0 to 1."""
    if side in ("below", "above", "inside"):
        off = min(abs(c[0] - r[0]), abs(c[2] - r[2]), abs(c[0] + c[2] - r[0] - r[2]) / 2)
    else:
        off = min(abs(c[1] - r[1]), abs(c[3] - r[3]), abs(c[1] + c[3] - r[1] - r[3]) / 2)
    return math.exp(-off / ALIGN_SCALE_PT)


def _between(c: Box, r: Box, side: str, walls: Sequence[Box]) -> bool:
    """Tell whether a text line stands in the gap between caption and figure."""
    if side in ("below", "above"):
        top, bottom = (r[3], c[1]) if side == "below" else (c[3], r[1])
        gap = (max(c[0], r[0]), top, min(c[2], r[2]), bottom)
    elif side in ("left", "right"):
        left, right = (r[2], c[0]) if side == "right" else (c[2], r[0])
        gap = (left, max(c[1], r[1]), right, min(c[3], r[3]))
    else:
        return False
    if gap[2] - gap[0] <= 0 or gap[3] - gap[1] <= 0:
        return False
    return any(overlap_area(wall, gap) > 0.3 * area(wall) for wall in walls)


def hint_fit(hint: str, region: Box, regions: Sequence[Box]) -> float:
    """Return how well 'top left' and the like fit a region among all of its page, -1 to 1."""
    words = set(hint.replace("/", " ").replace(",", " ").split())
    hull = union(regions)
    fits = []
    for places, low, high in ((_HINT_X, 0, 2), (_HINT_Y, 1, 3)):
        wanted = {places[word] for word in words if word in places}
        extent = hull[high] - hull[low]
        if len(wanted) != 1 or extent <= 0:
            continue
        middle = ((region[low] + region[high]) / 2 - hull[low]) / extent
        fits.append(2 * middle - 1 if wanted == {1} else 1 - 2 * middle)
    if not fits:
        return 0.0
    return max(-1.0, min(1.0, 2.0 * min(fits)))
