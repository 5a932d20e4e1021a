"""Is a picture printed in colour? Nobody can tell a lesion's colour from a grey print."""

from __future__ import annotations

import cv2
import numpy as np

_NEUTRAL = 128.0  # of both colour channels of 8-bit Lab
_SIDE = 256  # pixels; smaller pictures average away the colour noise of JPEG
# In units of 8-bit Lab. Grey prints stay below 3 (JPEG noise), the palest colour photographs
# of skin and slides tried reach 7 and more.
_LEAST_CHROMA = 4.5
_SHARE = 99.0  # percentile: a small coloured lesion is colour enough
_MOST_CAST = 20.0  # yellowed paper stays below; brown spots on skin of one hue differ in light only


def is_grey(image: np.ndarray) -> bool:
    """Tell whether a BGR picture (height x width x 3) has no colours, a slight cast apart."""
    scale = _SIDE / max(image.shape[:2])
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(image, cv2.COLOR_BGR2LAB)
    if np.hypot(*(np.median(lab[..., channel]) - _NEUTRAL for channel in (1, 2))) > _MOST_CAST:
        return False
    a, b = (_from_median(lab[..., channel]) for channel in (1, 2))
    return bool(np.percentile(np.hypot(a, b), _SHARE) < _LEAST_CHROMA)


def _from_median(plane: np.ndarray) -> np.ndarray:
    values = plane.ravel()
    return np.asarray(values - np.float32(np.median(values)))
