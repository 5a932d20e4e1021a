"""Made-up photographs and what printing does to them."""

from __future__ import annotations

import cv2
import numpy as np


def photograph(seed: int, width: int = 480, height: int = 360) -> np.ndarray:
    """A dark spot on mottled skin; every seed has the same coarse shape, other fine structure."""
    random = np.random.default_rng(seed)
    total = np.zeros((height, width), np.float32)
    for sigma, weight in ((3, 1.0), (8, 1.6), (25, 3.0)):
        noise = cv2.GaussianBlur(random.standard_normal((height, width)), (0, 0), sigma)
        total += (weight * noise / noise.std()).astype(np.float32)
    y, x = np.mgrid[:height, :width]
    spot = np.exp(-(((x - width / 2) / 80) ** 2 + ((y - height / 2) / 60) ** 2))
    light = 165 + 9 * total - 80 * spot
    return np.clip(light[..., None] * (0.75, 0.85, 1.0), 0, 255).astype(np.uint8)


def printed(image: np.ndarray, side: int, quality: int = 70) -> np.ndarray:
    """The picture in another size and as JPEG."""
    scale = side / max(image.shape[:2])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


def rescanned(image: np.ndarray, degrees: float) -> np.ndarray:
    """The picture printed grey, laid askew on the scanner, with noise."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.02)
    grey = cv2.cvtColor(cv2.warpAffine(image, turn, (width, height)), cv2.COLOR_BGR2GRAY)
    noise = np.random.default_rng(0).normal(0, 6, grey.shape)
    soft = cv2.GaussianBlur(grey, (0, 0), 0.8).astype(float) * 0.85 + 20 + noise
    return cv2.cvtColor(np.clip(soft, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
