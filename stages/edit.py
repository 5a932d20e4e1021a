"""The edit stage: which pictures want a copy without the marks drawn on them.

Scope LIBRARY because decisions and settings are the library's; ``mask``, which makes the copies
book by book, then runs again only for books whose rows changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.records import ImageCheck, Pair, Record, WantedEdit
from mmskin_build.review.kinds import ANNOTATED
from mmskin_build.screening.settings import ScreeningSettings
from mmskin_build.stage import Scope, Stage, StageContext


def run(ctx: StageContext, settings: ScreeningSettings) -> Iterator[Record]:
    """Yield one WantedEdit per pair whose marks the settings or a person want gone."""
    from mmskin_build.screening.treatment import wanted_edits

    yield from wanted_edits(ctx, settings)


STAGE = Stage(
    name="edit",
    run=run,
    needs=(Pair, ImageCheck),
    makes=(WantedEdit,),
    section="filter",
    scope=Scope.LIBRARY,
    manifests=(ANNOTATED.pattern,),
    help="say which pictures want a copy without marks, by the settings or a reviewer",
)
