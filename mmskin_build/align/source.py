"""Align one source: two passes over its pages, memory flat over its length."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.align.layout import PageContent, stream_pages
from mmskin_build.align.pairing import learn_style, pair_pages
from mmskin_build.align.rows import rows_of
from mmskin_build.align.settings import AlignSettings
from mmskin_build.records import Record, Reject
from mmskin_build.stage import StageContext


def align_source(ctx: StageContext, settings: AlignSettings) -> Iterator[Record]:
    """Yield the pairs and rejects of the source at hand."""
    source = ctx.sources[0]
    book = learn_style(stream_pages(ctx))
    for result in pair_pages(_announced(ctx), book):
        for row in rows_of(source.source_id, result, book, settings):
            if isinstance(row, Reject):
                yield row
                continue
            pair, _ = row
            yield pair


def _announced(ctx: StageContext) -> Iterator[PageContent]:
    for content in stream_pages(ctx):
        if ctx.enter_page(content.number):
            yield content
