"""Merge parts into ``tables/`` and ``rejects/``, only what changed, each by write-then-rename."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmskin_build.records import Record, Reject, Source
from mmskin_build.runner.layout import LIBRARY, Layout
from mmskin_build.runner.plan import Plan, Receipts
from mmskin_build.runner.ranges import REJECTS
from mmskin_build.runner.receipts import digest_of_file
from mmskin_build.sealed_json import read_sealed, write_sealed
from mmskin_build.stage import Scope, Stage
from mmskin_build.tables import Piece, concatenate, read_rows, write_rows

LEDGER = ".merged.json"
FAULTS = "build.parquet"


def merge_outputs(
    plan: Plan, receipts: Receipts, alive: Iterable[Source], faults: list[Reject]
) -> None:
    """Write every table of the stages that ran, and one reject file per stage.

    Tables hold the sources that came through; rejects hold the failed ones as well. When a table
    changed, those of stages after the last one are removed: they follow from older rows.
    """
    alive_keys = [s.source_id for s in alive]
    all_keys = [s.source_id for s in plan.sources]
    ledger = _Ledger(plan.layout)
    # The files have nothing to do with one another, and arrow lets go of the interpreter.
    with ThreadPoolExecutor(max(1, plan.workers)) as threads:
        begun = []
        for stage in plan.stages[: plan.last + 1]:
            for record in stage.makes:
                target = plan.layout.tables / f"{record.table}.parquet"
                parts = _parts(stage, record, alive_keys, receipts)
                begun.append(threads.submit(ledger.merge, target, record, stage, parts))
            target = plan.layout.rejects / f"{stage.name}.parquet"
            parts = _parts(stage, Reject, all_keys, receipts)
            begun.append(threads.submit(ledger.merge, target, Reject, stage, parts))
        for merging in begun:
            merging.result()
    if ledger.changed:
        for stage in plan.stages[plan.last + 1 :]:
            for record in stage.makes:
                ledger.forget(plan.layout.tables / f"{record.table}.parquet")
            ledger.forget(plan.layout.rejects / f"{stage.name}.parquet")
    write_faults(plan.layout, faults)
    ledger.save()


def write_faults(layout: Layout, faults: list[Reject]) -> None:
    """Write the sources that a fault took out of the build (``rejects/build.parquet``)."""
    layout.rejects.mkdir(parents=True, exist_ok=True)
    target = layout.rejects / FAULTS
    part = target.with_name(".build.parquet.part")
    write_rows(part, Reject, sorted(faults, key=lambda r: r.source_id))
    part.replace(target)


def read_faults(layout: Layout) -> list[Reject]:
    """Return the sources that a fault took out of the last finished build."""
    try:
        return list(read_rows(layout.rejects / FAULTS, Reject))
    except (OSError, ValueError):  # none yet, or damaged: the sources are simply tried again
        return []


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that goes into a merged file."""

    key: str
    digest: str  # of the part's files
    rows: int


def _parts(
    stage: Stage, record: type[Record], keys: list[str], receipts: Receipts
) -> tuple[_Part, ...]:
    """Return the parts a stage has, in the order they are merged."""
    wanted = [LIBRARY] if stage.scope is Scope.LIBRARY else keys
    found = ((k, receipts.get((stage.name, k))) for k in wanted)
    return tuple(
        _Part(key, made.digest, made.rows(record.table)) for key, made in found if made is not None
    )


class _Ledger:
    """Remembers from which parts each merged file was made: what stays is not read again."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._path = layout.tables / LEDGER
        self._known: dict[str, dict[str, Any]] = read_sealed(self._path) or {}
        self.changed = False

    def merge(
        self, target: Path, record: type[Record], stage: Stage, parts: tuple[_Part, ...]
    ) -> None:
        name = str(target.relative_to(self._layout.root))
        known = self._known.get(name)
        if not isinstance(known, dict):  # none yet, or as an older version wrote it
            known = {}
        made_from = [[p.key, p.digest, p.rows] for p in parts]
        whole = target.is_file() and digest_of_file(target) == known.get("sha256")
        if whole and known.get("parts") == made_from:
            return
        before = [_Part(*p) for p in known["parts"]] if whole else []
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(f".{target.name}.part")
        pieces = self._pieces(target, record, stage, (before, parts))
        concatenate(pieces, record, new, base=target if before else None)
        new.replace(target)
        self._known[name] = {"sha256": digest_of_file(target), "parts": made_from}
        self.changed = True

    def _pieces(
        self,
        target: Path,
        record: type[Record],
        stage: Stage,
        parts: tuple[Iterable[_Part], Iterable[_Part]],
    ) -> Iterator[Piece]:
        """Yield where the rows of each part are: in the file as it was, or in the part."""
        file = REJECTS if record is Reject else f"{record.table}.parquet"
        places, row, reached = dict[_Part, int](), 0, 0
        for part in parts[0]:
            places[part] = row
            row += part.rows
        for part in parts[1]:
            place = places.get(part, -1)
            if place >= reached:  # the file is read once, from the front
                reached = place + part.rows
                yield Piece(target, place, part.rows)
            elif part.rows:
                yield Piece(self._layout.part(stage.name, part.key) / file, 0, part.rows)

    def forget(self, target: Path) -> None:
        """Remove a merged file that no longer follows from the tables before it."""
        target.unlink(missing_ok=True)
        self._known.pop(str(target.relative_to(self._layout.root)), None)

    def save(self) -> None:
        write_sealed(self._path, self._known)
