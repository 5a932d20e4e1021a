"""A small build held in memory: three books, pictures that differ, every kind of row."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any, TypeVar

import cv2
import numpy as np

from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import (
    CaptionText,
    Demographics,
    ModalityLabel,
    Pair,
    Qa,
    Record,
    Redistribute,
    Source,
    SplitRow,
    Verdict,
)

SOURCES = (
    Source(
        "open",
        "open.pdf",
        "0" * 64,
        owner_key="key 0",
        title="Open book",
        licence="CC-BY-4.0",
        redistribute=Redistribute.IMAGES,
    ),
    Source(
        "closed",
        "closed.pdf",
        "1" * 64,
        owner_key="key 1",
        title="Closed book",
        licence="LicenseRef-publisher",
        redistribute=Redistribute.NONE,
    ),
    Source(
        "words",
        "words.pdf",
        "2" * 64,
        owner_key="key 2",
        title="Words book",
        licence="LicenseRef-words",
        redistribute=Redistribute.TEXT,
    ),
)
R = TypeVar("R", bound=Record)


def made(kind: type[R], /, **values: Any) -> R:
    """Build a record; columns not given are empty, so that a new column breaks no test here."""
    empty: dict[Any, Any] = {str: "", int: 0, float: 0.0, bool: False}
    hints = typing.get_type_hints(kind)
    rest = {
        f.name: empty.get(hints[f.name], () if typing.get_origin(hints[f.name]) is tuple else None)
        for f in dataclasses.fields(kind)
        if f.name not in values
    }
    return kind(**values, **rest)


SPLITS = ("train", "validation", "test")


def picture(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), np.uint8)
    done, data = cv2.imencode(".jpg" if seed % 2 else ".png", pixels)
    assert done
    return bytes(data.tobytes())


def pair_of(source_id: str, number: int, digest: str) -> Pair:
    name = f"{source_id}:p{number + 1}:f1"
    caption = f"Secret sentence {source_id} {number} of the book."
    box = (10.0, 20.0, 110.0, 95.0)
    return made(
        Pair,
        source_id=source_id,
        pair_id=name,
        figure_id=name,
        panel="",
        page=number + 1,
        bbox=box,
        label=f"1.{number}",
        caption=caption,
        panel_caption=caption,
        caption_page=number + 1,
        caption_bbox=None,
        panel_bbox=box,
        image_digest=digest,
        width_px=32,
        height_px=24,
        compound=False,
        score=0.9,
        evidence=(),
    )


def qa_of(pair: Pair, number: int, dependency: str) -> Qa:
    return made(
        Qa,
        source_id=pair.source_id,
        pair_id=pair.pair_id,
        qa_id=f"{pair.pair_id}:q{number}",
        question=f"Which colour is shown, variant {number}?",
        answer=f"Secret {number} red",
        kind="open",
        template_id="colour",
        answer_span="0-6",
        evidence="Secret red",
        visual_dependency=dependency,
        names_diagnosis=False,
        generator="template",
    )


def fill(context: MemoryContext, per_book: int = 6) -> None:
    """Add pairs of every book; the last of each book was dropped."""
    seed = 0
    for source in context.sources:
        for number in range(per_book):
            seed += 1
            digest = context.images.put(picture(seed), ".jpg" if seed % 2 else ".png")
            pair = pair_of(source.source_id, number, digest)
            keep = number < per_book - 1
            sid, pid = pair.source_id, pair.pair_id
            context.add(
                [
                    pair,
                    made(
                        Verdict,
                        source_id=sid,
                        pair_id=pid,
                        keep=keep,
                        reason="" if keep else "face; annotated",
                    ),
                    made(
                        ModalityLabel,
                        source_id=sid,
                        pair_id=pid,
                        label="clinical",
                        decided_by="both",
                        probability=0.9,
                    ),
                    made(CaptionText, source_id=sid, pair_id=pid, text=pair.caption),
                    made(
                        Demographics,
                        source_id=sid,
                        pair_id=pid,
                        age_years_low=40.0,
                        age_years_high=40.0,
                        sex="female" if number % 2 else "",
                        age_text="40",
                    ),
                    qa_of(pair, 1, "needs_image"),
                    qa_of(pair, 2, "partly"),
                    qa_of(pair, 3, "caption_only"),
                ]
            )
            if keep:
                split = SPLITS[number % 3]
                context.add(
                    [made(SplitRow, source_id=sid, pair_id=pid, group_id=f"g-{pid}", split=split)]
                )
