"""The content-addressed image store, ``build/images/``: every picture lives there once."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from mmskin_build.errors import StageError

SUFFIXES = (".png", ".jpg", ".jp2", ".tif")


class ImageStore:
    """Encoded pictures named by the SHA-256 of their bytes: ``ab/abcdef….png``."""

    def __init__(self, root: Path) -> None:
        """Use ``root``, created when the first picture arrives."""
        self.root = root
        self.stored: set[str] = set()  # what this instance was given, for the receipt

    def put(self, data: bytes, suffix: str) -> str:
        """Store encoded bytes (``suffix`` one of SUFFIXES) and return their digest."""
        if suffix not in SUFFIXES:
            raise ValueError(f"suffix {suffix!r} is not one of {SUFFIXES}")
        digest = hashlib.sha256(data).hexdigest()
        target = self._folder(digest) / f"{digest}{suffix}"
        if not _holds(target, data):
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
            part.write_bytes(data)
            part.replace(target)
        self.stored.add(digest)
        return digest

    def __contains__(self, digest: object) -> bool:
        """Whether a picture with this digest is stored; a crash can leave a file without bytes."""
        return self.status(str(digest)) is not None

    def status(self, digest: str) -> os.stat_result | None:
        """Return size and dates of the file of a digest; None when it is not stored."""
        for suffix in SUFFIXES:
            try:
                found = self.root.joinpath(digest[:2], f"{digest}{suffix}").stat()
            except OSError:
                continue
            return found if found.st_size else None
        return None

    def is_sound(self, digest: str) -> bool:
        """Whether a picture's bytes are those its name stands for."""
        try:
            return hashlib.sha256(self.path(digest).read_bytes()).hexdigest() == digest
        except OSError:
            return False

    def path(self, digest: str) -> Path:
        """Return the file of a digest; raises FileNotFoundError when it is not stored."""
        for suffix in SUFFIXES:
            candidate = self._folder(digest) / f"{digest}{suffix}"
            if candidate.exists():
                return candidate
        raise FileNotFoundError(f"image {digest} is not in {self.root}; rebuild with --from align")

    def read(self, digest: str) -> bytes:
        """Return the encoded bytes of a digest.

        Raises:
            StageError: they are damaged.
        """
        file = self.path(digest)
        data = file.read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            raise StageError(
                f"{file} is damaged: its content is not what its name stands for; delete it and "
                "run the build again, it is then made anew"
            )
        return data

    def _folder(self, digest: str) -> Path:
        return self.root / digest[:2]


def _holds(file: Path, data: bytes) -> bool:
    try:
        return file.stat().st_size == len(data) and file.read_bytes() == data
    except OSError:
        return False
