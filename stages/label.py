"""The label stage: votes fused into one modality per pair, people's decisions on top."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.modality.settings import ModalitySettings
from mmskin_build.records import ModalityLabel, ModalityVote, Pair, Record
from mmskin_build.review.kinds import MODALITY
from mmskin_build.stage import Scope, Stage, StageContext


def run(ctx: StageContext, settings: ModalitySettings) -> Iterator[Record]:
    """Yield one label per pair, with the reason when a person should look."""
    from mmskin_build.modality.library import labels_of_library

    yield from labels_of_library(ctx, settings)


STAGE = Stage(
    name="label",
    run=run,
    needs=(Pair, ModalityVote),
    makes=(ModalityLabel,),
    section="modality",
    scope=Scope.LIBRARY,
    manifests=(MODALITY.pattern,),
    help="fuse the votes, apply review decisions, queue the doubtful",
)
