"""Publishers' logos in a corner: drawn on the picture, but no annotation of what it shows.

Such a mark is light and colourless, holds far more pieces than a label or a scale bar (the
letters of a name and of a motto, the strokes of an emblem), and keeps to a corner.
"""

from __future__ import annotations

import numpy as np

from mmskin_build.duplicates.components import group_of
from mmskin_build.screening.components import FEATURES, MASKS, Components

LEAST_PIECES = 12
CORNER = 0.46  # share of width and height a logo keeps within
REACH = 0.045  # gap between pieces of one logo, share of the longer side
_LIGHT = (MASKS.index("light"), MASKS.index("light_stroke"))


def watermark_pieces(found: Components) -> np.ndarray:
    """Return which components belong to a corner logo, one bool per component."""
    pieces = np.zeros(len(found.masks), bool)
    tone = found.features[:, FEATURES.index("lightness")]
    chroma = found.features[:, FEATURES.index("chroma")]
    for mask in _LIGHT:
        members = np.flatnonzero((found.masks == mask) & (tone > 165) & (chroma < 60))
        for cluster in _clusters(found.boxes[members], max(found.shape) * REACH):
            chosen = members[cluster]
            if len(chosen) >= LEAST_PIECES and _in_corner(found.boxes[chosen], found.shape):
                pieces |= _inside(found.boxes, found.boxes[chosen])
    return pieces


def _clusters(boxes: np.ndarray, reach: float) -> list[np.ndarray]:
    if not len(boxes):
        return []
    x, y = boxes[:, 0].astype(float), boxes[:, 1].astype(float)
    right, bottom = x + boxes[:, 2], y + boxes[:, 3]
    gap_x = np.maximum(x[:, None] - right[None], x[None] - right[:, None])
    gap_y = np.maximum(y[:, None] - bottom[None], y[None] - bottom[:, None])
    i, j = np.nonzero(np.maximum(gap_x, gap_y) < reach)
    roots = np.array(group_of(len(boxes), zip(i.tolist(), j.tolist(), strict=True)))
    return [np.flatnonzero(roots == root) for root in np.unique(roots)]


def _span(boxes: np.ndarray) -> tuple[float, float, float, float]:
    x, y, w, h = boxes.T[:4]
    return float(x.min()), float(y.min()), float((x + w).max()), float((y + h).max())


def _in_corner(boxes: np.ndarray, shape: tuple[int, int]) -> bool:
    height, width = shape
    x0, y0, x1, y1 = _span(boxes)
    sideways = x1 < CORNER * width or x0 > (1 - CORNER) * width
    upright = y1 < CORNER * height or y0 > (1 - CORNER) * height
    return sideways and upright


def _inside(boxes: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Return which boxes lie within the span of a cluster, whatever mask found them."""
    x0, y0, x1, y1 = _span(cluster)
    x, y, w, h = boxes.T[:4]
    return np.asarray((x >= x0 - 3) & (y >= y0 - 3) & (x + w <= x1 + 3) & (y + h <= y1 + 3))
