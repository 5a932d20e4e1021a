"""The screen stage: what needs a picture's pixels, once per picture."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.ocr.language_data import data_for_writing
from mmskin_build.records import ImageCheck, Pair, Record
from mmskin_build.stage import Program, Scope, Stage, StageContext


def run(ctx: StageContext, settings: None) -> Iterator[Record]:
    """Yield one ImageCheck per pair: marks, faces and the fingerprints of copies."""
    from mmskin_build.screening.source import check_source

    yield from check_source(ctx)


STAGE = Stage(
    name="screen",
    run=run,
    needs=(Pair,),
    makes=(ImageCheck,),
    scope=Scope.PAGES,
    programs=(Program("tesseract", data_for_writing),),
    help="score pictures for drawn marks and faces, and fingerprint them",
)
