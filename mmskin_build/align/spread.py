"""Captions and figures that stand on different pages: facing pages, plates, page turns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mmskin_build.align.caption_blocks import CaptionBlock
from mmskin_build.align.layout import PageContent
from mmskin_build.align.panels import reading_order
from mmskin_build.align.regions import Region
from mmskin_build.align.score import Edge
from mmskin_build.geometry import Box, area, covered

NUMBER_REACH_PT = 16.0  # a typeset number this close to a picture names it
NUMBER_WEIGHT = 0.9
HINT_WEIGHT = 0.8
PLATE_WEIGHT = 0.5  # the picture's page has no captions and hardly any text
ORDER_WEIGHT = 0.15  # up in the order of the captions, down out of it
LONE_WEIGHT = 0.36  # nothing but one caption and one picture left on neighbouring pages
PLATE_PROSE_LINES = 3
MIN_FIGURE_SHARE = 0.015  # of the page area

_ELSEWHERE = re.compile(
    r"\b(?:facing|opposite|overleaf|previous|preceding|next|following|page)\b", re.IGNORECASE
)
_SHORT_NUMBER = re.compile(
    r"^\(?(?:[A-Za-z]{2,8}\.?\s)?(?P<number>[A-Z]?\d{1,3}(?:[.\-–]\d{1,3})*|[a-hA-H])\)?\.?$"
)
_LAST_PART = re.compile(r"[.\-–·/]")


@dataclass(frozen=True, slots=True)
class Leftover:
    """What one page could not pair by itself."""

    number: int
    captions: tuple[CaptionBlock, ...]
    regions: tuple[Region, ...]
    content: PageContent
    is_plate: bool


def is_sizeable(box: Box, content: PageContent) -> bool:
    """Tell whether a picture is large enough to be a figure of another page's caption."""
    return area(box) >= MIN_FIGURE_SHARE * area(content.box)


def leftover_of(
    content: PageContent, captions: tuple[CaptionBlock, ...], regions: tuple[Region, ...]
) -> Leftover:
    """Collect what may be paired with a neighbouring page."""
    prose = sum(1 for line in content.lines if line.line in content.prose)
    return Leftover(
        number=content.number,
        captions=tuple(c for c in captions if c.label is not None),
        regions=tuple(r for r in regions if is_sizeable(r.box, content)),
        content=content,
        is_plate=prose <= PLATE_PROSE_LINES,
    )


def spread_edges(
    captions: Sequence[CaptionBlock], regions: Sequence[Region], pages: tuple[Leftover, Leftover]
) -> list[list[Edge]]:
    """Return the relations of captions on one page to regions on its neighbour."""
    figures = pages[1]
    numbers = _numbers_at([region.box for region in regions], figures.content)
    order = [regions[k] for k in reading_order([region.box for region in regions])]
    ranked = len(regions) == len(captions)
    table = []
    for rank, caption in enumerate(captions):
        row = []
        for region, seen in zip(regions, numbers, strict=True):
            edge = _spread_edge(caption, seen, pages, ranked or len(captions) == 1)
            if ranked and 0.0 < edge.weight < HINT_WEIGHT:
                weight = edge.weight + ORDER_WEIGHT * (1 if order[rank] is region else -1)
                edge = replace(edge, weight=weight)
            row.append(edge)
        table.append(row)
    return table


def _spread_edge(
    caption: CaptionBlock,
    numbers: set[str],
    pages: tuple[Leftover, Leftover],
    countable: bool,
) -> Edge:
    """Return the relation of a caption to a picture at which some numbers stand.

    A plate without numbers tells which caption is whose only where they can be counted out.
    """
    words, figures = pages
    weight, side = 0.0, "neighbour page"
    if caption.number and len(numbers) == 1:
        wanted = caption.number.lower()
        if wanted in numbers or _LAST_PART.split(wanted)[-1] in numbers:
            weight, side = NUMBER_WEIGHT, "neighbour page, number at the picture"
        else:
            return Edge(side, 0.0, 0.0, True, -1.0, 0.0)
    hint = caption.label.hint if caption.label else ""
    if _ELSEWHERE.search(hint):
        weight = max(weight, HINT_WEIGHT)
        side = "neighbour page, named in the label"
    if figures.is_plate and countable:
        weight = max(weight, PLATE_WEIGHT)
    elif len(words.captions) == 1 and len(figures.regions) == 1:
        weight = max(weight, LONE_WEIGHT)
    return Edge(side, 0.0, 0.0, False, 0.0, weight)


def _numbers_at(boxes: Sequence[Box], content: PageContent) -> list[set[str]]:
    """Return the numbers typeset at each picture, on the side that numbers most of them."""
    numbers: list[tuple[Box, str]] = []
    for line in content.lines:
        match = _SHORT_NUMBER.match(line.text) if len(line.text) <= 14 else None
        if match is not None:
            numbers.append((line.bbox, match["number"].lower()))
    ways = [_numbered(boxes, numbers, above) for above in (False, True)]
    # A book sets its numbers all under or all over the pictures.
    return max(ways, key=lambda found: sum(len(seen) == 1 for seen in found))


def _numbered(
    boxes: Sequence[Box], numbers: Sequence[tuple[Box, str]], above: bool
) -> list[set[str]]:
    found: list[set[str]] = [set() for _ in boxes]
    for place, number in numbers:
        near = [(_away(place, box, above), index) for index, box in enumerate(boxes)]
        gap, index = min(near, default=(NUMBER_REACH_PT + 1, 0))
        if gap <= NUMBER_REACH_PT:
            found[index].add(number)
    return found


def _away(number: Box, box: Box, above: bool) -> float:
    """Return how far a number stands over or under a picture; far on its other sides."""
    reach = (box[0] - 4, number[1], box[2] + 4, number[3])
    gap = box[1] - number[3] if above else number[1] - box[3]
    if covered(number, reach) <= 0.8 or (gap < -3 and covered(number, box) < 0.8):
        return NUMBER_REACH_PT + 1
    return max(0.0, gap)
