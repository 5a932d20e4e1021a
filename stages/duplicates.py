"""The duplicates stage: which pictures are copies, crops or rescans of one another.

Apart from filter, so that a corrected label does not start the search over all pictures again.
"""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.duplicates.settings import DuplicateSettings
from mmskin_build.records import DuplicateGroup, ImageCheck, Pair, Record
from mmskin_build.stage import Scope, Stage, StageContext


def run(ctx: StageContext, settings: DuplicateSettings) -> Iterator[Record]:
    """Yield one DuplicateGroup per pair whose picture another pair shows too."""
    from mmskin_build.duplicates.library import groups_of_library

    yield from groups_of_library(ctx, settings)


STAGE = Stage(
    name="duplicates",
    run=run,
    needs=(Pair, ImageCheck),
    makes=(DuplicateGroup,),
    section="duplicates",
    scope=Scope.LIBRARY,
    help="find copies, crops and rescans of one photograph over all books",
)
