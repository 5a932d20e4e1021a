"""``lock-splits``: pin the splits of a build before it is published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stages.options import BuildDir


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("lock-splits")(lock_splits)


def lock_splits(
    build_dir: BuildDir = Path("build"),
    lock: Annotated[Path, typer.Option("--lock", help="Lock file to write.")] = Path(
        "manifests/split-lock.csv"
    ),
) -> None:
    """Write the split of every row of the build into the lock file; rows locked before stay."""
    from mmskin_build.errors import ConfigError
    from mmskin_build.records import SplitRow
    from mmskin_build.splits.lock import lock_rows, read_lock, write_lock
    from mmskin_build.tables import read_rows

    table = build_dir / "tables" / f"{SplitRow.table}.parquet"
    if not table.is_file():
        raise ConfigError(f"{table}: no splits to lock; run `python -m stages build` first")
    old = read_lock(lock) if lock.is_file() else []
    rows = lock_rows(read_rows(table, SplitRow), old)
    write_lock(lock, rows)
    print(f"{lock}: {len(rows)} rows locked, {len(rows) - len(old)} of them new")
