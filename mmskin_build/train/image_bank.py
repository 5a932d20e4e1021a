"""Pictures by the digest of their bytes: each is stored once, checked once, opened on demand."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmskin_build.errors import SourceError

if TYPE_CHECKING:
    from PIL import Image

_SHOWN = 10


class ImageBank:
    """Map image digests to files. Bytes that come from parquet are kept below ``folder``."""

    def __init__(self, folder: Path) -> None:
        """Start empty; ``folder`` is made when the first bytes arrive."""
        self._folder = folder
        self._paths: dict[str, Path] = {}
        self._named: dict[str, str] = {}
        self._by_file: dict[Path, str] = {}
        self._unchecked: set[str] = set()

    def __len__(self) -> int:
        """Return the number of different pictures."""
        return len(self._paths)

    def add_bytes(self, cell: Any, where: str) -> str:
        """File the bytes of a parquet image cell and return their digest."""
        content = cell.get("bytes") if isinstance(cell, dict) else cell
        if not content:
            raise SourceError(f"{where}: the image cell holds no bytes")
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._paths:
            path = self._folder / digest[:2] / digest
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                partial = path.with_suffix(f".{os.getpid()}")
                partial.write_bytes(content)
                partial.replace(path)
            self._register(digest, path, where)
        return digest

    def add_file(self, path: Path, where: str) -> str:
        """File a picture by its path and return the digest of its bytes."""
        if path not in self._by_file:
            try:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError as error:
                raise SourceError(f"{where}: image {path} is missing ({error.strerror})") from None
            self._by_file[path] = digest
            if digest not in self._paths:
                self._register(digest, path, f"{where}, {path.name}")
        return self._by_file[path]

    def open(self, digest: str) -> Image.Image:
        """Return the picture, decoded, as RGB."""
        from PIL import Image

        with Image.open(self._paths[digest]) as image:
            return image.convert("RGB")

    def verify(self) -> None:
        """Decode every picture added since the last call.

        Raises:
            SourceError: names the rows of those that do not decode.
        """
        digests = sorted(self._unchecked)
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            faults = [fault for fault in pool.map(self._fault, digests) if fault]
        if faults:
            more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
            raise SourceError(f"broken images: {'; '.join(faults[:_SHOWN])}{more}")
        self._unchecked.clear()

    def _register(self, digest: str, path: Path, where: str) -> None:
        self._paths[digest] = path
        self._named[digest] = where
        self._unchecked.add(digest)

    def _fault(self, digest: str) -> str:
        from PIL import Image

        try:
            self.open(digest)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            return f"{self._named[digest]} ({error})"
        return ""
