"""The whole life of a row: what each stage wrote about it, and why it was kept or dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from mmskin_build.errors import ConfigError
from mmskin_build.stage import Stage

ID_COLUMNS = ("pair_id", "qa_id", "figure_id", "group_id", "record_id")


@dataclass(frozen=True, slots=True)
class Chapter:
    """The rows one table holds on the row asked for."""

    stage: str
    table: str
    rows: tuple[dict[str, Any], ...]


def explain(build_dir: Path, stages: Sequence[Stage], row_id: str) -> list[Chapter]:
    """Return what every table says of a pair, figure, question, group or rejected record.

    Raises:
        ConfigError: no table knows the id (names the likeliest ones), or nothing was built.
    """
    files = list(_files(build_dir, stages))
    if not files:
        raise ConfigError(f"{build_dir}: no tables here yet; run `python -m stages build` first")
    pairs = _pair_ids(files, row_id)
    chapters = []
    for stage, table, path in files:
        rows = _matching(path, row_id, pairs)
        if rows:
            chapters.append(Chapter(stage, table, tuple(rows)))
    if not chapters:
        near = _near(files, row_id)
        hint = f" Ids that look alike: {', '.join(near)}." if near else ""
        raise ConfigError(f"{row_id!r} is in no table of {build_dir}.{hint}")
    return chapters


def _files(build_dir: Path, stages: Sequence[Stage]) -> Iterator[tuple[str, str, Path]]:
    for stage in stages:
        for record in stage.makes:
            path = build_dir / "tables" / f"{record.table}.parquet"
            if path.is_file():
                yield stage.name, record.table, path
        path = build_dir / "rejects" / f"{stage.name}.parquet"
        if path.is_file():
            yield stage.name, "rejects", path
    path = build_dir / "rejects" / "build.parquet"
    if path.is_file():
        yield "build", "rejects", path


def _pair_ids(files: list[tuple[str, str, Path]], row_id: str) -> set[str]:
    """Return the pairs an id stands for: itself, a figure's panels, a question's picture."""
    found: set[str] = set()
    for _, table, path in files:
        names = pq.read_schema(path).names
        if "pair_id" not in names or table == "rejects":
            continue
        for column in set(names) & set(ID_COLUMNS):
            rows = ds.dataset(path).to_table(["pair_id"], filter=pc.field(column) == row_id)
            found.update(rows.column("pair_id").to_pylist())
    return found


def _matching(path: Path, row_id: str, pairs: set[str]) -> list[dict[str, Any]]:
    names = pq.read_schema(path).names
    columns = [c for c in ID_COLUMNS if c in names]
    if not columns:
        return []
    wanted = None
    for column in columns:
        values = [row_id, *sorted(pairs)] if column in ("pair_id", "record_id") else [row_id]
        test = pc.field(column).isin(values)
        wanted = test if wanted is None else wanted | test
    rows: list[dict[str, Any]] = ds.dataset(path).to_table(filter=wanted).to_pylist()
    return rows


def _near(files: list[tuple[str, str, Path]], row_id: str) -> list[str]:
    near: list[str] = []
    for _, table, path in files:
        if table == "pairs":
            ids = ds.dataset(path).to_table(["pair_id"]).column("pair_id").to_pylist()
            near.extend(i for i in ids if row_id.lower() in i.lower())
    return sorted(near)[:5]
