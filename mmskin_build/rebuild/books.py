"""Find the books of a release among one's own files: by content, never by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.records import Source
from mmskin_build.sources import ChecksumCache


@dataclass(frozen=True, slots=True)
class MissingBook:
    """A book of the release that no file is; ``lookalike`` has its name but other bytes."""

    source: Source
    lookalike: Path | None
    lookalike_sha256: str

    def __str__(self) -> str:
        """Say what is wanted, and what was found in its place."""
        source = self.source
        title = f" ({source.title})" if source.title not in ("", source.source_id) else ""
        text = f"{source.source_id}{title}: no file with sha256 {source.sha256}"
        if self.lookalike is not None:
            text += (
                f"; {self.lookalike} has its name but sha256 {self.lookalike_sha256}: another "
                "edition, or a copy stamped for its buyer"
            )
        return text


@dataclass(frozen=True, slots=True)
class Found:
    """The books that are here, under the ids of the release, and those that are not."""

    sources: tuple[Source, ...]
    missing: tuple[MissingBook, ...]


def find_books(
    wanted: Sequence[Source],
    files: Iterable[Path],
    checksums: ChecksumCache,
    seen: Callable[[Path], None] = lambda path: None,
) -> Found:
    """Match files to the sources of a release by SHA-256; ``seen`` hears of each file read."""
    by_digest: dict[str, Path] = {}
    by_name: dict[str, Path] = {}
    for file in files:
        by_digest.setdefault(checksums.sha256(file), file)
        by_name.setdefault(file.stem, file)
        seen(file)
    present, missing = [], []
    for source in wanted:
        path = by_digest.get(source.sha256)
        if path is not None:
            key = checksums.owner_key(path, source.sha256)
            present.append(dataclasses.replace(source, path=str(path), owner_key=key))
        else:
            other = by_name.get(source.source_id)
            digest = checksums.sha256(other) if other else ""
            missing.append(MissingBook(source, other, digest))
    return Found(tuple(present), tuple(missing))
