"""Pictures as a browser shows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

SHOWN_AS_IS = {".png": "image/png", ".jpg": "image/jpeg"}


def picture_of(path: Path) -> tuple[bytes, str]:
    """Return a stored picture and its media type; formats browsers lack become PNG."""
    if path.suffix in SHOWN_AS_IS:
        return path.read_bytes(), SHOWN_AS_IS[path.suffix]
    return as_png(_decoded(path)), "image/png"


def as_png(image: np.ndarray | None) -> bytes:
    """Return BGR pixels as PNG; b'' for no picture."""
    import cv2

    return b"" if image is None else bytes(cv2.imencode(".png", image)[1].tobytes())


def _decoded(path: Path) -> np.ndarray | None:
    from mmskin_build.modality.working_image import decode

    return decode(path.read_bytes())
