"""sources.csv of a release: by which checksum an owner recognises the books it was made from."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from mmskin_build.records import Source

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
