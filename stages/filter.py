"""The filter stage: which pairs are kept, and why others are not."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.records import (
    CaptionText,
    DuplicateGroup,
    ImageCheck,
    MaskedImage,
    ModalityLabel,
    Pair,
    Record,
    Verdict,
)
from mmskin_build.review.kinds import ANNOTATED, SENSITIVE
from mmskin_build.screening.settings import ScreeningSettings
from mmskin_build.stage import Scope, Stage, StageContext


def run(ctx: StageContext, settings: ScreeningSettings) -> Iterator[Record]:
    """Yield one Verdict per pair, and a Reject row per dropped pair."""
    from mmskin_build.screening.library import filter_library

    yield from filter_library(ctx, settings)


STAGE = Stage(
    name="filter",
    run=run,
    needs=(Pair, ModalityLabel, ImageCheck, DuplicateGroup, MaskedImage, CaptionText),
    makes=(Verdict,),
    section="filter",
    scope=Scope.LIBRARY,
    manifests=(ANNOTATED.pattern, SENSITIVE.pattern),
    help="keep or drop every pair, with all reasons",
)
