"""The split stage: train, validation and test by group, without a leak."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.records import (
    CaptionText,
    DuplicateGroup,
    ModalityLabel,
    Pair,
    Record,
    SplitRow,
    Verdict,
)
from mmskin_build.splits.settings import SplitSettings
from mmskin_build.stage import Scope, Stage, StageContext


def run(ctx: StageContext, settings: SplitSettings) -> Iterator[Record]:
    """Yield one SplitRow per kept pair, and a Reject row per pair withheld to avoid a leak."""
    from mmskin_build.splits.library import split_library

    yield from split_library(ctx, settings)


STAGE = Stage(
    name="split",
    run=run,
    needs=(Pair, Verdict, DuplicateGroup, ModalityLabel, CaptionText),
    makes=(SplitRow,),
    section="split",
    scope=Scope.LIBRARY,
    manifests=("split-lock.csv",),
    help="put every group of related pairs into train, validation or test",
)
