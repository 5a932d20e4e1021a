"""The main form of a release: parquet tables with embedded images, and JSON without them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mmskin_build.export.entries import Library
from mmskin_build.export.pictures import Pictures
from mmskin_build.export.rows import ROW_TYPES, ReleaseRow, rows_of
from mmskin_build.export.settings import ExportSettings
from mmskin_build.export.shards import Limits, ShardWriter, schema_of
from mmskin_build.records import Split

IMAGE_FOLDER = "llava/images"


@dataclass(frozen=True, slots=True)
class Written:
    """One split of one table as it was written."""

    config: str
    split: str
    rows: int
    files: tuple[Path, ...]


def write_parquet(
    library: Library, pictures: Pictures, root: Path, settings: ExportSettings
) -> list[Written]:
    """Write every table of every split below ``root`` and return what was written."""
    limits = Limits(settings.row_group_rows, settings.shard_mb * 1_000_000)
    folder = IMAGE_FOLDER if settings.llava else ""
    written = []
    for split in Split:
        writers = {k: _TableOut(root, split.value, k, (limits, folder)) for k in ROW_TYPES}
        for entry in library.of_split(split):
            image = pictures.cell(entry) if entry.permit.images else None
            for kind, out in writers.items():
                for row in rows_of(kind, entry, image):
                    out.add(row)
        written += [out.close() for out in writers.values()]
    return written


class _TableOut:
    """One split of one table: parquet shards and a JSON list beside them."""

    def __init__(
        self, root: Path, split: str, kind: type[ReleaseRow], how: tuple[Limits, str]
    ) -> None:
        self._config, self._split = kind.config, split
        self._shards = ShardWriter(root / kind.config, split, kind, how[0])
        self._image_folder = how[1]
        self._json = _JsonList(root / "json" / f"{kind.config}_{split}.json")

    def add(self, row: ReleaseRow) -> None:
        self._shards.add(row)
        self._json.add(_without_bytes(row, self._image_folder))

    def close(self) -> Written:
        self._json.close()
        files = tuple(self._shards.close())
        return Written(self._config, self._split, self._shards.rows, files)


class _JsonList:
    """A JSON list written item by item, so that memory does not grow with it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = path.open("w", encoding="utf-8", newline="\n")
        self._first = True

    def add(self, item: Any) -> None:
        self._file.write("[\n" if self._first else ",\n")
        self._file.write(json.dumps(item, ensure_ascii=False))
        self._first = False

    def close(self) -> None:
        self._file.write("[]\n" if self._first else "\n]\n")
        self._file.close()


def _without_bytes(row: ReleaseRow, folder: str) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in schema_of(type(row)).names}
    values["image"] = f"{folder}/{row.image.path}" if row.image and folder else None
    return values
