"""The align stage: figures, their panels and their captions, with pictures and scores."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.align.settings import AlignSettings
from mmskin_build.records import Graphic, Page, Pair, Record, ScanRegion, TextLine
from mmskin_build.stage import Scope, Stage, StageContext


def run(ctx: StageContext, settings: AlignSettings) -> Iterator[Record]:
    """Yield Pair rows of the source, and rejects for what could not be paired."""
    from mmskin_build.align.source import align_source

    yield from align_source(ctx, settings)


STAGE = Stage(
    name="align",
    run=run,
    needs=(Page, TextLine, Graphic, ScanRegion),
    makes=(Pair,),
    section="align",
    scope=Scope.SOURCE,
    help="pair figures and their panels with captions; store the pictures",
)
