"""Pictures as a browser shows them, and how they would look without the marks drawn on them."""

from __future__ import annotations

import functools
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


@functools.lru_cache(maxsize=32)
def edited_png(path: Path, how: str) -> bytes:
    """Return the copy that ``how`` ('mask' or 'crop') would release; b'' when it cannot be made."""
    from mmskin_build.screening.burnt_in import read_burnt_in
    from mmskin_build.screening.copies import clean
    from mmskin_build.screening.settings import Action
    from mmskin_build.screening.source import box_texts

    image = _decoded(path)
    if image is None:
        return b""
    return as_png(clean(image, Action(how), box_texts(read_burnt_in(image).boxes)).image)


def as_png(image: np.ndarray | None) -> bytes:
    """Return BGR pixels as PNG; b'' for no picture."""
    import cv2

    return b"" if image is None else bytes(cv2.imencode(".png", image)[1].tobytes())


def _decoded(path: Path) -> np.ndarray | None:
    from mmskin_build.modality.working_image import decode

    return decode(path.read_bytes())
