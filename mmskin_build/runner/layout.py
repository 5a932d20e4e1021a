"""Where everything lies in the build folder."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

LIBRARY = "_library"
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,79}")


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths below one build folder."""

    root: Path

    @property
    def tables(self) -> Path:
        """Merged tables, one parquet file each."""
        return self.root / "tables"

    @property
    def gathered(self) -> Path:
        """Tables as library stages read them, put together before the build is at its end."""
        return self.root / "gathered"

    @property
    def rejects(self) -> Path:
        """Dropped records, one parquet file per stage."""
        return self.root / "rejects"

    @property
    def images(self) -> Path:
        """The content-addressed image store."""
        return self.root / "images"

    @property
    def ranges(self) -> Path:
        """Finished page ranges of books that are not finished."""
        return self.root / "ranges"

    @property
    def logs(self) -> Path:
        """Tracebacks of faults."""
        return self.root / "logs"

    def part(self, stage: str, key: str) -> Path:
        """Folder of one stage's output for one source (or LIBRARY)."""
        return self.root.joinpath("parts", stage, folder_name(key))

    def range(self, stage: str, key: str, pages: str) -> Path:
        """Folder of one stage's output for a page range, until the whole part is written."""
        return self.ranges / stage / folder_name(key) / pages


def folder_name(source_id: str) -> str:
    """Return a safe folder name for any source id; odd names get a digest, never a collision."""
    if _SAFE.fullmatch(source_id) and source_id != LIBRARY:
        return source_id
    if source_id == LIBRARY:
        return LIBRARY
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", source_id).strip("._")[:60]
    digest = hashlib.sha256(source_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{plain or 'source'}~{digest[:12]}"
