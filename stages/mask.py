"""The mask stage: copies of pictures without the marks drawn on them."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.records import ImageCheck, MaskedImage, Pair, Record
from mmskin_build.review.kinds import ANNOTATED
from mmskin_build.screening.settings import ScreeningSettings
from mmskin_build.stage import Scope, Stage, StageContext


def run(ctx: StageContext, settings: ScreeningSettings) -> Iterator[Record]:
    """Yield one MaskedImage per pair whose marks the settings or a person want gone."""
    from mmskin_build.screening.copies import copies_of_source

    yield from copies_of_source(ctx, settings)


STAGE = Stage(
    name="mask",
    run=run,
    needs=(Pair, ImageCheck),
    makes=(MaskedImage,),
    section="filter",
    scope=Scope.SOURCE,
    manifests=(ANNOTATED.pattern,),
    programs=("tesseract",),
    help="paint over or cut off marks where the settings or a reviewer want it",
)
