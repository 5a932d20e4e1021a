"""SHA256SUMS in the format of ``sha256sum -c``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

FILE_NAME = "SHA256SUMS"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(root: Path, known: Mapping[Path, str] | None = None) -> int:
    """Write the checksum of every file below ``root``; return how many.

    Args:
        root: the release.
        known: checksums of files that need not be read once more, as of linked pictures.
    """
    known = known or {}
    files = sorted(p for p in root.rglob("*") if p.is_file() and p.name != FILE_NAME)
    lines = [f"{known.get(p) or sha256_of(p)}  {p.relative_to(root).as_posix()}\n" for p in files]
    (root / FILE_NAME).write_text("".join(lines), encoding="utf-8")
    return len(files)
