"""What a run remembers of the parts it found fresh or made: a few hundred bytes each."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mmskin_build.runner.receipts import Receipt, digest_of

_HEAD = struct.Struct(">8sQB")  # digest of the part's files, pages, which names its tables have
_TABLE = struct.Struct(">Q32s")  # rows and their digest


@dataclass(frozen=True, slots=True)
class Made:
    """What matters of one receipt once its part is known to be fresh."""

    digest: str  # of the part's files, 16 hexadecimal digits
    pages: int  # length of the book; 0 when the stage does not know it
    tables: dict[str, tuple[int, str]]  # rows and their digest

    def rows(self, table: str) -> int:
        """Return how many rows of a table the part holds."""
        return self.tables.get(table, (0, ""))[0]


class Receipts:
    """The receipts of a run by stage and source, packed: a million of them fit into memory."""

    def __init__(self) -> None:
        """Begin without any."""
        self._packed: dict[str, dict[str, bytes]] = defaultdict(dict)
        self._names: list[tuple[str, ...]] = []  # of tables, each combination once
        self._by_source: dict[tuple[str, str], dict[str, bytes]] = {}  # library stage and table

    def add(self, receipt: Receipt) -> None:
        """Remember a part that is in place."""
        names = tuple(receipt.digests)
        if names not in self._names:
            self._names.append(names)
        digest = bytes.fromhex(digest_of(sorted(receipt.files.items()))[:16])
        packed = [_HEAD.pack(digest, receipt.pages, self._names.index(names))]
        packed += [
            _TABLE.pack(receipt.rows[name], bytes.fromhex(receipt.digests[name])) for name in names
        ]
        self._packed[receipt.stage][receipt.source_id] = b"".join(packed)
        for table, sources in receipt.by_source.items():
            own = {source_id: bytes.fromhex(digest) for source_id, digest in sources.items()}
            self._by_source[receipt.stage, table] = own

    def get(self, stage: str, key: str) -> Made | None:
        """Return what a part is known to hold; None when there is none in this run."""
        packed = self._packed[stage].get(key)
        if packed is None:
            return None
        digest, pages, number = _HEAD.unpack_from(packed)
        tables = dict(zip(self._names[number], _unpacked(packed), strict=True))
        return Made(digest.hex(), pages, tables)

    def rows(self, stage: str, key: str, table: str) -> int:
        """Return how many rows of a table a part holds; 0 when there is no such part."""
        made = self.get(stage, key)
        return 0 if made is None else made.rows(table)

    def table_digest(self, stage: str, key: str, table: str, source_id: str) -> str:
        """Return the digest of a table's rows for one source ('' when it has none).

        Raises:
            KeyError: the part is not known in this run.
        """
        own = self._by_source.get((stage, table))
        if own is not None:
            return own[source_id].hex() if source_id in own else ""
        packed = self._packed[stage][key]
        names = self._names[packed[_HEAD.size - 1]]
        if table not in names:
            return ""
        place = _HEAD.size + names.index(table) * _TABLE.size
        rows_and_digest: tuple[int, bytes] = _TABLE.unpack_from(packed, place)
        return rows_and_digest[1].hex()


def _unpacked(packed: bytes) -> Iterator[tuple[int, str]]:
    for rows, digest in _TABLE.iter_unpack(packed[_HEAD.size :]):
        yield rows, digest.hex()
