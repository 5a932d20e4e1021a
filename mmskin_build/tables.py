"""Records to parquet and back: schemas from the dataclasses, streamed both ways."""

from __future__ import annotations

import dataclasses
import hashlib
import marshal
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from mmskin_build.errors import ConfigError
from mmskin_build.pandas_aside import without_pandas
from mmskin_build.records import Record

R = TypeVar("R", bound=Record)

BATCH_ROWS = 2048
GROUP_ROWS = 32_768  # in a merged table, and so many bytes in memory at most
GROUP_BYTES = 2**20
SMALL_BATCHES = 32
_PLAIN = 2  # the newest version of marshal's format that says nothing of shared references
_SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
}


_SCHEMAS: dict[str, pa.Schema] = {}
_GETTERS: dict[type[Record], Callable[[Record], tuple[Any, ...]]] = {}


with without_pandas():  # pyarrow looks for it once, when it makes its first array
    pa.array([0])


def schema_of(record: type[Record]) -> pa.Schema:
    """Return the arrow schema of a record type, columns in field order."""
    key = record.__qualname__
    if key not in _SCHEMAS:
        _SCHEMAS[key] = _build_schema(record)
    return _SCHEMAS[key]


def _build_schema(record: type[Record]) -> pa.Schema:
    hints = typing.get_type_hints(record)
    return pa.schema(
        [_arrow_field(f.name, hints[f.name]) for f in dataclasses.fields(record)],
        metadata={"table": record.table},
    )


def _arrow_field(name: str, hint: Any) -> pa.Field:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = next(a for a in typing.get_args(hint) if a is not type(None))
        return pa.field(name, _arrow_type(inner), nullable=True)
    return pa.field(name, _arrow_type(hint), nullable=False)


def _arrow_type(hint: Any) -> pa.DataType:
    if typing.get_origin(hint) is tuple:
        return pa.list_(_arrow_type(typing.get_args(hint)[0]))
    if isinstance(hint, type) and issubclass(hint, str):
        return pa.string()
    return _SCALARS[hint]


def values_of(row: Record) -> tuple[Any, ...]:
    """Return the field values of a row in column order."""
    record = type(row)
    getter = _GETTERS.get(record)
    if getter is None:
        names = record.__match_args__
        # Of a single name attrgetter would return the bare value.
        getter = attrgetter(*names) if len(names) > 1 else lambda r: (getattr(r, names[0]),)
        _GETTERS[record] = getter
    return getter(row)


def to_batch(record: type[Record], rows: Sequence[tuple[Any, ...]]) -> pa.RecordBatch:
    """Return rows, given as the field values of one record type, as one arrow batch."""
    schema = schema_of(record)
    values = list(zip(*rows, strict=True)) or [()] * len(schema)
    columns = [pa.array(v, type=f.type) for v, f in zip(values, schema, strict=True)]
    return pa.record_batch(columns, schema=schema)


def from_batch(record: type[R], batch: pa.RecordBatch) -> list[R]:
    """Return the rows of an arrow batch as records; lists become tuples."""
    columns = []
    for name in record.__match_args__:
        values = batch.column(name).to_pylist()
        if pa.types.is_list(batch.schema.field(name).type):
            values = [None if v is None else tuple(v) for v in values]
        columns.append(values)
    return [record(*row) for row in zip(*columns, strict=True)]


class TableWriter:
    """Write records of one type to a parquet file in batches; counts and digests the rows."""

    def __init__(self, record: type[Record], path: Path, *, per_source: bool = False) -> None:
        """Open ``path`` for writing; an empty table is written even when no row comes."""
        self.record = record
        self.rows = 0
        self._digest = hashlib.sha256()
        self._per_source = per_source
        self._digests: dict[str, hashlib._Hash] = {}
        self._pending: list[Record] = []
        self._writer = pq.ParquetWriter(path, schema_of(record), compression="zstd")

    def add(self, row: Record) -> None:
        """Append one row."""
        self._pending.append(row)
        if len(self._pending) >= BATCH_ROWS:
            self._flush()

    def close(self) -> str:
        """Finish the file and return the SHA-256 of the rows (content and order, not bytes)."""
        self._flush()
        self._writer.close()
        return self._digest.hexdigest()

    def by_source(self) -> dict[str, str]:
        """Return the digest of each source's rows, if they were asked for."""
        return {source_id: digest.hexdigest() for source_id, digest in self._digests.items()}

    def _flush(self) -> None:
        if not self._pending:
            return
        values = [values_of(row) for row in self._pending]
        texts = [_bytes_of(row) for row in values]
        self._digest.update(b"".join(texts))
        if self._per_source:
            for row, text in zip(self._pending, texts, strict=True):
                self._digests.setdefault(row.source_id, hashlib.sha256()).update(text)
        self._writer.write_batch(to_batch(self.record, values))
        self.rows += len(values)
        self._pending = []


