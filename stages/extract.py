"""The extract stage: pages, text lines and graphics as the PDF file gives them."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.pdf.settings import ExtractSettings
from mmskin_build.records import EmbeddedLine, EmbeddedPage, Graphic, Record
from mmskin_build.stage import Scope, Stage, StageContext


def run(ctx: StageContext, settings: ExtractSettings) -> Iterator[Record]:
    """Yield EmbeddedPage, EmbeddedLine and Graphic rows of the source, page by page."""
    from mmskin_build.pdf.reading import read_source

    yield from read_source(ctx, settings)


STAGE = Stage(
    name="extract",
    run=run,
    needs=(),
    makes=(EmbeddedPage, EmbeddedLine, Graphic),
    section="extract",
    scope=Scope.PAGES,
    help="read pages, text lines and graphics out of the PDF files",
)
