"""The pages of a book out of the tables, to be gone through several times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from mmskin_build.align.layout import PageContent
from mmskin_build.align.levelling import levelled
from mmskin_build.geometry import Box, covered
from mmskin_build.records import Graphic, Page, ScanRegion, TextLine
from mmskin_build.stage import StageContext

INSIDE = 0.9  # share of a picture that lies on one of two book pages
KEPT_ROWS = 30_000  # lines and graphics of a book held in memory: a book of some 400 pages


@dataclass(frozen=True, slots=True)
class PageRows:
    """What the tables hold of one page; of a tilted scan, as if it lay level."""

    page: Page
    lines: list[TextLine]
    graphics: list[Graphic]
    regions: list[ScanRegion]
    part: Box | None = None  # of a scan of two book pages, the one this is


class BookPages:
    """The pages of a source in order, to be gone through several times.

    A long book is read from its tables each time, one page in memory; a short one is kept.
    """

    def __init__(self, ctx: StageContext) -> None:
        """Read the tables of the source at hand."""
        self._ctx = ctx
        self._kept: list[PageContent] = []
        self._whole = False  # every page is kept
        self._lines = 0

    def __iter__(self) -> Iterator[PageContent]:
        """Yield the pages, each anew: what a pass learns of the book is not for the next."""
        if self._whole:
            yield from (content.anew() for content in self._kept)
        else:
            yield from self._read()

    def _read(self) -> Iterator[PageContent]:
        self._kept, self._lines = [], 0
        for rows in stream_rows(self._ctx):
            content = PageContent(rows.page, rows.lines, rows.graphics, rows.regions, rows.part)
            self._lines += len(rows.lines) + len(rows.graphics)
            if self._lines <= KEPT_ROWS:
                self._kept.append(content)
            yield content
        self._whole = self._lines <= KEPT_ROWS
        if not self._whole:
            self._kept = []


def stream_rows(ctx: StageContext) -> Iterator[PageRows]:
    """Yield the rows of each page of a source in order, holding one page in memory."""
    streams = [_by_page(ctx.rows(kind)) for kind in (TextLine, Graphic, ScanRegion)]
    waiting: list[Any] = [next(stream, None) for stream in streams]
    for page in ctx.rows(Page):
        found: list[Any] = []
        for index, stream in enumerate(streams):
            while waiting[index] is not None and waiting[index][0] < page.page:
                waiting[index] = next(stream, None)
            if waiting[index] is not None and waiting[index][0] == page.page:
                found.append(waiting[index][1])
                waiting[index] = next(stream, None)
            else:
                found.append([])
        lines, graphics, regions = (levelled(rows, page) for rows in found)
        yield from _halves(PageRows(page, lines, graphics, regions))


def _halves(rows: PageRows) -> list[PageRows]:
    """Return the two book pages that a scan shows one after the other, else the page itself."""
    page = rows.page
    if page.gutter_pt is None:
        return [rows]
    edges = (0.0, page.gutter_pt, page.width_pt)
    return [_half(rows, (left, 0.0, right, page.height_pt)) for left, right in pairwise(edges)]


def _half(rows: PageRows, part: Box) -> PageRows:
    def within(row: TextLine | Graphic | ScanRegion) -> bool:
        return part[0] <= (row.bbox[0] + row.bbox[2]) / 2 < part[2]

    return PageRows(
        rows.page,
        [line for line in rows.lines if within(line)],
        [graphic for graphic in rows.graphics if covered(graphic.bbox, part) > INSIDE],
        [region for region in rows.regions if within(region)],
        part,
    )


def _by_page(rows: Iterator[Any]) -> Iterator[tuple[int, list[Any]]]:
    for number, group in groupby(rows, key=lambda row: row.page):
        yield number, list(group)
