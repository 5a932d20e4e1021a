"""The export stage: the release folder, from the kept pairs of every book."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.export.settings import ExportSettings
from mmskin_build.records import (
    CaptionText,
    Demographics,
    MaskedImage,
    ModalityLabel,
    Pair,
    Qa,
    Record,
    SplitRow,
    Verdict,
)
from mmskin_build.stage import Scope, Stage, StageContext


def run(ctx: StageContext, settings: ExportSettings) -> Iterator[Record]:
    """Write the release into the output folder; the stage makes files and no rows."""
    from mmskin_build.export.release import write_release

    write_release(ctx, settings)
    yield from ()


STAGE = Stage(
    name="export",
    run=run,
    needs=(Pair, ModalityLabel, CaptionText, Demographics, MaskedImage, Verdict, Qa, SplitRow),
    makes=(),
    section="export",
    scope=Scope.LIBRARY,
    makes_folder="release",
    records_recipe=True,
    help="write the release: parquet, LLaVA JSON, evaluator files, data card, checksums",
)
