"""The modality stage: what picture and caption each say about the kind of picture."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.records import ModalityVote, Pair, Record
from mmskin_build.stage import Scope, Stage, StageContext


def run(ctx: StageContext, settings: None) -> Iterator[Record]:
    """Yield one row per voter and pair."""
    from mmskin_build.modality.source import votes_of_source

    yield from votes_of_source(ctx)


STAGE = Stage(
    name="modality",
    run=run,
    needs=(Pair,),
    makes=(ModalityVote,),
    scope=Scope.PAGES,
    help="let picture and caption vote: clinical, dermoscopy, pathology or other",
)
