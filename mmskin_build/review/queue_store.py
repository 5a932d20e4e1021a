"""The queue file as the review page works on it: the CSV on disk stays the truth."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.errors import ReviewError
from mmskin_build.review.kinds import MODALITY, Kind
from mmskin_build.review.lock import queue_lock
from mmskin_build.review.queue_csv import COLUMNS, FOLDER
from mmskin_build.review.spreadsheet import harmless, read_table, write_atomically

BOM = b"\xef\xbb\xbf"
_SPECIAL = re.compile(r'[",\r\n]')


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows to show; '' means any. ``state`` is '', 'open' or 'done'."""

    source: str = ""
    reason: str = ""
    label: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """What can be filtered by, with counts, and how far the reviewer is."""

    sources: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, int], ...]
    labels: tuple[tuple[str, int], ...]
    done: int
    total: int


class QueueStore:
    """Rows of ``build/review/<kind>.csv``; a spreadsheet may edit the file in between.

    Every decision is on disk, whole, when ``decide`` returns.
    """

    def __init__(self, build_dir: Path, kind: Kind = MODALITY) -> None:
        """Open a queue of a build; raises ReviewError when there is none."""
        self.kind = kind
        self.folder = build_dir / FOLDER
        self.path = self.folder / kind.file
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._columns: tuple[str, ...] = COLUMNS
        self._rows: list[dict[str, str]] = []
        self._lines: list[bytes] = []  # each row as it stands in the file
        self._place: dict[str, int] = {}
        self._refresh()

    def select(self, wanted: Filter) -> list[dict[str, str]]:
        """Return the rows that pass a filter, in the order of the file."""
        with self._lock:
            self._refresh()
            return [dict(row) for row in self._rows if _passes(row, wanted)]

    def page(self, wanted: Filter, offset: int, limit: int) -> tuple[int, list[dict[str, str]]]:
        """Return how many rows pass a filter, and ``limit`` of them from ``offset`` on."""
        with self._lock:
            self._refresh()
            found = [row for row in self._rows if _passes(row, wanted)]
            return len(found), [dict(row) for row in found[offset : offset + limit]]

    def progress(self) -> tuple[int, int]:
        """Return how many rows have a label, and how many rows there are."""
        with self._lock:
            self._refresh()
            return sum(bool(r["label"]) for r in self._rows), len(self._rows)

    def row(self, pair_id: str) -> dict[str, str] | None:
        """Return one row, or None."""
        with self._lock:
            self._refresh()
            place = self._place.get(pair_id)
            return None if place is None else dict(self._rows[place])

    def facets(self) -> Facets:
        """Return what there is to filter by."""
        with self._lock:
            self._refresh()
            rows = self._rows
            return Facets(
                _counts(r["source"] for r in rows),
                _counts(_reason(r) for r in rows),
                _counts(r["suggested"] for r in rows),
                sum(bool(r["label"]) for r in rows),
                len(rows),
            )

    def decide(self, labels: Mapping[str, str], reviewer: str, note: str | None = None) -> None:
        """Write labels ('' to undo) for pairs; raises ReviewError and writes nothing if one is bad.

        A label another person typed and has not applied is never overwritten.
        """
        with self._lock, queue_lock(self.folder):
            self._refresh()
            for pair_id, label in labels.items():
                self._check(pair_id, label, reviewer)
            for pair_id, label in labels.items():
                row = self._rows[self._place[pair_id]]
                row["label"] = label
                row["reviewer"] = reviewer if label else ""
                if note is not None:
                    row["note"] = note
                self._lines[self._place[pair_id]] = self._line(row)
            self._save()

    def _check(self, pair_id: str, label: str, reviewer: str) -> None:
        if label and label not in self.kind.labels:
            raise ReviewError(f"label {label!r} is not one of {', '.join(self.kind.labels)}")
        if pair_id not in self._place:
            raise ReviewError(f"pair {pair_id!r} is not in {self.path}")
        row = self._rows[self._place[pair_id]]
        owner = row["reviewer"]
        if row["label"] and owner and owner.casefold() != reviewer.casefold():
            raise ReviewError(
                f"{owner} labelled {pair_id!r} {row['label']}; apply that first, then give yours"
            )

    def _refresh(self) -> None:
        stamp = _stamp(self.path)
        if stamp is None:
            raise ReviewError(f"{self.path} is missing: run `python -m stages build` first")
        if stamp == self._stamp:
            return
        table = read_table(self.path, needed=("pair_id",))
        self._columns = (*table.columns, *(c for c in COLUMNS if c not in table.columns))
        self._rows = [{c: row.cells.get(c, "") for c in self._columns} for row in table.rows]
        self._lines = [self._line(row) for row in self._rows]
        self._place = {row["pair_id"]: number for number, row in enumerate(self._rows)}
        self._stamp = stamp

    def _line(self, row: Mapping[str, str]) -> bytes:
        return _encoded([row[c] for c in self._columns])

    def _save(self) -> None:
        write_atomically(self.path, b"".join((BOM, _encoded(self._columns), *self._lines)))
        self._stamp = _stamp(self.path)


def _encoded(cells: Sequence[str]) -> bytes:
    """Return one line of the file, no cell of it a formula."""
    return (",".join(_quoted(harmless(cell)) for cell in cells) + "\r\n").encode("utf-8", "replace")


def _quoted(cell: str) -> str:
    if _SPECIAL.search(cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return (state.st_mtime_ns, state.st_size, state.st_ino)


def _reason(row: Mapping[str, str]) -> str:
    return row["reason_for_review"].split(" (")[0]


def _passes(row: Mapping[str, str], wanted: Filter) -> bool:
    return (
        wanted.source in ("", row["source"])
        and wanted.reason in ("", _reason(row))
        and wanted.label in ("", row["suggested"])
        and wanted.state in ("", "done" if row["label"] else "open")
    )


def _counts(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items()))