def _bytes_of(values: tuple[Any, ...]) -> bytes:
    """Return bytes that differ between any two different rows."""
    try:
        return marshal.dumps(values, _PLAIN)
    except ValueError:  # an enum is none of marshal's types
        return repr(values).encode("utf-8", "surrogatepass")


def write_rows(path: Path, record: type[Record], rows: Iterable[Record]) -> str:
    """Write all rows to ``path`` and return their digest."""
    writer = TableWriter(record, path)
    for row in rows:
        writer.add(row)
    return writer.close()


def read_rows(path: Path, record: type[R]) -> Iterator[R]:
    """Stream the rows of a parquet file as records; memory does not grow with its length.

    Raises:
        ConfigError: another version of the program wrote it, without a column of today.
    """
    with pq.ParquetFile(path) as file:
        check_columns(path, file, record)
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            yield from from_batch(record, batch)


def check_columns(path: Path, file: pq.ParquetFile, record: type[Record]) -> None:
    """Raise ConfigError when an open table lacks a column: another version of the program made it.

    What is left alone by ``--from`` may be as old as that.
    """
    there = set(file.schema_arrow.names)
    if absent := [name for name in record.__match_args__ if name not in there]:
        raise ConfigError(
            f"{path}: has no column {absent[0]!r}: another version made it; run "
            "`python -m stages build` again, without --from"
        )


class MergedTables:
    """The merged tables of a build, for commands outside the pipeline."""

    def __init__(self, folder: Path) -> None:
        """Read from ``build/tables``."""
        self._folder = folder

    def rows(self, record: type[R]) -> Iterator[R]:
        """Stream the rows of a table.

        Raises:
            ConfigError: no build has made it yet.
        """
        path = self._folder / f"{record.table}.parquet"
        if not path.is_file():
            raise ConfigError(f"{path}: no such table; run `python -m stages build` first")
        return read_rows(path, record)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a table's file."""

    path: Path
    first: int
    rows: int


def concatenate(
    pieces: Iterable[Piece], record: type[Record], target: Path, base: Path | None = None
) -> int:
    """Stream pieces of files into one table, in the order given; return the row count.

    Pieces of ``base`` must come in the order of its rows: it is read once.
    """
    schema, count = schema_of(record), 0
    with ExitStack() as stack:
        writer = stack.enter_context(pq.ParquetWriter(target, schema, compression="zstd"))
        kept = _Rows(stack.enter_context(pq.ParquetFile(base))) if base else None
        group = _Group(writer)
        for piece in pieces:
            for batch in kept.take(piece) if kept and piece.path == base else _taken(piece, record):
                group.add(batch)
                count += batch.num_rows
        group.write()
    return count


class _Group:
    """Batches that wait to be written as one row group.

    However few rows a batch has, it takes some 30 KiB: small ones are copied together.
    """

    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer
        self._large: list[pa.RecordBatch] = []
        self._small: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def add(self, batch: pa.RecordBatch) -> None:
        self._small.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self.write()
        elif len(self._small) >= SMALL_BATCHES:
            self._large += pa.Table.from_batches(self._small).combine_chunks().to_batches()
            self._small = []

    def write(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_batches([*self._large, *self._small]))
        self._large, self._small, self._rows, self._bytes = [], [], 0, 0


def _taken(piece: Piece, record: type[Record]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(piece.path) as file:
        check_columns(piece.path, file, record)
        yield from _Rows(file).take(piece)


class _Rows:
    """The rows of a file, taken from the front to the end."""

    def __init__(self, file: pq.ParquetFile) -> None:
        self._batches = file.iter_batches(batch_size=BATCH_ROWS, use_threads=False)
        self._batch: pa.RecordBatch | None = None
        self._start = 0  # of the batch at hand

    def take(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        position, end = piece.first, piece.first + piece.rows
        while position < end:
            while self._batch is None or position >= self._start + self._batch.num_rows:
                self._start += self._batch.num_rows if self._batch is not None else 0
                self._batch = next(self._batches)
            offset = position - self._start
            found = self._batch.slice(offset, min(end - position, self._batch.num_rows - offset))
            position += found.num_rows
            yield found
