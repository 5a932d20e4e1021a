"""A small library of pairs, votes and labels for the review tests."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from mmskin_build.images import ImageStore
from mmskin_build.records import ModalityLabel, ModalityVote, Pair, Source
from mmskin_build.review.kinds import ANNOTATED
from mmskin_build.review.queue_csv import Entry, write_entries, write_queue
from mmskin_build.tables import write_rows

BOX = (0.0, 0.0, 10.0, 10.0)
SOURCE = Source("book", "book.pdf", "0" * 64, title="A Textbook")


def picture(shade: int) -> bytes:
    done, data = cv2.imencode(".png", np.full((40, 60, 3), shade, np.uint8))
    assert done
    return bytes(data.tobytes())


def pair(pair_id: str, digest: str, caption: str = "A plaque.") -> Pair:
    return Pair(
        source_id="book",
        pair_id=pair_id,
        figure_id=pair_id,
        panel="",
        page=3,
        bbox=BOX,
        label="1.2",
        caption=caption,
        panel_caption="",
        caption_page=3,
        caption_bbox=None,
        panel_bbox=BOX,
        image_digest=digest,
        width_px=60,
        height_px=40,
        compound=False,
        score=1.0,
        evidence=(),
    )


def label(pair_id: str, probability: float = 0.6, reason: str = "low margin") -> ModalityLabel:
    return ModalityLabel(
        source_id="book",
        pair_id=pair_id,
        label="clinical",
        decided_by="image",
        probability=probability,
        second_label="dermoscopy",
        second_probability=round(1 - probability, 4),
        needs_review=bool(reason),
        review_reason=reason,
        excluded=False,
    )


def vote(pair_id: str) -> ModalityVote:
    return ModalityVote("book", pair_id, "image", "clinical", 0.6, 0.4, 0.0, 0.0, "")


class Library:
    """A build folder with ``count`` pairs p0, p1, … that all need review."""

    def __init__(self, folder: Path, count: int = 3) -> None:
        self.build = folder / "build"
        store = ImageStore(self.build / "images")
        self.pairs = [pair(f"p{i}", store.put(picture(6 * i), ".png")) for i in range(count)]
        self.labels = [label(p.pair_id, 0.6 + 0.1 * i) for i, p in enumerate(self.pairs)]
        (self.build / "tables").mkdir(parents=True)
        write_rows(self.build / "tables" / "pairs.parquet", Pair, self.pairs)

    @property
    def digests(self) -> dict[str, str]:
        return {p.pair_id: p.image_digest for p in self.pairs}

    def queue(self) -> Path:
        votes = [vote(p.pair_id) for p in self.pairs]
        return write_queue(self.build, self.pairs, votes, self.labels, [SOURCE])

    def findings(self) -> None:
        """Write annotated.csv with the first three pairs, as filter would have them."""
        entries = [
            Entry(p, "drop", "0.9", "", "", "annotated: arrow", "held back") for p in self.pairs
        ]
        write_entries(self.build, ANNOTATED, entries[:3], [SOURCE], {})

    def vote(self) -> None:
        """Write the votes with sketches: the further apart two numbers, the less alike."""
        rows = [
            replace(vote(p.pair_id), sketch=base64.b64encode(bytes([i] * 128)).decode())
            for i, p in enumerate(self.pairs)
        ]
        write_rows(self.build / "tables" / "modality_votes.parquet", ModalityVote, rows)
        write_rows(self.build / "tables" / "modality_labels.parquet", ModalityLabel, self.labels)

    def caption(self, pair_id: str, text: str) -> None:
        self.pairs = [replace(p, caption=text) if p.pair_id == pair_id else p for p in self.pairs]
