"""The pictures of a release: checked to be whole, linked or copied, made PNG where that is asked.

That they decode is known: screen has looked at every picture that filter keeps, and mask has made
the copies without marks.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from mmskin_build.errors import StageError
from mmskin_build.export.entries import Entry
from mmskin_build.export.rows import PictureCell
from mmskin_build.images import ImageStore


class Pictures:
    """Hands out the stored pictures of entries; the digest of each is checked before it is used.

    Attributes:
        sums: SHA-256 of the files that were linked or copied as they are.
    """

    def __init__(self, store: ImageStore) -> None:
        """Read from an image store."""
        self.sums: dict[Path, str] = {}
        self._store = store
        self._checked: set[str] = set()
        self._suffixes: dict[str, str] = {}

    def cell(self, entry: Entry) -> PictureCell:
        """Return the encoded picture with the base name it has in every image folder."""
        path = self._path(entry)
        data = path.read_bytes()
        self._check(entry, data)
        return PictureCell(data, f"{entry.pair.image_digest[:20]}{path.suffix}")

    def name(self, entry: Entry) -> str:
        """Return the base name of an entry's picture."""
        digest = entry.pair.image_digest
        suffix = self._suffixes.get(digest) or self._path(entry).suffix
        return f"{digest[:20]}{suffix}"

    def link(self, entry: Entry, folder: Path) -> str:
        """Put the picture into ``folder`` (hard link where possible) and return its name."""
        target = folder / self.name(entry)
        if target not in self.sums and not target.exists():
            self._check(entry, None)
            folder.mkdir(parents=True, exist_ok=True)
            _link_or_copy(self._path(entry), target)
            self.sums[target] = entry.pair.image_digest
        return target.name

    def png(self, entry: Entry, target: Path) -> None:
        """Write the picture as PNG."""
        path = self._path(entry)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".png":
            self._check(entry, None)
            _link_or_copy(path, target)
            self.sums[target] = entry.pair.image_digest
            return
        from PIL import Image

        with Image.open(path) as image:
            image.convert("RGB").save(target, "PNG", compress_level=4)

    def _path(self, entry: Entry) -> Path:
        try:
            path = self._store.path(entry.pair.image_digest)
            self._suffixes[entry.pair.image_digest] = path.suffix
            return path
        except FileNotFoundError:
            raise StageError(
                f"export: pair {entry.pair.pair_id} ({entry.pair.source_id}, page "
                f"{entry.pair.page}) refers to image {entry.pair.image_digest}, which is not in "
                "the image store; rebuild with --from align"
            ) from None

    def _check(self, entry: Entry, data: bytes | None) -> None:
        digest = entry.pair.image_digest
        if digest in self._checked:
            return
        found = hashlib.sha256(self._path(entry).read_bytes() if data is None else data)
        if found.hexdigest() != digest:
            raise StageError(
                f"export: image {digest} of pair {entry.pair.pair_id} is damaged: its content is "
                "not what its name stands for; delete it from the image store and run the build "
                "again, it is then made anew"
            )
        self._checked.add(digest)


def _link_or_copy(source: Path, target: Path) -> None:
    """Link where both lie on one file system; a release takes then no second copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
