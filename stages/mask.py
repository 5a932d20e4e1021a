"""The mask stage: copies of pictures without the marks drawn on them."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.ocr.language_data import data_for_writing
from mmskin_build.records import ImageCheck, MaskedImage, Pair, Record, WantedEdit
from mmskin_build.stage import Program, Scope, Stage, StageContext


def run(ctx: StageContext, settings: None) -> Iterator[Record]:
    """Yield one MaskedImage per pair of which a copy is wanted."""
    from mmskin_build.screening.copies import copies_of_source

    yield from copies_of_source(ctx)


STAGE = Stage(
    name="mask",
    run=run,
    needs=(Pair, ImageCheck, WantedEdit),
    makes=(MaskedImage,),
    scope=Scope.SOURCE,
    programs=(Program("tesseract", data_for_writing),),
    help="paint over or cut off marks where a copy is wanted",
)
