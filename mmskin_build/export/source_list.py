"""sources.csv of a release: by which checksum an owner recognises the books it was made from."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from mmskin_build.errors import ConfigError
from mmskin_build.records import Redistribute, Source

FILE_NAME = "sources.csv"
# No path and no notes: they tell of the maker's machine and mind, not of the book.
COLUMNS = (
    "source_id",
    "sha256",
    "title",
    "edition",
    "year",
    "publisher",
    "identifier",
    "licence",
    "redistribute",
    "profile",
)


def write_sources(root: Path, sources: Iterable[Source]) -> Path:
    """Write one row per book and return the file."""
    path = root / FILE_NAME
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(s, name) for name in COLUMNS] for s in sources)
    return path


def read_sources(root: Path) -> list[Source]:
    """Return the books of a release; their paths are empty.

    Raises:
        ConfigError: missing, or not the list of a release.
    """
    path = root / FILE_NAME
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{name: row[name] for name in COLUMNS} for row in csv.DictReader(file)]
        return [
            Source(**{**r, "redistribute": Redistribute(r["redistribute"])}, path="")  # type: ignore[arg-type]
            for r in rows
        ]
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; it belongs to the release") from None
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError, TypeError) as error:
        raise ConfigError(f"{path}: not the books of a release: {error!r}") from None
