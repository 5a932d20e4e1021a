"""Small copies of pictures for the queue, made once and named by the picture's digest."""

from __future__ import annotations

import re
from pathlib import Path

from mmskin_build.images import ImageStore
from mmskin_build.review.spreadsheet import write_atomically

SIDE = 256
FOLDER = "thumbnails"
_DIGEST = re.compile(r"[0-9a-f]{8,128}")


def make_thumbnail(store: ImageStore, digest: str, review_dir: Path) -> str:
    """Return the thumbnail's path relative to the review folder; '' without a picture."""
    if not is_digest(digest):
        return ""
    name = f"{FOLDER}/{digest[:32]}.jpg"
    target = review_dir / name
    if target.exists():
        return name
    data = _shrunk(store, digest)
    if data is None:
        return ""
    write_atomically(target, data)
    return name


def is_digest(text: str) -> bool:
    """Return whether a cell of the queue can name a stored picture, and nothing else."""
    return bool(_DIGEST.fullmatch(text))


def _shrunk(store: ImageStore, digest: str) -> bytes | None:
    import cv2

    from mmskin_build.modality.working_image import decode

    try:
        image = decode(store.read(digest))
    except FileNotFoundError:
        return None
    if image is None:
        return None
    height, width = image.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    done, data = cv2.imencode(
        ".jpg",
        cv2.resize(image, size, interpolation=cv2.INTER_AREA),
        [cv2.IMWRITE_JPEG_QUALITY, 85],
    )
    return data.tobytes() if done else None
