"""The vqa stage: questions and answers that need the picture, grounded in its caption.

Scope LIBRARY: no question and answer may occur twice in the whole release, and yes and no
balance over all of it; a book alone cannot see that. One pass takes a minute for 10,000 pairs.
What a language model wrote comes in as a file below ``manifests/vqa-replies/`` (``vqa-ask``): the
stage itself calls nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.records import (
    CaptionText,
    Demographics,
    ImageCheck,
    ModalityLabel,
    Pair,
    Qa,
    Record,
    Verdict,
)
from mmskin_build.stage import Scope, Stage, StageContext
from mmskin_build.vqa.settings import VqaSettings


def run(ctx: StageContext, settings: VqaSettings) -> Iterator[Record]:
    """Yield Qa rows for kept pairs, and rejects for questions the gate refused."""
    from mmskin_build.vqa.generate import generate

    yield from generate(ctx, settings)


STAGE = Stage(
    name="vqa",
    run=run,
    needs=(Pair, CaptionText, ModalityLabel, Demographics, ImageCheck, Verdict),
    makes=(Qa,),
    section="vqa",
    scope=Scope.LIBRARY,
    manifests=("vqa-replies/*.jsonl",),
    help="ask grounded questions about each kept picture",
)
