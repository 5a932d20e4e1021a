"""Merge parts into ``tables/`` and ``rejects/``, only what changed, each by write-then-rename."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mmskin_build.records import Record, Reject, Source
from mmskin_build.runner.layout import LIBRARY, Layout
from mmskin_build.runner.plan import Plan, Receipts
from mmskin_build.runner.ranges import REJECTS
from mmskin_build.runner.receipts import digest_of, digest_of_file
from mmskin_build.sealed_json import read_sealed, write_sealed
from mmskin_build.stage import Scope, Stage
from mmskin_build.tables import concatenate, read_rows, write_rows

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
    for stage in plan.stages[: plan.last + 1]:
        for record in stage.makes:
            keys = _keys(stage, alive_keys, receipts)
            ledger.merge(plan.layout.tables / f"{record.table}.parquet", record, stage, keys)
        keys = _keys(stage, all_keys, receipts)
        ledger.merge(plan.layout.rejects / f"{stage.name}.parquet", Reject, stage, keys)
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


def _keys(stage: Stage, keys: list[str], receipts: Receipts) -> dict[str, str]:
    """Return {part key: digest of its files} of the parts a stage has."""
    wanted = [LIBRARY] if stage.scope is Scope.LIBRARY else keys
    found = {k: receipts.get((stage.name, k)) for k in wanted}
    return {k: digest_of(sorted(r.files.items())) for k, r in found.items() if r is not None}


class _Ledger:
    """Remembers from which parts each merged file was made."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._path = layout.tables / LEDGER
        self._known: dict[str, list[str]] = read_sealed(self._path) or {}
        self.changed = False

    def merge(self, target: Path, record: type[Record], stage: Stage, keys: dict[str, str]) -> None:
        name = str(target.relative_to(self._layout.root))
        made_from = digest_of(sorted(keys.items()))
        known = self._known.get(name, ["", ""])
        if known[0] == made_from and target.is_file() and digest_of_file(target) == known[1]:
            return
        file = REJECTS if record is Reject else f"{record.table}.parquet"
        parts = [self._layout.part(stage.name, key) / file for key in keys]
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        concatenate(parts, record, part)
        part.replace(target)
        self._known[name] = [made_from, digest_of_file(target)]
        self.changed = True

    def forget(self, target: Path) -> None:
        """Remove a merged file that no longer follows from the tables before it."""
        target.unlink(missing_ok=True)
        self._known.pop(str(target.relative_to(self._layout.root)), None)

    def save(self) -> None:
        write_sealed(self._path, self._known)
