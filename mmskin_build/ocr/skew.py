"""By how much the lines of a scanned page are tilted."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

ESTIMATE_DPI = 200
MAX_SKEW_DEG = 6.0
COARSE_STEP_DEG = 0.5
FINE_STEP_DEG = 0.05
MIN_GLYPHS = 60
GLYPH_HEIGHT_PT = (2.5, 30.0)
MAX_GLYPH_ASPECT = 6.0
MIN_CLARITY = 1.5  # text has 4 to 12, texture that looks like letters 1.2
WORTH_TURNING_DEG = 0.08


def estimate_skew(grey: Pixels, dpi: float) -> float:
    """Return the tilt in degrees, positive when lines fall to the right; 0 when unknown.

    The feet and heads of letter-sized blobs are projected along many directions; along the
    true one they fall together on the fewest rows. Pictures and rules take no part.
    """
    points = _glyph_feet(grey, dpi)
    if len(points) < MIN_GLYPHS:
        return 0.0
    steps = np.arange(-MAX_SKEW_DEG, MAX_SKEW_DEG + 1e-6, COARSE_STEP_DEG)
    best, clarity = _sharpest(points, steps)
    if clarity < MIN_CLARITY:
        return 0.0
    fine = np.arange(best - COARSE_STEP_DEG, best + COARSE_STEP_DEG + 1e-6, FINE_STEP_DEG)
    found, _ = _sharpest(points, fine)
    return round(found, 3) if abs(found) >= WORTH_TURNING_DEG else 0.0


def _glyph_feet(grey: Pixels, dpi: float) -> npt.NDArray[np.float64]:
    """Return the middle of the foot of every letter-sized blob, in pixels at ESTIMATE_DPI."""
    factor = min(1.0, ESTIMATE_DPI / dpi)
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    ink = cv2.adaptiveThreshold(
        small, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 41, 25
    )
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, wide, high, size = (stats[1:, i].astype(np.float64) for i in range(5))
    px_per_pt = dpi * factor / 72
    low, tall = (limit * px_per_pt for limit in GLYPH_HEIGHT_PT)
    letters = (high >= low) & (high <= tall) & (wide <= MAX_GLYPH_ASPECT * high) & (size > 4)
    return np.stack([(left + wide / 2)[letters], (top + high)[letters]], axis=1)


def _sharpest(
    points: npt.NDArray[np.float64], angles: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Return the angle of the sharpest projection and how far it stands out from the others."""
    scores = [_sharpness(points, math.radians(float(angle))) for angle in angles]
    return float(angles[int(np.argmax(scores))]), max(scores) / float(np.median(scores))


def _sharpness(points: npt.NDArray[np.float64], angle: float) -> float:
    rows = points[:, 1] * math.cos(angle) - points[:, 0] * math.sin(angle)
    counts = np.bincount(np.round(rows - rows.min()).astype(np.int64)).astype(np.float64)
    return float(np.square(counts).sum() + (counts[:-1] * counts[1:]).sum())
