"""The recall stage of a rebuild: decisions from a release in place of label, filter and split."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.export.decisions import FILE_NAME
from mmskin_build.ocr.language_data import data_for_writing
from mmskin_build.records import (
    ImageCheck,
    MaskedImage,
    ModalityLabel,
    Pair,
    Record,
    SplitRow,
    Verdict,
)
from mmskin_build.stage import Program, Scope, Stage, StageContext


def run(ctx: StageContext, settings: None) -> Iterator[Record]:
    """Yield the release's copies, label, verdict and split of every pair."""
    from mmskin_build.rebuild.recall import recall

    yield from recall(ctx)


STAGE = Stage(
    name="recall",
    run=run,
    needs=(Pair,),
    makes=(ImageCheck, MaskedImage, ModalityLabel, Verdict, SplitRow),
    scope=Scope.LIBRARY,
    manifests=(FILE_NAME,),
    programs=(Program("tesseract", data_for_writing),),
    help="take modality, verdicts and splits from the release that is rebuilt",
)
