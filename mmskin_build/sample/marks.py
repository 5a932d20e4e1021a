"""Small marks a book repeats: the publisher's logo and the icon of tip boxes."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np


@cache
def logo_png() -> bytes:
    """Return the mark printed beside every running head."""
    mark = np.full((48, 48, 3), 255, np.uint8)
    cv2.circle(mark, (24, 24), 21, (110, 80, 40), -1, cv2.LINE_AA)
    cv2.putText(mark, "S", (14, 35), cv2.FONT_HERSHEY_DUPLEX, 1.1, (255, 255, 255), 2, cv2.LINE_AA)
    return _png(mark)


@cache
def tip_icon_png() -> bytes:
    """Return the lamp that stands before a tip."""
    icon = np.full((56, 56, 3), 255, np.uint8)
    cv2.circle(icon, (28, 22), 16, (60, 180, 240), -1, cv2.LINE_AA)
    cv2.rectangle(icon, (22, 38), (34, 50), (90, 90, 90), -1)
    return _png(icon)


def _png(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    done, data = cv2.imencode(".png", pixels)
    if not done:
        raise ValueError("the PNG encoder refused the mark")
    return bytes(data.tobytes())
