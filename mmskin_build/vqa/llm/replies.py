"""Replies on disk: an append-only cache below the build folder, and the files a build reads."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.errors import ConfigError

FOLDER = "vqa-replies"  # below manifests/


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said about one picture; no key, no address, no picture.

    Attributes:
        key: of its prompt.
        pair_id: the pair.
        caption_digest: of the caption it was asked about.
        model: as the server named it.
        content: its words, as they came.
        finish_reason: why it stopped ('stop', 'length' …).
        tokens_in: tokens of the prompt, as the server counted them.
        tokens_out: tokens of the reply.
        saw_picture: whether the picture was sent.
    """

    key: str
    pair_id: str
    caption_digest: str
    model: str
    content: str
    finish_reason: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    saw_picture: bool = False


class Cache:
    """Replies by key, one JSON line each; a line cut short by a kill is passed over."""

    def __init__(self, path: Path) -> None:
        """Read what is there."""
        self._path = path
        self._known: dict[str, Reply] = {}
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                reply = _read_line(line)
                if reply is not None:
                    self._known[reply.key] = reply

    def get(self, key: str) -> Reply | None:
        """Return the reply to a prompt, if it was asked before."""
        return self._known.get(key)

    def add(self, reply: Reply) -> None:
        """Keep a reply; it is on disk when this returns."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+b") as stream:
            if stream.tell():
                stream.seek(-1, os.SEEK_END)
                cut = stream.read(1) != b"\n"
                stream.write(b"\n" if cut else b"")  # after a line that a kill left unfinished
            stream.write(_line(reply).encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        self._known[reply.key] = reply


def write_replies(path: Path, replies: Iterable[Reply]) -> int:
    """Write a replies file, sorted by pair, whole or not at all; return the number of rows."""
    rows = sorted(replies, key=lambda r: (r.pair_id, r.key))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text("".join(map(_line, rows)), encoding="utf-8")
    part.replace(path)
    return len(rows)


def read_replies(paths: Iterable[Path]) -> Iterator[Reply]:
    """Yield the replies of some files.

    Raises:
        ConfigError: a line that is no reply; names file and line.
    """
    for path in paths:
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            reply = _read_line(line)
            if reply is None:
                raise ConfigError(
                    f"{path}, line {number}: not a reply; write the file again with vqa-ask or "
                    "vqa-replies, or move it out of the folder"
                )
            yield reply


def _line(reply: Reply) -> str:
    return json.dumps(dataclasses.asdict(reply), ensure_ascii=True) + "\n"


def _read_line(line: str) -> Reply | None:
    try:
        values = json.loads(line)
        return Reply(**values) if isinstance(values, dict) else None
    except (json.JSONDecodeError, TypeError):
        return None
