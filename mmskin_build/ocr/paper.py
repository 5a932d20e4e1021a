"""Where a scanned page departs from its paper, whatever the paper's colour and shading."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]

TILE_PX = 24
PAPER_PERCENTILE = 85  # of a tile: text and specks are darker than its paper
MIN_DEPARTURE = 0.035  # of the paper's brightness
GRAIN_FACTOR = 4.5  # grain of the paper this many times over is no departure
COLOR_DEPARTURE = 7.0  # in a and b of CIE L*a*b*


def departure_from_paper(color: npt.NDArray[np.uint8]) -> Mask:
    """Return 255 where a page (RGB, about 100 dpi) is not bare paper, 0 elsewhere."""
    lab = cv2.GaussianBlur(cv2.cvtColor(color, cv2.COLOR_RGB2LAB), (0, 0), 1.0)
    light = lab[:, :, 0].astype(np.float32)
    paper = _paper_light(light)
    relative = light / np.maximum(paper, 1.0)
    is_paper = np.abs(relative - 1) < 0.1
    if is_paper.mean() < 0.02:
        return np.full(light.shape, 255, np.uint8)
    grain = 1.4826 * float(np.median(np.abs(relative[is_paper] - 1)))
    limit = max(MIN_DEPARTURE, GRAIN_FACTOR * grain)
    apart = np.abs(relative - 1) > limit
    for channel in (1, 2):
        tint = lab[:, :, channel].astype(np.float32)
        usual = float(np.median(tint[is_paper]))
        spread = 1.4826 * float(np.median(np.abs(tint[is_paper] - usual)))
        apart |= np.abs(tint - usual) > max(COLOR_DEPARTURE, GRAIN_FACTOR * spread)
    return np.where(apart, np.uint8(255), np.uint8(0)).astype(np.uint8)


def _paper_light(light: Plane) -> Plane:
    """Return the brightness of the bare paper at every pixel: a plane through bright tiles."""
    high, wide = light.shape
    rows, columns = max(1, high // TILE_PX), max(1, wide // TILE_PX)
    cut = light[: rows * TILE_PX, : columns * TILE_PX]
    if cut.size == 0:
        return np.full(light.shape, float(light.max()), np.float32)
    size_y, size_x = cut.shape[0] // rows, cut.shape[1] // columns
    tiles = cut.reshape(rows, size_y, columns, size_x).transpose(0, 2, 1, 3)
    flat_tiles = tiles.reshape(rows * columns, -1)
    flat = np.percentile(flat_tiles, PAPER_PERCENTILE, axis=1).astype(np.float64)
    ys, xs = np.mgrid[0:rows, 0:columns]
    design = np.stack([np.ones(flat.size), ys.ravel() / rows, xs.ravel() / columns], axis=1)
    bright = _commonest_bright(flat)
    used = np.abs(flat - bright) < 0.08 * bright
    for _ in range(3):
        if used.sum() < 6:
            return np.full(light.shape, bright, np.float32)
        fit, *_ = np.linalg.lstsq(design[used], flat[used], rcond=None)
        error = np.abs(design @ fit - flat)
        used = error < max(2.0, 2.5 * float(np.median(error[used])))
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    plane = fit[0] + fit[1] * (y / (rows * size_y)) + fit[2] * (x / (columns * size_x))
    return np.asarray(plane, np.float32)


def _commonest_bright(values: npt.NDArray[np.float64]) -> float:
    """Return the commonest brightness among the brighter tiles."""
    counts = np.bincount(np.clip(np.round(values / 4), 0, 64).astype(np.int64), minlength=65)
    smooth = np.convolve(counts, [1, 2, 1], mode="same").astype(np.float64)
    return 4.0 * int(np.argmax(smooth * np.linspace(0.2, 1.0, 65)))
