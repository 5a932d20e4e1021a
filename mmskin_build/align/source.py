"""Align one source: three passes over its pages, memory flat over its length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mmskin_build.align.book_pages import BookPages
from mmskin_build.align.layout import PageContent
from mmskin_build.align.legends import with_legends
from mmskin_build.align.pairing import learn_sides, learn_style, pair_pages
from mmskin_build.align.pictures import PictureError, PictureWriter
from mmskin_build.align.profile import load_profile
from mmskin_build.align.rows import PlannedRow, rows_of
from mmskin_build.align.settings import AlignSettings
from mmskin_build.pdf.opening import DocumentProblem
from mmskin_build.records import Pair, Record, Reject
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.stage import StageContext


def align_source(ctx: StageContext, settings: AlignSettings) -> Iterator[Record]:
    """Yield the pairs and rejects of the source at hand."""
    source = ctx.sources[0]
    pages = BookPages(ctx)
    book = learn_style(pages, load_profile(source.profile))
    learn_sides(pages, book)
    with PictureWriter(source.path, ctx.images, settings) as writer:
        for result in with_legends(pair_pages(_announced(ctx, pages), book)):
            for row in rows_of(source.source_id, result, book, settings):
                if isinstance(row, Reject) or not settings.write_images:
                    yield row if isinstance(row, Reject) else row.pair
                else:
                    yield _with_picture(row, result.content, writer)


def _with_picture(row: PlannedRow, content: PageContent, writer: PictureWriter) -> Pair | Reject:
    pair = row.pair
    try:
        picture = writer.store(row.wanted, content)
    except (PictureError, DocumentProblem) as problem:
        record = f"{pair.source_id}:p{pair.page}:{pair.pair_id}"
        return Reject(pair.source_id, record, RejectReason.IMAGE_UNREADABLE, str(problem))
    return replace(
        pair,
        image_digest=picture.digest,
        width_px=picture.width_px,
        height_px=picture.height_px,
        evidence=(*pair.evidence, f"picture: {picture.how}"),
    )


def _announced(ctx: StageContext, pages: Iterable[PageContent]) -> Iterator[PageContent]:
    for content in pages:
        if ctx.enter_page(content.number):
            yield content
