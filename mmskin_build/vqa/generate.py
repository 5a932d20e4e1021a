"""Questions for a whole library: kept pairs in, Qa rows and rejects out."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.records import (
    CaptionText,
    Demographics,
    ImageCheck,
    ModalityLabel,
    Pair,
    Record,
    Verdict,
)
from mmskin_build.stage import StageContext
from mmskin_build.vqa.candidate import picture_of
from mmskin_build.vqa.compose import Composer
from mmskin_build.vqa.settings import VqaSettings


def generate(ctx: StageContext, settings: VqaSettings) -> Iterator[Record]:
    """Yield questions and answers for every kept pair that has a caption and a modality."""
    keep = {v.pair_id for v in ctx.rows(Verdict) if v.keep}
    captions = {c.pair_id: c for c in ctx.rows(CaptionText) if c.pair_id in keep}
    labels = {m.pair_id: m for m in ctx.rows(ModalityLabel) if m.pair_id in keep}
    people = {d.pair_id: d for d in ctx.rows(Demographics) if d.pair_id in keep}
    grey = {c.pair_id for c in ctx.rows(ImageCheck) if c.grey}
    composer = Composer(settings)
    for pair in ctx.rows(Pair):
        caption, label = captions.get(pair.pair_id), labels.get(pair.pair_id)
        if caption is None or label is None or label.excluded or not caption.text:
            continue
        picture = picture_of(pair, caption, label, people.get(pair.pair_id), pair.pair_id in grey)
        yield from composer.rows_of(picture)
