"""Read a document page by page into records; memory does not grow with its length."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from mmskin_build.geometry import area
from mmskin_build.pdf.graphics import page_graphics
from mmskin_build.pdf.opening import MUPDF_ERRORS, DocumentProblem, open_document
from mmskin_build.pdf.placed_images import PageImages
from mmskin_build.pdf.settings import ExtractSettings
from mmskin_build.pdf.text import page_lines
from mmskin_build.records import EmbeddedLine, EmbeddedPage, Graphic, Record, Reject
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.stage import StageContext

log = logging.getLogger(__name__)
STORE_SHRINK_PAGES = 25  # MuPDF's resource cache is emptied this often


def read_source(ctx: StageContext, settings: ExtractSettings) -> Iterator[Record]:
    """Yield the pages, lines and graphics of a document, or one reject that says why not."""
    import pymupdf

    source = ctx.sources[0]
    try:
        with open_document(source.path, settings.passwords, settings.max_pages) as document:
            images = PageImages(document)
            for number in ctx.pages(document.page_count):
                if ctx.enter_page(number):
                    yield from _read_page(source.source_id, number, (document, images), settings)
                if number % STORE_SHRINK_PAGES == 0:
                    pymupdf.TOOLS.store_shrink(100)
            if document.is_repaired:
                detail = f"{document.page_count} pages could be read; the file may be cut short"
                name = f"{source.source_id}:file"
                yield Reject(source.source_id, name, RejectReason.REPAIRED, detail)
    except DocumentProblem as problem:
        yield Reject(source.source_id, source.source_id, problem.reason, problem.detail)


def _read_page(
    source_id: str, number: int, opened: tuple[Any, PageImages], settings: ExtractSettings
) -> Iterator[Record]:
    document, images = opened
    try:
        page = document[number - 1]
        box = page.rect
        if max(box.width, box.height) > settings.max_page_side_pt or box.is_empty:
            detail = f"{box.width:.0f} x {box.height:.0f} pt"
            yield Reject(source_id, f"{source_id}:p{number}", RejectReason.PAGE_TOO_LARGE, detail)
            return
        display_list = page.get_displaylist(annots=0)
        lines = page_lines(source_id, number, display_list)
        reading = (display_list, images, settings.max_page_paths)
        graphics = page_graphics(source_id, number, page, reading)
    except MUPDF_ERRORS as error:
        # Every fault of a page is one of these; the rest of the book goes on.
        detail = f"{type(error).__name__}: {error}"[:300]
        yield Reject(source_id, f"{source_id}:p{number}", RejectReason.PAGE_DAMAGED, detail)
        return
    yield _page_row(source_id, number, page, (lines, graphics))
    yield from lines
    yield from graphics


def _page_row(
    source_id: str,
    number: int,
    page: Any,
    content: tuple[Sequence[EmbeddedLine], Sequence[Graphic]],
) -> EmbeddedPage:
    from mmskin_build.ocr.text_quality import text_problem

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
