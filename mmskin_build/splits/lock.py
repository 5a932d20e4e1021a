"""``manifests/split-lock.csv``: rows of a published release that must never move."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.errors import ConfigError, LeakageError
from mmskin_build.records import Split, SplitRow

LOCK_NAME = "split-lock.csv"
COLUMNS = ("pair_id", "group_id", "split")


@dataclass(frozen=True, slots=True)
class LockRow:
    """One pair whose split is fixed."""

    pair_id: str
    group_id: str
    split: Split


def lock_rows(splits: Iterable[SplitRow], old: Iterable[LockRow] = ()) -> list[LockRow]:
    """Return the lock of a build: rows locked before stay as they are, new ones join them.

    Raises:
        LeakageError: a row of the build contradicts the old lock.
    """
    rows = {r.pair_id: r for r in old}
    for row in splits:
        now = LockRow(row.pair_id, row.group_id, Split(row.split))
        before = rows.setdefault(row.pair_id, now)
        if before.split != now.split:
            raise LeakageError(
                f"{row.pair_id} is locked in {before.split} but the build puts it in {now.split}; "
                "build again with the lock in place, or delete the row from the lock file"
            )
    return [rows[key] for key in sorted(rows)]


def write_lock(path: Path, rows: Sequence[LockRow]) -> None:
    """Write a lock file, all or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((r.pair_id, r.group_id, r.split.value) for r in rows)
    part.replace(path)


def read_lock(path: Path) -> list[LockRow]:
    """Return the rows of a lock file.

    Raises:
        ConfigError: a missing column, an unknown split, or a pair locked twice.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [c for c in ("pair_id", "split") if c not in (reader.fieldnames or ())]
            if missing:
                raise ConfigError(f"{path}: column {missing[0]!r} is missing from the first line")
            raw = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise ConfigError(f"{path}: not readable as UTF-8 CSV: {error}") from None
    rows: dict[str, LockRow] = {}
    for line, cells in raw:
        row = _lock_row(path, line, cells)
        if rows.setdefault(row.pair_id, row).split != row.split:
            raise ConfigError(f"{path}, line {line}: {row.pair_id} is locked in two splits")
    return list(rows.values())


def _lock_row(path: Path, line: int, cells: dict[str, str | None]) -> LockRow:
    pair_id, split = (cells.get("pair_id") or "").strip(), (cells.get("split") or "").strip()
    if not pair_id:
        raise ConfigError(f"{path}, line {line}: pair_id is empty")
    if split not in set(Split):
        known = ", ".join(Split)
        raise ConfigError(f"{path}, line {line}: split {split!r} is not one of {known}")
    return LockRow(pair_id, (cells.get("group_id") or "").strip(), Split(split))
