"""Manuscripts: the captions of all figures in a list, then the pictures, one on each page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mmskin_build.align.caption_blocks import CaptionBlock
from mmskin_build.align.contents import has_leaders
from mmskin_build.align.pairing import Figure, PageResult
from mmskin_build.align.regions import Region
from mmskin_build.align.score import Edge
from mmskin_build.align.spread import (
    NUMBER_WEIGHT,
    PLATE_PROSE_LINES,
    PLATE_WEIGHT,
    is_sizeable,
)

LEAST_LEGENDS = 2  # a single caption is left to the neighbouring pages
MOST_BETWEEN = 6  # pages of tables and the like between the list and the pictures, or two of them
MOST_HELD = 120  # pages kept in memory until the pictures of a list are known


def with_legends(results: Iterable[PageResult]) -> Iterator[PageResult]:
    """Yield the decisions page by page, with pictures given the captions of a list before them.

    A picture with its number printed beside it gets the caption of that number. Pictures without
    any are given the captions in order, when there are as many of them as captions.
    """
    held: list[PageResult] = []
    idle = 0
    for result in results:
        idle = 0 if _is_list(result) or _is_plate(result) else idle + 1
        if held and (idle > MOST_BETWEEN or len(held) > MOST_HELD or _begins_anew(result, held)):
            yield from _settled(held)
            held = []
        if held or _is_list(result):
            held.append(result)
        else:
            yield result
    yield from _settled(held)


def _is_list(result: PageResult) -> bool:
    """Tell whether a page holds captions and no picture."""
    if result.figures or _sizeable(result):
        return False
    return len(_legends(result)) >= LEAST_LEGENDS


def _begins_anew(result: PageResult, held: list[PageResult]) -> bool:
    """Tell whether a list follows on the pictures of another one."""
    return _is_list(result) and any(_is_plate(page) for page in held)


def _is_plate(result: PageResult) -> bool:
    """Tell whether a page holds one picture, with no more than its number, and no text."""
    prose = sum(1 for line in result.content.lines if line.line in result.content.prose)
    if prose > PLATE_PROSE_LINES:
        return False
    left = _sizeable(result)
    if not result.figures:
        return len(left) == 1
    return not left and len(result.figures) == 1 and _is_lone(result.figures[0].caption)


def _is_lone(caption: CaptionBlock) -> bool:
    """Tell whether a caption is nothing but a label."""
    return (
        caption.label is not None
        and not caption.label.rest
        and len(caption.lines) == 1
        and not caption.tail
    )


def _legends(result: PageResult) -> list[CaptionBlock]:
    """Return the captions of a page that wait for a picture elsewhere."""
    return [
        caption
        for caption in result.captions
        if caption.label is not None
        and not _is_lone(caption)
        and not has_leaders(caption.lines[-1].text)
    ]


def _sizeable(result: PageResult) -> list[Region]:
    return [region for region in result.regions if is_sizeable(region.box, result.content)]


def _settled(held: list[PageResult]) -> list[PageResult]:
    """Return the pages of a list and its pictures, paired."""
    legends = {legend.number.lower(): legend for page in held for legend in _legends(page)}
    for page in held:
        for index, figure in enumerate(page.figures):
            wanted = figure.caption.number.lower()
            if _is_lone(figure.caption) and wanted in legends:
                page.figures[index] = _named(figure, legends.pop(wanted))
    bare = [page for page in held if _is_plate(page) and not page.figures]
    if len(bare) == len(legends):
        for page, legend in zip(bare, legends.values(), strict=True):
            _take(page, legend)
        legends = {}
    left = {id(legend) for legend in legends.values()}
    for page in held:
        gone = {id(caption) for caption in _legends(page)} - left
        page.captions = [caption for caption in page.captions if id(caption) not in gone]
    return held


def _named(figure: Figure, legend: CaptionBlock) -> Figure:
    side = "on a page of legends, number at the picture"
    edge = Edge(side, 0.0, 0.0, False, 0.0, NUMBER_WEIGHT)
    return replace(figure, caption=legend, edge=edge)


def _take(page: PageResult, legend: CaptionBlock) -> None:
    """Give the one picture of a page its caption."""
    (region,) = _sizeable(page)
    edge = Edge("on a page of legends, in order", 0.0, 0.0, False, 0.0, PLATE_WEIGHT)
    page.figures.append(Figure(page.content.number, region.box, region, legend, edge, page.content))
    page.regions = [other for other in page.regions if other is not region]
