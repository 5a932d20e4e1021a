"""Questions for a whole library: kept pairs in, Qa rows and rejects out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol, TypeVar

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
from mmskin_build.stage import StageContext
from mmskin_build.vqa.candidate import Picture, picture_of
from mmskin_build.vqa.compose import Composer
from mmskin_build.vqa.llm.replies import FOLDER, Reply, read_replies
from mmskin_build.vqa.llm.rows import rows_of_reply
from mmskin_build.vqa.settings import VqaSettings, Writer

R = TypeVar("R", bound=Record)


class Tables(Protocol):
    """Where rows come from."""

    def rows(self, record: type[R]) -> Iterator[R]:
        """Stream the rows of a table."""


def pictures(tables: Tables) -> Iterator[Picture]:
    """Yield every kept pair that has a caption and a modality, with its caption read."""
    keep = {v.pair_id: v for v in tables.rows(Verdict) if v.keep}
    captions = {c.pair_id: c for c in tables.rows(CaptionText) if c.pair_id in keep}
    labels = {m.pair_id: m for m in tables.rows(ModalityLabel) if m.pair_id in keep}
    people = {d.pair_id: d for d in tables.rows(Demographics) if d.pair_id in keep}
    grey = {c.pair_id for c in tables.rows(ImageCheck) if c.grey}
    for pair in tables.rows(Pair):
        caption, label = captions.get(pair.pair_id), labels.get(pair.pair_id)
        if caption is None or label is None or label.excluded or not caption.text:
            continue
        copy = keep[pair.pair_id].masked_digest  # without marks: the one that is released
        pair = replace(pair, image_digest=copy) if copy else pair
        picture = picture_of(pair, caption, label, people.get(pair.pair_id), pair.pair_id in grey)
        yield replace(picture, edited=bool(copy))


def generate(ctx: StageContext, settings: VqaSettings) -> Iterator[Record]:
    """Yield questions and answers for every kept pair that has a caption and a modality."""
    replies: dict[str, list[Reply]] = defaultdict(list)
    if settings.writer is not Writer.TEMPLATES:
        for reply in read_replies(ctx.manifest(f"{FOLDER}/*.jsonl")):
            replies[reply.pair_id].append(reply)
    composer = Composer(settings)
    for picture in pictures(ctx):
        rows: list[Record] = []
        if settings.writer is not Writer.REPLIES:
            rows += composer.rows_of(picture)
        for reply in replies[picture.pair.pair_id]:
            rows += rows_of_reply(picture, reply, composer, rows)
        yield from _one_id_each(rows)


def _one_id_each(rows: list[Record]) -> Iterator[Record]:
    """Yield the rows; the same words from two replies are one row."""
    seen: set[str] = set()
    for row in rows:
        if isinstance(row, Qa):
            if row.qa_id in seen:
                continue
            seen.add(row.qa_id)
        yield row
