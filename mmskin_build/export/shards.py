"""Parquet shards that ``datasets`` reads as Image features: written in small row groups."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mmskin_build.export.rows import PictureCell, ReleaseRow

_SCALARS: dict[Any, tuple[str, pa.DataType]] = {
    str: ("string", pa.string()),
    int: ("int64", pa.int64()),
    float: ("float64", pa.float64()),
    bool: ("bool", pa.bool_()),
}
_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_GROUP_BYTES = 24_000_000  # a row group is closed earlier when its pictures are large

Feature = dict[str, Any]


def features_of(kind: type[ReleaseRow]) -> dict[str, Feature]:
    """Return the Hugging Face features of a table, by column."""
    return {name: _feature(hint) for name, hint in _columns(kind)}


_SCHEMAS: dict[str, pa.Schema] = {}


def schema_of(kind: type[ReleaseRow]) -> pa.Schema:
    """Return the arrow schema of a table, with the metadata key ``huggingface``."""
    if kind.__qualname__ not in _SCHEMAS:
        _SCHEMAS[kind.__qualname__] = _built_schema(kind)
    return _SCHEMAS[kind.__qualname__]


def _built_schema(kind: type[ReleaseRow]) -> pa.Schema:
    fields = [pa.field(name, _arrow(hint)) for name, hint in _columns(kind)]
    info = {"info": {"features": features_of(kind)}}
    return pa.schema(fields, metadata={"huggingface": json.dumps(info)})


def _columns(kind: type[ReleaseRow]) -> list[tuple[str, Any]]:
    hints = typing.get_type_hints(kind)
    return [(f.name, _plain(hints[f.name])) for f in dataclasses.fields(kind)]


def _plain(hint: Any) -> Any:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(a for a in typing.get_args(hint) if a is not type(None))
    return hint


def _feature(hint: Any) -> Feature:
    if hint is PictureCell:
        return {"_type": "Image"}
    if typing.get_origin(hint) is tuple:
        return {"feature": _feature(typing.get_args(hint)[0]), "_type": "Sequence"}
    return {"dtype": _SCALARS[hint][0], "_type": "Value"}


def _arrow(hint: Any) -> pa.DataType:
    if hint is PictureCell:
        return _IMAGE
    if typing.get_origin(hint) is tuple:
        return pa.list_(_arrow(typing.get_args(hint)[0]))
    return _SCALARS[hint][1]


class ShardWriter:
    """Write one split of one table as ``<split>-00000-of-0000N.parquet`` files."""

    def __init__(self, folder: Path, split: str, kind: type[ReleaseRow], limits: Limits) -> None:
        """Prepare to write below ``folder``; nothing is open before the first row."""
        self.rows = 0
        self._folder, self._split, self._kind, self._limits = folder, split, kind, limits
        self._schema = schema_of(kind)
        self._writer: pq.ParquetWriter | None = None
        self._parts: list[Path] = []
        self._pending: list[ReleaseRow] = []
        self._pending_bytes = self._shard_bytes = 0

    def add(self, row: ReleaseRow) -> None:
        """Append one row."""
        self._pending.append(row)
        self._pending_bytes += len(row.image.bytes) if row.image else 0
        self.rows += 1
        full = len(self._pending) >= self._limits.row_group_rows
        if full or self._pending_bytes >= _GROUP_BYTES:
            self._flush()

    def close(self) -> list[Path]:
        """Finish and return the shards under their final names; there is always one."""
        if self._pending or not self._parts:
            self._flush()
        self._end_shard()
        total, final = len(self._parts), []
        for number, part in enumerate(self._parts):
            name = f"{self._split}-{number:05d}-of-{total:05d}.parquet"
            final.append(part.rename(self._folder / name))
        return final

    def _flush(self) -> None:
        if self._writer is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._parts.append(self._folder / f".{self._split}-{len(self._parts)}.part")
            self._writer = pq.ParquetWriter(self._parts[-1], self._schema, compression="zstd")
        if self._pending:
            self._writer.write_table(self._table(), row_group_size=len(self._pending))
        self._shard_bytes += self._pending_bytes
        self._pending, self._pending_bytes = [], 0
        if self._shard_bytes >= self._limits.shard_bytes:
            self._end_shard()

    def _table(self) -> pa.Table:
        columns = []
        for column in self._schema:
            values = [getattr(row, column.name) for row in self._pending]
            if column.type == _IMAGE:
                values = [None if v is None else {"bytes": v.bytes, "path": v.path} for v in values]
            columns.append(pa.array(values, type=column.type))
        return pa.Table.from_arrays(columns, schema=self._schema)

    def _end_shard(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer, self._shard_bytes = None, 0


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """When a row group and a shard are closed."""

    row_group_rows: int
    shard_bytes: int
