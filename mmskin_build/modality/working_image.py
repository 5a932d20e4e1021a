"""Bring any picture to the size and shape in which it is measured."""

from __future__ import annotations

import cv2
import numpy as np

WORKING_AREA = 256 * 256  # pixels; large enough for cell nuclei, small enough for 60 ms
MIN_SIDE = 32
FLAT_RANGE = 14  # grey levels within which a border row counts as plain


def decode(data: bytes) -> np.ndarray | None:
    """Return the BGR picture of encoded bytes, or None when they hold no readable picture."""
    if not data:
        return None
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return None if image is None or image.size == 0 else to_bgr(image)


def to_bgr(image: np.ndarray) -> np.ndarray:
    """Return an 8-bit BGR picture; transparency is laid over white, as on paper."""
    if image.dtype != np.uint8:
        peak = 65535 if image.dtype == np.uint16 else max(float(image.max()), 1.0)
        image = np.clip(image.astype(np.float32) * (255.0 / peak), 0, 255).astype(np.uint8)
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
    if image.shape[2] == 4:
        alpha = image[:, :, 3:].astype(np.float32) / 255
        return np.asarray(image[:, :, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return image[:, :, :3]


def without_margins(image: np.ndarray) -> np.ndarray:
    """Cut plain margins (paper, frames), at most a fifth of the picture on each side."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    top = _plain_lines(grey, height // 5)
    bottom = _plain_lines(grey[::-1], height // 5)
    left = _plain_lines(grey.T, width // 5)
    right = _plain_lines(grey.T[::-1], width // 5)
    return image[top : height - bottom, left : width - right]


def _plain_lines(grey: np.ndarray, most: int) -> int:
    if most == 0:
        return 0
    edge = grey[:most].astype(np.int16)
    plain = (edge.max(axis=1) - edge.min(axis=1)) <= FLAT_RANGE
    return int(np.argmin(plain)) if not plain.all() else most


def working_image(image: np.ndarray) -> np.ndarray:
    """Return the picture without margins, scaled to the working area, never blown up beyond 2x."""
    image = without_margins(image)
    height, width = image.shape[:2]
    scale = min(2.0, float(np.sqrt(WORKING_AREA / (height * width))))
    size = (max(MIN_SIDE, round(width * scale)), max(MIN_SIDE, round(height * scale)))
    size = (min(size[0], 1024), min(size[1], 1024))  # a strip one pixel high stays bounded
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=method))
