"""Where a scanned page departs from its paper, whatever the paper's colour and shading."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]

TILE_PX = 24
PAPER_PERCENTILE = 85  # of a tile: text and specks are darker than its paper
SMOOTH_TILE = 0.93  # darker parts of a tile against its paper; text and texture fall below
SHADOW_REACH = 0.25  # share of the page that the shadow of an edge may reach in
SHADOW_TILES = 0.15  # of the tiles along an edge must be bare to measure its shadow
SHADOW_PERCENTILE = 75
NO_SHADOW = 0.985
SHADOW_BANDS = 5
DARKEST_SHADOW = 0.45
MIN_DEPARTURE = 0.035  # of the paper's brightness
GRAIN_FACTOR = 4.5  # grain of the paper this many times over is no departure
ALL_OVER = 100.0  # departure of a page without any paper
COLOR_DEPARTURE = 7.0  # in a and b of CIE L*a*b*


def departure_from_paper(color: npt.NDArray[np.uint8], spread_px: float = 1.0) -> Plane:
    """Return how far each pixel of a page (RGB, about 100 dpi) is from bare paper.

    In multiples of what is just no paper any more: above 1 there is something on the page.
    ``spread_px`` is how far grain and dots are smoothed.
    """
    lab = cv2.GaussianBlur(cv2.cvtColor(color, cv2.COLOR_RGB2LAB), (0, 0), spread_px)
    light = lab[:, :, 0].astype(np.float32)
    paper = _paper_light(light)
    relative = light / np.maximum(paper, 1.0)
    is_paper = np.abs(relative - 1) < 0.1
    if is_paper.mean() < 0.02:
        return np.full(light.shape, ALL_OVER, np.float32)
    grain = 1.4826 * float(np.median(np.abs(relative[is_paper] - 1)))
    apart = np.abs(relative - 1) / max(MIN_DEPARTURE, GRAIN_FACTOR * grain)
    for channel in (1, 2):
        tint = lab[:, :, channel].astype(np.float32)
        usual = float(np.median(tint[is_paper]))
        spread = 1.4826 * float(np.median(np.abs(tint[is_paper] - usual)))
        limit = max(COLOR_DEPARTURE, GRAIN_FACTOR * spread)
        np.maximum(apart, np.abs(tint - usual) / limit, out=apart)
    return np.asarray(apart, np.float32)


def _paper_light(light: Plane) -> Plane:
    """Return the brightness of the bare paper at every pixel.

    A plane through the bright tiles, darkened towards the edges where smooth tiles say that a
    shadow lies there, as along the spine of an open book.
    """
    high, wide = light.shape
    rows, columns = max(1, high // TILE_PX), max(1, wide // TILE_PX)
    cut = light[: rows * (high // rows), : columns * (wide // columns)]
    split = cut.reshape(rows, high // rows, columns, wide // columns).transpose(0, 2, 1, 3)
    tiles = split.reshape(rows, columns, -1)
    bright = np.percentile(tiles, PAPER_PERCENTILE, axis=2).astype(np.float64)
    plane = _plane(bright)
    relative = bright / plane
    smooth = np.percentile(tiles, 25, axis=2) > SMOOTH_TILE * bright
    shade = _side_shadows(relative.T, smooth.T).T
    shade = shade * _side_shadows(relative / shade, smooth)
    paper = np.asarray(plane * shade, np.float32)
    return np.asarray(cv2.resize(paper, (wide, high), interpolation=cv2.INTER_LINEAR), np.float32)


def _plane(bright: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the plane through the tiles of bare paper, fitted without the others."""
    rows, columns = bright.shape
    ys, xs = np.mgrid[0:rows, 0:columns]
    design = np.stack([np.ones(bright.size), ys.ravel() / rows, xs.ravel() / columns], axis=1)
    flat = bright.ravel()
    usual = _commonest_bright(flat)
    fitted = np.full(flat.shape, usual)
    used = np.abs(flat - usual) < 0.08 * usual
    for _ in range(3):
        if used.sum() < 6:
            break
        fit, *_ = np.linalg.lstsq(design[used], flat[used], rcond=None)
        fitted = design @ fit
        error = np.abs(fitted - flat)
        used = error < max(2.0, 2.5 * float(np.median(error[used])))
    return np.asarray(np.maximum(fitted, 1.0), np.float64).reshape(bright.shape)


def _side_shadows(
    relative: npt.NDArray[np.float64], smooth: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Return the factors of shadows along the first and last rows of tiles.

    Measured in bands across and blended, because a shadow may lie aslant.
    """
    columns = relative.shape[1]
    edges = np.linspace(0, columns, min(SHADOW_BANDS, columns) + 1).round().astype(np.int64)
    bands = list(pairwise(int(edge) for edge in edges))
    measured = np.stack([_shadow(relative[:, a:b], smooth[:, a:b]) for a, b in bands])
    centres = [(a + b - 1) / 2 for a, b in bands]
    blended = [np.interp(np.arange(columns), centres, row) for row in measured.T]
    return np.stack(blended)


def _shadow(
    relative: npt.NDArray[np.float64], smooth: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Return one factor for each row of tiles: below 1 near an edge that lies in shadow.

    The margin of the page shows the shadow at its deepest; inwards it only gets lighter, and
    once the paper has its full brightness the shadow ends.
    """
    count = len(relative)
    factor = np.ones(count)
    reach = max(1, round(SHADOW_REACH * count))
    for step in (1, -1):
        reached = 0.0
        for i in list(range(count))[::step][:reach]:
            paper = relative[i][smooth[i] & (relative[i] > DARKEST_SHADOW)]
            if len(paper) >= SHADOW_TILES * relative.shape[1]:
                reached = max(reached, float(np.percentile(paper, SHADOW_PERCENTILE)))
            if reached >= NO_SHADOW:
                break
            factor[i] = reached or 1.0
    return factor


def _commonest_bright(values: npt.NDArray[np.float64]) -> float:
    """Return the commonest brightness among the brighter tiles."""
    counts = np.bincount(np.clip(np.round(values / 4), 0, 64).astype(np.int64), minlength=65)
    smooth = np.convolve(counts, [1, 2, 1], mode="same").astype(np.float64)
    return 4.0 * int(np.argmax(smooth * np.linspace(0.2, 1.0, 65)))
