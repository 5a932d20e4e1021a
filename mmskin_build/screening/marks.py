"""Marks drawn on a picture: flat, sharp-edged components that optics does not make."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

SIDE = 640


@dataclass(frozen=True, slots=True)
class Marks:
    """How surely the picture is annotated (0 to 1) and with what."""

    score: float
    kinds: tuple[str, ...]


def find_marks(image: np.ndarray) -> Marks:
    """Score one BGR picture."""
    scale = min(1.0, SIDE / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    light, dark = small.min(axis=2), small.max(axis=2)
    spread = dark.astype(np.int16) - light
    vivid = (spread >= 150) & (dark >= 170)
    blank = float((light >= 250).mean())
    count = sum(_drawn(mask, small) for mask in (light >= 240, dark <= 30, vivid))
    score = 1 - np.exp(-count / 3) if count else 0.0
    if blank > 0.25 and count >= 3:
        return Marks(max(0.9, float(score)), ("drawing",))
    return Marks(float(score), ("arrow",) if score >= 0.5 else ())


def _drawn(mask: np.ndarray, picture: np.ndarray) -> int:
    """Return how many small components of the mask have a sharp outline all around."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    found = 0
    for i in range(1, len(stats)):
        x, y, w, h, size = (int(v) for v in stats[i])
        if size < 40 or size > 0.03 * mask.size or max(w, h) < 12:
            continue
        part = (labels[y : y + h, x : x + w] == i).astype(np.uint8)
        rim = part - cv2.erode(part, np.ones((3, 3), np.uint8), borderValue=0)
        sharp = edges[y : y + h, x : x + w][rim > 0]
        found += bool((sharp > 90).mean() > 0.85)
    return found
