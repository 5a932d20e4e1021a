"""What a run remembers of the parts it found fresh or made: a few hundred bytes each."""

from __future__ import annotations

import struct
import sys
from collections import defaultdict

from mmskin_build.runner.receipts import Receipt, digest_of

DIGEST_BYTES = 8
_HEAD = struct.Struct(">8sQB")  # digest of the part's files, pages, which names its tables have
_TABLE = struct.Struct(">Q32s")  # rows and their digest


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
        digest = bytes.fromhex(digest_of(sorted(receipt.files.items()))[: 2 * DIGEST_BYTES])
        packed = [_HEAD.pack(digest, receipt.pages, self._names.index(names))]
        packed += [
            _TABLE.pack(receipt.rows[name], bytes.fromhex(receipt.digests[name])) for name in names
        ]
        # Each receipt brings its own copy of a name: one is enough.
        self._packed[receipt.stage][sys.intern(receipt.source_id)] = b"".join(packed)
        for table, sources in receipt.by_source.items():
            own = {sys.intern(s): bytes.fromhex(digest) for s, digest in sources.items()}
            self._by_source[receipt.stage, table] = own

    def part(self, stage: str, key: str, table: str) -> tuple[str, int] | None:
        """Return the digest of a part's files and how many rows of a table it holds."""
        packed = self._packed[stage].get(key)
        if packed is None:
            return None
        names = self._names[packed[_HEAD.size - 1]]
        rows = 0
        if table in names:
            rows = _TABLE.unpack_from(packed, _HEAD.size + names.index(table) * _TABLE.size)[0]
        return packed[:DIGEST_BYTES].hex(), rows

    def pages(self, stage: str, key: str) -> int:
        """Return the length of a book as the maker of a part counted it; 0 when it did not."""
        packed = self._packed[stage].get(key)
        return 0 if packed is None else int(_HEAD.unpack_from(packed)[1])

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
