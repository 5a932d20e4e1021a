"""Captions and figures that stand on different pages: facing pages, plates, page turns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mmskin_build.align.caption_blocks import CaptionBlock
from mmskin_build.align.layout import PageContent
from mmskin_build.align.regions import Region
from mmskin_build.align.score import Edge
from mmskin_build.geometry import Box, area, covered

NUMBER_REACH_PT = 16.0  # a typeset number this close to a picture names it
NUMBER_WEIGHT = 0.9
HINT_WEIGHT = 0.8
PLATE_WEIGHT = 0.5  # the picture's page has no captions and hardly any text
ORDER_WEIGHT = 0.1
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


def leftover_of(
    content: PageContent, captions: tuple[CaptionBlock, ...], regions: tuple[Region, ...]
) -> Leftover:
    """Collect what may be paired with a neighbouring page."""
    prose = sum(1 for line in content.lines if line.line in content.prose)
    least = MIN_FIGURE_SHARE * area(content.box)
    return Leftover(
        number=content.number,
        captions=tuple(c for c in captions if c.label is not None),
        regions=tuple(r for r in regions if area(r.box) >= least),
        content=content,
        is_plate=prose <= PLATE_PROSE_LINES,
    )


def spread_edge(caption: CaptionBlock, region: Region, pages: tuple[Leftover, Leftover]) -> Edge:
    """Return the relation of a caption on one page to a region on its neighbour."""
    words, figures = pages
    weight, side = 0.0, "neighbour page"
    numbers = _numbers_at(region.box, figures.content)
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
    if figures.is_plate:
        weight = max(weight, PLATE_WEIGHT)
    elif len(words.captions) == 1 and len(figures.regions) == 1:
        weight = max(weight, LONE_WEIGHT)
    if weight and _same_rank(caption, region, pages):
        weight = min(1.0, weight + ORDER_WEIGHT)
    return Edge(side, 0.0, 0.0, False, 0.0, weight)


def _numbers_at(box: Box, content: PageContent) -> set[str]:
    reach = (box[0] - 4, box[1] - NUMBER_REACH_PT, box[2] + 4, box[3] + NUMBER_REACH_PT)
    found = set()
    for line in content.lines:
        if len(line.text) <= 14 and covered(line.bbox, reach) > 0.8:
            match = _SHORT_NUMBER.match(line.text)
            if match:
                found.add(match["number"].lower())
    return found


def _same_rank(caption: CaptionBlock, region: Region, pages: tuple[Leftover, Leftover]) -> bool:
    words, figures = pages
    order = sorted(figures.regions, key=lambda r: (round(r.box[1] / 20), r.box[0]))
    if len(order) != len(words.captions) or region not in order:
        return False
    return words.captions.index(caption) == order.index(region)
