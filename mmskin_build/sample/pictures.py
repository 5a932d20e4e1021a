"""From a picture's description to the JPEG that is printed."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mmskin_build.sample.book import PictureSpec
from mmskin_build.sample.canvas import Size, generator, jpeg
from mmskin_build.sample.clinical import Clinical, draw_clinical
from mmskin_build.sample.dermoscopy import Dermoscopy, draw_dermoscopy
from mmskin_build.sample.histology import draw_histology

SIZES: tuple[Size, ...] = ((390, 520), (400, 500), (384, 512), (372, 528))


@lru_cache(maxsize=128)
def picture_jpeg(spec: PictureSpec) -> tuple[bytes, int, int]:
    """Return the picture as JPEG, with its width and height in pixels."""
    pixels = _drawn(spec)
    if spec.crop < 1.0:
        h, w = pixels.shape[:2]
        dy, dx = round(h * (1 - spec.crop) / 2), round(w * (1 - spec.crop) / 2)
        pixels = pixels[dy : h - dy, dx : w - dx]
    if spec.scale < 1.0:
        pixels = np.asarray(
            cv2.resize(pixels, None, fx=spec.scale, fy=spec.scale, interpolation=cv2.INTER_AREA),
            np.uint8,
        )
    if spec.arrow:
        pixels = _with_arrow(pixels)
    return jpeg(np.ascontiguousarray(pixels)), pixels.shape[1], pixels.shape[0]


def _drawn(spec: PictureSpec) -> NDArray[np.uint8]:
    size = SIZES[int(generator(spec.name).integers(len(SIZES)))]
    if isinstance(spec.drawing, Clinical):
        return draw_clinical(spec.name, size, spec.drawing)
    if isinstance(spec.drawing, Dermoscopy):
        return draw_dermoscopy(spec.name, size, spec.drawing)
    return draw_histology(spec.name, size, spec.drawing)


def _with_arrow(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    marked = pixels.copy()
    h, w = marked.shape[:2]
    tail, tip = (round(w * 0.86), round(h * 0.18)), (round(w * 0.60), round(h * 0.42))
    for colour, thickness in (((20, 20, 20), 9), ((255, 255, 255), 5)):
        cv2.arrowedLine(marked, tail, tip, colour, thickness, cv2.LINE_AA, tipLength=0.22)
    return marked
