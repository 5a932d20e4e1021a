"""The pictures behind a file under audit: found, known by their bytes, compared for near copies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mmskin_build.duplicates.fingerprint import Fingerprint

if TYPE_CHECKING:
    import numpy as np

THUMB_PX = 256  # longer side at which two pictures are compared
SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"))


class PictureShelf:
    """Looks up pictures by the name a row gives, or takes their bytes from the row itself.

    With ``near`` a fingerprint and a thumbnail of each distinct picture are kept (about 30 kB).
    """

    def __init__(
        self,
        folder: Path | None = None,
        near: bool = False,
        seen: Callable[[], None] = lambda: None,
    ) -> None:
        """Look below ``folder`` (and beside the audited file); ``seen`` hears of each picture."""
        self.folder = folder
        self.missing: set[str] = set()  # names without a file, when there is a folder
        self.unreadable: set[str] = set()  # digests of what is no picture
        self._near = near
        self._seen = seen
        self._by_path: dict[Path, str] = {}
        self._prints: dict[str, Fingerprint] = {}
        self._thumbs: dict[str, bytes] = {}

    def digest_of_file(self, name: str, beside: Path) -> str:
        """Return the SHA-256 of the picture of that name, '' when there is none."""
        if not name:
            return ""
        places = [beside / name]
        if self.folder is not None:
            places = [self.folder / name, self.folder / Path(name).name, *places]
        path = next((p for p in places if p.is_file()), None)
        if path is None:
            if self.folder is not None:
                self.missing.add(name)
            return ""
        if path not in self._by_path:
            self._by_path[path] = self.digest_of_bytes(path.read_bytes())
        return self._by_path[path]

    def digest_of_bytes(self, content: bytes) -> str:
        """Return the SHA-256 of an encoded picture and remember what it looks like."""
        digest = hashlib.sha256(content).hexdigest()
        if self._near and digest not in self._prints and digest not in self.unreadable:
            self._remember(digest, content)
        return digest

    def without_rows(self) -> int:
        """Return how many pictures of the folder no row names."""
        if self.folder is None:
            return 0
        files = (p for p in self.folder.rglob("*") if p.suffix.lower() in SUFFIXES)
        return sum(p not in self._by_path for p in files)

    def copy_groups(self) -> Mapping[str, str]:
        """Return the group of every picture that another one shows as well, by digest."""
        from mmskin_build.duplicates.groups import find_groups
        from mmskin_build.duplicates.settings import DuplicateSettings

        found = find_groups(self._prints, self._thumbnail, DuplicateSettings())
        return {digest: member.group_id for digest, member in found.items()}

    def _remember(self, digest: str, content: bytes) -> None:
        import cv2
        import numpy as np

        from mmskin_build.duplicates.fingerprint import fingerprint

        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        self._seen()
        if image is None:
            self.unreadable.add(digest)
            return
        self._prints[digest] = fingerprint(image)
        scale = min(1.0, THUMB_PX / max(image.shape[:2]))
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 95])
        self._thumbs[digest] = data.tobytes()

    def _thumbnail(self, digest: str) -> np.ndarray:
        import cv2
        import numpy as np

        image = cv2.imdecode(np.frombuffer(self._thumbs[digest], np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(image)
