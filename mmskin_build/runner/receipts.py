"""Receipts: written last into a part, they make it complete and say what it was made from.

A part is fresh while every digest of its receipt still matches. That one idea gives resume
after a kill, adding a book without touching the others, and an answer to "why did it rerun?".
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from mmskin_build.images import ImageStore
from mmskin_build.sealed_json import read_sealed, write_sealed

FILE_NAME = "receipt.json"
PICTURES_NAME = "pictures.txt"
SUMS_NAME = "SHA256SUMS"
SMALL_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one stage made for one source (or the library)."""

    stage: str
    source_id: str
    inputs: dict[str, str]  # name of each input, its digest
    rows: dict[str, int] = field(default_factory=dict)  # table, row count
    digests: dict[str, str] = field(default_factory=dict)  # table, digest of its rows
    by_source: dict[str, dict[str, str]] = field(default_factory=dict)  # library stages
    files: dict[str, str] = field(default_factory=dict)  # file in the part, SHA-256 of its bytes
    published: dict[str, str] = field(default_factory=dict)  # entry outside the part, its sums
    skipped_under: str = ""  # the limits that made it skip a page
    pages: int = 0  # length of the book; 0 when the stage does not know it
    failed: str = ""  # reason, when the whole source was rejected
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_rss_mb: float = 0.0


def digest_of(value: object) -> str:
    """Return the SHA-256 of a value's repr: for dataclasses and tuples of plain values."""
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    if path.stat().st_size < SMALL_BYTES:  # most are: no buffer for blocks is worth its making
        return hashlib.sha256(path.read_bytes()).hexdigest()
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_receipt(part: Path, receipt: Receipt) -> None:
    """Write the receipt into a part, last of all its files."""
    write_sealed(part / FILE_NAME, dataclasses.asdict(receipt))


def read_receipt(part: Path) -> Receipt | None:
    """Return the receipt of a part, or None when it is absent, damaged or of another version."""
    content = read_sealed(part / FILE_NAME)
    try:
        return None if content is None else Receipt(**content)
    except TypeError:
        return None


def why_stale(root: Path, part: Path, receipt: Receipt | None, inputs: dict[str, str]) -> str:
    """Return why a part of the build folder ``root`` must be made again, '' when it is fresh."""
    if receipt is None:
        return "not made yet"
    changed = [
        k for k in sorted({*inputs, *receipt.inputs}) if inputs.get(k) != receipt.inputs.get(k)
    ]
    if changed:
        return "changed: " + ", ".join(changed[:3]) + (" …" if len(changed) > 3 else "")
    for name, digest in receipt.files.items():
        if not _holds(part / name, digest):
            return f"damaged: {name}"
    for entry, sums in receipt.published.items():
        if sums_of(root / entry) != sums:
            return f"damaged: {entry}"
    return _missing_picture(root, part) if PICTURES_NAME in receipt.files else ""


def _holds(file: Path, digest: str) -> bool:
    try:
        return digest_of_file(file) == digest
    except OSError:
        return False


def sums_of(entry: Path) -> str:
    """Return what vouches for a published folder: the digest of its SHA256SUMS file."""
    if not entry.exists():
        return "missing"
    sums = entry / SUMS_NAME
    return digest_of_file(sums) if sums.is_file() else "present"


def _missing_picture(root: Path, part: Path) -> str:
    """Return which stored picture of a part is gone or damaged, '' when all are sound.

    A picture that was touched after the part was finished is read, and its digest compared.
    """
    listing = part / PICTURES_NAME
    store = ImageStore(root / "images")
    finished = (part / FILE_NAME).stat().st_mtime_ns
    for digest in listing.read_text(encoding="ascii").split():
        found = store.status(digest)
        if found is None:
            return f"picture {digest[:12]}… is missing"
        if found.st_mtime_ns >= finished and not store.is_sound(digest):
            return f"picture {digest[:12]}… is damaged"
    return ""
