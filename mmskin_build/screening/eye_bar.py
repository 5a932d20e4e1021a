"""Bars drawn over a pair of eyes: flat, dark or light, wide, with straight edges, on a face."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mmskin_build.screening.components import highest, lowest

if TYPE_CHECKING:
    from mmskin_build.screening.faces import Face

SIDE = 400
MIN_FILL = 0.86  # share of its own tilted rectangle that a drawn bar covers


def eye_bar_score(image: np.ndarray, faces: Sequence[Face]) -> float:
    """Return how surely a bar hides the eyes of a face in the picture, 0 to 1."""
    if not faces:
        return 0.0
    scale = SIDE / max(image.shape[:2])
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    bars = [*_bars(highest(small) <= 40), *_bars(lowest(small) >= 238)]
    best = 0.0
    for box in bars:
        fits = [_on_face(box, tuple(v * scale for v in f.box)) * min(1.0, f.score * 2)
                for f in faces]  # fmt: skip
        best = max(best, *fits)
    return best


def _bars(mask: np.ndarray) -> list[tuple[float, float, float, float]]:
    """Return upright boxes of solid, wide rectangles, tilted by at most 30 degrees."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    boxes = []
    for i in range(1, count):
        x, y, w, h, size = (int(v) for v in stats[i])
        if size < 120 or w < 1.3 * h or x == 0 or x + w >= mask.shape[1]:
            continue
        points = np.argwhere(labels[y : y + h, x : x + w] == i)[:, ::-1].astype(np.float32)
        (_, _), (a, b), _ = cv2.minAreaRect(points)
        long, short = max(a, b) + 1, min(a, b) + 1
        if 2.0 <= long / short <= 9.0 and size >= MIN_FILL * long * short:
            boxes.append((float(x), float(y), float(x + w), float(y + h)))
    return boxes


def _on_face(bar: tuple[float, ...], face: tuple[float, ...]) -> float:
    """Return 1 when the bar spans the upper half of the face box, 0 when it lies elsewhere."""
    x0, y0, x1, y1 = face
    width, height = x1 - x0, y1 - y0
    centre_x, centre_y = (bar[0] + bar[2]) / 2, (bar[1] + bar[3]) / 2
    wide_enough = 0.35 * width <= bar[2] - bar[0] <= 1.6 * width
    across = x0 - 0.1 * width <= centre_x <= x1 + 0.1 * width
    upper = y0 <= centre_y <= y0 + 0.65 * height
    return 1.0 if wide_enough and across and upper else 0.0
