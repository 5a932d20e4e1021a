"""Merged files, and from which parts each was made: what stays the same is not read again.

A small sealed file names the digest of every merged file and of the list of its parts. The lists
lie beside it, named by their digests, and are read only when a file is to be written anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mmskin_build.records import Record, Reject
from mmskin_build.runner.layout import Layout
from mmskin_build.runner.ranges import REJECTS
from mmskin_build.runner.receipts import digest_of_file
from mmskin_build.sealed_json import read_sealed, write_sealed
from mmskin_build.tables import Piece, concatenate

LEDGER = ".merged.json"
LISTS = ".merged"


class Part(NamedTuple):
    """A part that goes into a merged file."""

    key: str
    digest: str  # of the part's files
    rows: int


Parts = Callable[[], Iterable[Part]]  # in the order they are merged; may be asked again


class Ledger:
    """Writes merged files, each by write-then-rename, when their parts changed."""

    def __init__(self, layout: Layout) -> None:
        """Read what the last run noted."""
        self._layout = layout
        self._path = layout.tables / LEDGER
        self._lists = layout.tables / LISTS
        self._known: dict[str, dict[str, str]] = {
            name: entry
            for name, entry in (read_sealed(self._path) or {}).items()
            if _is_entry(entry)
        }
        self._sound: dict[str, str] = {}  # found whole in this run: file, digest of its list

    def merge(self, target: Path, record: type[Record], stage: str, parts: Parts) -> bool:
        """Have ``target`` hold the rows of a stage's parts; tell whether it had to be written.

        A gathered file of the same parts is linked, not made a second time.
        """
        name, wanted = self._name(target), _list_digest(parts())
        if self._is_made_from(name, wanted):
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(f".{target.name}.part")
        gathered = self._layout.gathered / target.name
        twin = self._name(gathered)
        if name != twin and record is not Reject and self._is_made_from(twin, wanted):
            _link_or_copy(gathered, new)
        else:
            base = target if self._may_be_read(name) else None
            self._keep_list(wanted, parts())
            pieces = self._pieces(base, record, stage, parts())
            concatenate(_joined(pieces), record, new, base=base)
        digest = digest_of_file(new)
        new.replace(target)
        new.unlink(missing_ok=True)  # a rename onto another name of the same file does nothing
        self._known[name] = {"sha256": digest, "parts": wanted}
        self._sound[name] = wanted
        return True

    def _is_made_from(self, name: str, wanted: str) -> bool:
        """Whether a file is there, whole, and made from the parts of a list."""
        if self._sound.get(name) == wanted:
            return True
        if self._known.get(name, {}).get("parts") != wanted or not self._is_whole(name):
            return False
        self._sound[name] = wanted
        return True

    def _is_whole(self, name: str) -> bool:
        file = self._layout.root / name
        return file.is_file() and digest_of_file(file) == self._known[name]["sha256"]

    def _may_be_read(self, name: str) -> bool:
        """Whether a merged file is what it was made as, and it is known where its parts stand."""
        if name not in self._known or not self._is_whole(name):
            return False
        file = self._list(name)
        return file.is_file() and f"{digest_of_file(file)}.txt" == file.name

    def _list(self, name: str) -> Path:
        return self._lists / f"{self._known[name]['parts']}.txt"

    def _keep_list(self, digest: str, parts: Iterable[Part]) -> None:
        self._lists.mkdir(parents=True, exist_ok=True)
        file = self._lists / f"{digest}.txt"
        # Files of the same parts are merged at the same time, each by a thread.
        new = file.with_suffix(f".{secrets.token_hex(8)}.part")
        with new.open("wb") as handle:
            handle.writelines(map(_line, parts))
        new.replace(file)

    def _places(self, base: Path | None) -> dict[Part, int]:
        """Return in which row of a merged file each part begins."""
        places, row = dict[Part, int](), 0
        if base is not None:
            with self._list(self._name(base)).open("rb") as lines:
                for line in lines:
                    part = Part(*json.loads(line))
                    places[part] = row
                    row += part.rows
        return places

    def _pieces(
        self, base: Path | None, record: type[Record], stage: str, parts: Iterable[Part]
    ) -> Iterator[Piece]:
        """Yield where the rows of each part are: in the file as it was, or in the part."""
        file = REJECTS if record is Reject else f"{record.table}.parquet"
        places, reached = self._places(base), 0
        for part in parts:
            place = places.get(part, -1)
            if base is not None and place >= reached:  # it is read once, from the front
                reached = place + part.rows
                yield Piece(base, place, part.rows)
            elif part.rows:
                yield Piece(self._layout.part(stage, part.key) / file, 0, part.rows)

    def forget(self, target: Path) -> None:
        """Remove a merged file that no longer follows from the tables before it."""
        target.unlink(missing_ok=True)
        self._known.pop(self._name(target), None)

    def save(self) -> None:
        """Note what there is, for the next run; lists of nothing are removed."""
        write_sealed(self._path, self._known)
        named = {f"{entry['parts']}.txt" for entry in self._known.values()}
        for file in self._lists.glob("*"):
            if file.name not in named:
                file.unlink(missing_ok=True)

    def _name(self, target: Path) -> str:
        return str(target.relative_to(self._layout.root))


def _is_entry(entry: Any) -> bool:
    """Whether a note is one of today's: older versions listed the parts in it."""
    return isinstance(entry, dict) and all(
        isinstance(entry.get(name), str) for name in ("sha256", "parts")
    )


def _line(part: Part) -> bytes:
    return json.dumps(part).encode("ascii") + b"\n"


def _list_digest(parts: Iterable[Part]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(_line(part))
    return whole.hexdigest()


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces, those that follow one another in a file as one."""
    last: Piece | None = None
    for piece in pieces:
        if last is not None and (piece.path, piece.first) == (last.path, last.first + last.rows):
            last = Piece(last.path, last.first, last.rows + piece.rows)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


def _link_or_copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
