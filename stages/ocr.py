"""The ocr stage: pages with the text they are finally read from, and pictures of scanned pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mmskin_build.ocr.language_data import data_for_books
from mmskin_build.ocr.settings import OcrSettings
from mmskin_build.records import (
    EmbeddedLine,
    EmbeddedPage,
    Graphic,
    Page,
    Record,
    ScanRegion,
    TextLine,
)
from mmskin_build.stage import Program, Scope, Stage, StageContext

if TYPE_CHECKING:
    from mmskin_build.ocr.reading import PageContent


def run(ctx: StageContext, settings: OcrSettings) -> Iterator[Record]:
    """Yield Page, TextLine and ScanRegion rows of the source, page by page."""
    from mmskin_build.ocr.reading import PageReader

    reader = PageReader(ctx.sources[0], settings, ctx.enter_page)
    yield from reader.read(_contents(ctx))


def _contents(ctx: StageContext) -> Iterator[PageContent]:
    """Yield page by page what extract found; all its tables are ordered by page."""
    from mmskin_build.ocr.reading import PageContent, PageRows

    lines = PageRows(ctx.rows(EmbeddedLine))
    graphics = PageRows(ctx.rows(Graphic))
    for page in ctx.rows(EmbeddedPage):
        yield PageContent(page, lines.of(page.page), graphics.of(page.page))


STAGE = Stage(
    name="ocr",
    run=run,
    needs=(EmbeddedPage, EmbeddedLine, Graphic),
    makes=(Page, TextLine, ScanRegion),
    section="ocr",
    scope=Scope.PAGES,
    programs=(Program("tesseract", data_for_books),),
    help="read pages without a usable text layer; find the pictures of scanned pages",
)
