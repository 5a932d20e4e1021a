"""Pictures of the library that measure alike, to show beside the one being reviewed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from mmskin_build.modality.sketch import PLACES, read_sketch
from mmskin_build.records import ModalityLabel, ModalityVote, Pair, Record
from mmskin_build.review.thumbnails import is_digest

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Known:
    """What the tables say of one pair."""

    pair_id: str
    image_digest: str
    caption: str
    source_id: str
    page: int
    label: str  # the modality the build goes by; '' when there is none
    decided_by: str


class LookAlikes:
    """The pairs of a build with the sketches of their votes; read again when a build changes them.

    A search compares one sketch with all others: 20 000 of them take milliseconds, so nothing is
    computed ahead.
    """

    def __init__(self, build_dir: Path) -> None:
        """Read nothing yet."""
        self._tables = build_dir / "tables"
        self._lock = threading.Lock()
        self._stamp: tuple[int, ...] = ()
        self._known: dict[str, Known] = {}
        self._ids: list[str] = []
        self._places = np.zeros((0, PLACES), np.float32)
        self._row: dict[str, int] = {}

    def known(self, pair_id: str) -> Known | None:
        """Return what the build knows of a pair, or None."""
        with self._lock:
            self._refresh()
            return self._known.get(pair_id)

    def of(self, pair_id: str, count: int = SHOWN) -> list[Known]:
        """Return the pairs whose pictures measure most alike, nearest first, each picture once."""
        with self._lock:
            self._refresh()
            row = self._row.get(pair_id)
            if row is None:
                return []
            away = ((self._places - self._places[row]) ** 2).sum(axis=1)
            seen = {self._known[pair_id].image_digest}
            found: list[Known] = []
            for index in np.argsort(away, kind="stable"):
                other = self._known[self._ids[index]]
                if other.image_digest not in seen:
                    seen.add(other.image_digest)
                    found.append(other)
                if len(found) == count:
                    break
            return found

    def _refresh(self) -> None:
        stamp = tuple(
            _changed(self._tables / f"{record.table}.parquet")
            for record in (Pair, ModalityVote, ModalityLabel)
        )
        if stamp == self._stamp:
            return
        labels = {
            r["pair_id"]: r for r in self._read(ModalityLabel, ["pair_id", "label", "decided_by"])
        }
        columns = ["pair_id", "image_digest", "caption", "panel_caption", "source_id", "page"]
        self._known = {}
        for row in self._read(Pair, columns):
            said = labels.get(row["pair_id"], {})
            self._known[row["pair_id"]] = Known(
                row["pair_id"],
                row["image_digest"] if is_digest(row["image_digest"]) else "",
                row["panel_caption"] or row["caption"],
                row["source_id"],
                row["page"],
                said.get("label", ""),
                said.get("decided_by", ""),
            )
        self._index()
        self._stamp = stamp

    def _index(self) -> None:
        drawn = [
            (r["pair_id"], read_sketch(r["sketch"])[:PLACES])
            for r in self._read(ModalityVote, ["pair_id", "voter", "sketch"])
            if r["voter"] == "image" and r["sketch"] and r["pair_id"] in self._known
        ]
        self._ids = [pair_id for pair_id, _ in drawn]
        self._row = {pair_id: number for number, pair_id in enumerate(self._ids)}
        places = [place for _, place in drawn]
        self._places = np.asarray(places, np.float32).reshape(len(places), PLACES)

    def _read(self, record: type[Record], columns: list[str]) -> list[dict[str, Any]]:
        path = self._tables / f"{record.table}.parquet"
        try:
            return list(pq.read_table(path, columns=columns).to_pylist())
        except (OSError, KeyError, ValueError):  # a build is writing it, or it is an older one
            return []


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
