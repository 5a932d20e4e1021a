"""Stage demographics: clean captions; age and sex of the depicted patient."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.demographics.settings import DemographicsSettings
from mmskin_build.records import CaptionText, Demographics, Page, Pair, Record, TextLine
from mmskin_build.stage import Stage, StageContext


def run(ctx: StageContext, settings: DemographicsSettings) -> Iterator[Record]:
    """Clean each pair's caption and read from it whom it shows."""
    from mmskin_build.demographics.book import read_book

    yield from read_book(ctx.rows(Pair), lambda: ctx.rows(TextLine), ctx.rows(Page), settings)


STAGE = Stage(
    name="demographics",
    run=run,
    needs=(Pair, TextLine, Page),
    makes=(CaptionText, Demographics),
    section="demographics",
    help="clean captions; read age and sex of the depicted patient",
)
