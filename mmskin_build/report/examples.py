"""Pairs to look at: some of every modality, spread over the books, with their questions."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pandas as pd

from mmskin_build.images import ImageStore
from mmskin_build.report.facts import MODALITIES, Facts
from mmskin_build.report.tables import BuildTables

PER_MODALITY = 4
THUMBNAIL_PX = 300


@dataclass(frozen=True, slots=True)
class Example:
    """One kept pair as the report shows it."""

    pair_id: str
    modality: str
    where: str
    caption: str
    thumbnail: str
    questions: tuple[tuple[str, str], ...]
    split: str


def choose_examples(facts: Facts, tables: BuildTables) -> list[Example]:
    """Return examples of every modality; the choice depends on ids only."""
    qa = tables.frame("qa", ("pair_id", "question", "answer"))
    chosen = []
    for modality in MODALITIES:
        mine = facts.kept[facts.kept["modality"] == modality]
        for row in _spread(mine):
            chosen.append(_example(row, qa, tables.images))
    return [e for e in chosen if e.thumbnail]


def _spread(pairs: pd.DataFrame) -> list[pd.Series[Any]]:
    """Take pairs from every book in turn, within a book by a hash of their ids."""
    books = pairs["source_id"].astype(str)
    hashes = map(_shuffled, pairs["pair_id"].astype(str))
    turns, taken = [], Counter[str]()
    for book, _, place in sorted(zip(books, hashes, range(len(pairs)), strict=True)):
        turns.append((taken[book], book, place))
        taken[book] += 1
    return [pairs.iloc[place] for _, _, place in sorted(turns)[:PER_MODALITY]]


def _shuffled(pair_id: str) -> str:
    return hashlib.sha256(pair_id.encode("utf-8", "surrogatepass")).hexdigest()


def _example(row: pd.Series[Any], qa: pd.DataFrame, images: ImageStore) -> Example:
    mine = qa[qa["pair_id"] == row["pair_id"]].head(2)
    text = row["text"] if isinstance(row["text"], str) else row["panel_caption"]
    label = f" · {row['label']}" if row["label"] else ""
    panel = f" ({row['panel']})" if row["panel"] else ""
    return Example(
        pair_id=str(row["pair_id"]),
        modality=str(row["modality"]),
        where=f"{row['source_id']} · p. {row['page']}{label}{panel}",
        caption=str(text or ""),
        thumbnail=thumbnail(images, str(row["image_digest"]), THUMBNAIL_PX),
        questions=tuple(zip(mine["question"].astype(str), mine["answer"].astype(str), strict=True)),
        split=row["split"] if isinstance(row["split"], str) else "",
    )


def thumbnail(images: ImageStore, digest: str, largest_px: int) -> str:
    """Return a stored picture as a small JPEG data URI, '' when it cannot be read."""
    try:
        data = np.frombuffer(images.read(digest), np.uint8)
    except OSError:
        return ""
    pixels = cv2.imdecode(data, cv2.IMREAD_COLOR)
    if pixels is None:
        return ""
    scale = min(1.0, largest_px / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])
    text = base64.b64encode(encoded.tobytes()).decode("ascii") if done else ""
    return f"data:image/jpeg;base64,{text}" if text else ""
