"""Made-up skin photographs for the tests."""

from __future__ import annotations

import cv2
import numpy as np


def skin(seed: int, width: int = 480, height: int = 360) -> np.ndarray:
    """Mottled skin with a soft lesion and a highlight: nothing drawn."""
    random = np.random.default_rng(seed)
    total = np.zeros((height, width), np.float32)
    for sigma, weight in ((1.5, 0.5), (5, 1.0), (30, 2.5)):
        noise = cv2.GaussianBlur(random.standard_normal((height, width)), (0, 0), sigma)
        total += (weight * noise / noise.std()).astype(np.float32)
    y, x = np.mgrid[:height, :width]
    spot = np.exp(-(((x - width / 2) / 70) ** 2 + ((y - height / 2) / 55) ** 2))
    light = 175 + 7 * total - 70 * spot
    return np.clip(light[..., None] * (0.7, 0.82, 1.0), 0, 255).astype(np.uint8)
