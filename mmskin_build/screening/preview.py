"""How a picture would look without the marks drawn on it, for the review page."""

from __future__ import annotations

import functools
from pathlib import Path

import cv2

from mmskin_build.modality.working_image import decode
from mmskin_build.screening.burnt_in import read_burnt_in
from mmskin_build.screening.copies import clean
from mmskin_build.screening.settings import Action
from mmskin_build.screening.source import box_texts


@functools.lru_cache(maxsize=32)
def edited_png(path: Path, how: str) -> bytes:
    """Return the copy that ``how`` ('mask' or 'crop') would release; b'' when it cannot be made."""
    image = decode(path.read_bytes())
    if image is None:
        return b""
    edited = clean(image, Action(how), box_texts(read_burnt_in(image).boxes)).image
    return b"" if edited is None else bytes(cv2.imencode(".png", edited)[1].tobytes())
