"""Read a document page by page into records; memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mmskin_build.geometry import area
from mmskin_build.ocr.text_quality import UNREADABLE, text_problem
from mmskin_build.pdf.budget import PageBudget
from mmskin_build.pdf.graphics import page_graphics
from mmskin_build.pdf.opening import MUPDF_ERRORS, DocumentProblem, Rescue, open_rescued
from mmskin_build.pdf.placed_images import PageImages
from mmskin_build.pdf.settings import ExtractSettings
from mmskin_build.pdf.text import page_lines
from mmskin_build.records import EmbeddedLine, EmbeddedPage, Graphic, Record, Reject
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.stage import StageContext

STORE_SHRINK_PAGES = 25  # MuPDF's resource cache is emptied this often


@dataclass(slots=True)
class _Opened:
    """An open document, what is remembered over its pages, and what was found so far."""

    document: Any
    images: PageImages
    budget: PageBudget
    wanted: Collection[int]
    pages: int = 0  # rows yielded
    shown: int = 0  # lines and graphics on them
    trouble: str = ""  # the first that a page gave


def read_source(ctx: StageContext, settings: ExtractSettings) -> Iterator[Record]:
    """Yield the pages, lines and graphics of a document, or one reject that says why not."""
    import pymupdf

    source = ctx.sources[0]
    try:
        with open_rescued(source.path, settings.passwords) as (document, rescue):
            wanted = wanted_pages(document, settings.max_pages)
            budget = PageBudget(document, settings.max_content_mb)
            opened = _Opened(document, PageImages(document), budget, wanted)
            for number in ctx.pages(max(wanted)):
                if number not in wanted:
                    continue
                if ctx.enter_page(number):
                    yield from _read_page(source.source_id, number, opened, settings)
                else:
                    yield from _bare_page(source.source_id, number, opened)
                if number % STORE_SHRINK_PAGES == 0:
                    pymupdf.TOOLS.store_shrink(100)
            yield from _verdict(source.source_id, opened, rescue, settings.max_pages)
    except DocumentProblem as problem:
        yield Reject(source.source_id, source.source_id, problem.reason, problem.detail)


def wanted_pages(document: Any, max_pages: int) -> Collection[int]:
    """Return the numbers of the pages to read.

    Of a document over the limit, entries of the page tree that repeat a page are passed over: a
    small file can name one page a hundred thousand times.
    """
    if document.page_count <= max_pages:
        return range(1, document.page_count + 1)
    distinct: dict[str, int] = {}
    for number in range(1, document.page_count + 1):
        if len(distinct) == max_pages:
            break
        try:
            content = str(document.xref_object(document.page_xref(number - 1)))
        except MUPDF_ERRORS:
            content = f"page {number}"
        distinct.setdefault(content, number)
    return frozenset(distinct.values())


def _verdict(source_id: str, opened: _Opened, rescue: Rescue, max_pages: int) -> Iterator[Record]:
    """Yield what is to be said of the whole file; the same from each of its page ranges.

    Raises:
        DocumentProblem: no page of the file can be read.
    """
    count = opened.document.page_count
    if not opened.pages and not any(_loads(opened.document, n) for n in opened.wanted):
        detail = f"none of its {count} pages could be read: {opened.trouble}"
        raise DocumentProblem(RejectReason.DAMAGED, detail[:300])
    if rescue is Rescue.FILE and not opened.shown and opened.pages == len(opened.wanted):
        detail = "it does not open, and once rewritten nothing stands on its pages"
        raise DocumentProblem(RejectReason.DAMAGED, detail)
    if count > max_pages:
        detail = f"{count} pages, limit {max_pages}: the first {len(opened.wanted)} were read"
        yield Reject(source_id, f"{source_id}:file", RejectReason.TOO_MANY_PAGES, detail)
    if opened.document.is_repaired or rescue:
        detail = f"{count} pages were found; the file may be cut short"
        yield Reject(source_id, f"{source_id}:file", RejectReason.REPAIRED, detail)


def _loads(document: Any, number: int) -> bool:
    try:
        return bool(document[number - 1].rect)
    except MUPDF_ERRORS:
        return False


def _read_page(
    source_id: str, number: int, opened: _Opened, settings: ExtractSettings
) -> Iterator[Record]:
    reason, detail = RejectReason.PAGE_DAMAGED, ""
    lines: list[EmbeddedLine] = []
    graphics: list[Graphic] = []
    readable = False
    try:
        page = opened.document[number - 1]
        reason, detail = _excess(page, opened.budget, settings)
        if not detail:
            display_list = page.get_displaylist(annots=0)
            lines = page_lines(source_id, number, display_list)
            readable = True
            reading = (display_list, opened.images, settings.max_page_paths)
            graphics = page_graphics(source_id, number, page, reading)
    except MUPDF_ERRORS as error:
        # Every fault of a page is one of these; the rest of the book goes on.
        reason, detail = RejectReason.PAGE_DAMAGED, f"{type(error).__name__}: {error}"[:300]
    if detail:
        opened.trouble = opened.trouble or detail
        yield Reject(source_id, f"{source_id}:p{number}", reason, detail)
    if not readable:
        yield from _bare_page(source_id, number, opened)
        return
    opened.pages += 1
    opened.shown += len(lines) + len(graphics)
    yield _page_row(source_id, number, page, (lines, graphics))
    yield from lines
    yield from graphics


def _excess(page: Any, budget: PageBudget, settings: ExtractSettings) -> tuple[RejectReason, str]:
    """Return why a page is not to be interpreted; the text is '' when it may be."""
    box = page.rect
    if max(box.width, box.height) > settings.max_page_side_pt or box.is_empty:
        return RejectReason.PAGE_TOO_LARGE, f"{box.width:.0f} x {box.height:.0f} pt"
    return RejectReason.PAGE_TOO_COMPLEX, budget.excess(page)


def _bare_page(source_id: str, number: int, opened: _Opened) -> Iterator[EmbeddedPage]:
    """Yield the row of a page that is there but whose content cannot be read."""
    try:
        page = opened.document[number - 1]
        width, height, rotation = page.rect.width, page.rect.height, int(page.rotation)
    except MUPDF_ERRORS:
        return
    opened.pages += 1
    size = (round(width, 2), round(height, 2))
    yield EmbeddedPage(source_id, number, *size, rotation, UNREADABLE, 0.0)


def _page_row(
    source_id: str,
    number: int,
    page: Any,
    content: tuple[Sequence[EmbeddedLine], Sequence[Graphic]],
) -> EmbeddedPage:
    lines, graphics = content
    page_area = max(1.0, page.rect.width * page.rect.height)
    rasters = [area(g.bbox) for g in graphics if g.kind == "raster"]
    cover = round(min(1.0, max(rasters, default=0.0) / page_area), 4)
    return EmbeddedPage(
        source_id=source_id,
        page=number,
        width_pt=round(page.rect.width, 2),
        height_pt=round(page.rect.height, 2),
        rotation=int(page.rotation),
        text_problem=text_problem(lines, cover),
        raster_cover=cover,
    )
