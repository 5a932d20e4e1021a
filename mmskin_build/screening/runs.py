"""Horizontal runs of pixels: sums over components then cost a step per run, not one per pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a labelled mask in raster order; a run ends with its row at the latest.

    Attributes:
        pixels: flat indices of all pixels, run after run.
        starts: where in ``pixels`` each run begins.
        owner: number of the component of each run.
        x, y: where each run begins.
        length: pixels of each run.
    """

    pixels: np.ndarray
    starts: np.ndarray
    owner: np.ndarray
    x: np.ndarray
    y: np.ndarray
    length: np.ndarray

    def totals(self, values: np.ndarray, count: int) -> np.ndarray:
        """Return the sum of values (one per pixel) over each component, exact for integers."""
        if not len(self.starts):
            return np.zeros(count)
        per_run = np.add.reduceat(values, self.starts)
        return np.bincount(self.owner, per_run, count)

    def tops(self, values: np.ndarray, count: int) -> np.ndarray:
        """Return the highest of values (0 or more, one per pixel) over each component."""
        top = np.zeros(count, values.dtype)
        if len(self.starts):
            np.maximum.at(top, self.owner, np.maximum.reduceat(values, self.starts))
        return top

    def of_pixels(self) -> np.ndarray:
        """Return the component's number for each of ``pixels``."""
        return np.repeat(self.owner, self.length)

    def renumbered(self, numbers: np.ndarray, window: Window) -> Runs:
        """Return the runs of components whose new number (``numbers[old]``) is not 0.

        Places are those within the window, which holds all these components.
        """
        owner = numbers[self.owner]
        kept = owner > 0
        x, y, length = self.x[kept] - window.x0, self.y[kept] - window.y0, self.length[kept]
        starts = np.cumsum(length) - length
        first = y * (window.x1 - window.x0) + x
        pixels = np.repeat(first - starts, length) + np.arange(length.sum())
        return Runs(pixels, starts, owner[kept], x, y, length)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture, in pixels."""

    x0: int
    y0: int
    x1: int
    y1: int

    def of(self, plane: np.ndarray) -> np.ndarray:
        """Return this part of a plane, contiguous."""
        return np.ascontiguousarray(plane[self.y0 : self.y1, self.x0 : self.x1])


def window_around(boxes: np.ndarray, margin: int, shape: tuple[int, ...]) -> Window:
    """Return the window that holds all boxes (x, y, width, height) with a margin."""
    x, y = boxes[:, 0], boxes[:, 1]
    right, bottom = x + boxes[:, 2], y + boxes[:, 3]
    return Window(
        max(0, int(x.min()) - margin),
        max(0, int(y.min()) - margin),
        min(shape[1], int(right.max()) + margin),
        min(shape[0], int(bottom.max()) + margin),
    )


def runs_of(mask: np.ndarray, label: np.ndarray) -> Runs:
    """Return the runs of a mask (bool) whose components ``label`` numbers; both height x width."""
    height, width = mask.shape
    pixels = np.flatnonzero(mask)
    begins = np.ones(len(pixels), bool)
    begins[1:] = pixels[1:] - pixels[:-1] != 1
    new_row = np.searchsorted(pixels, np.arange(1, height) * width)
    begins[new_row[new_row < len(pixels)]] = True
    starts = np.flatnonzero(begins)
    first = pixels[starts]
    y, x = np.divmod(first, width)
    length = np.diff(starts, append=len(pixels))
    return Runs(pixels, starts, label.ravel()[first], x, y, length)


def boxes_of(runs: Runs, count: int) -> np.ndarray:
    """Return x, y, width, height and area of each component, one row each; row 0 is empty."""
    out = np.zeros((count, 5), np.int64)
    left, right = np.full(count, np.iinfo(np.int64).max), np.zeros(count, np.int64)
    np.minimum.at(left, runs.owner, runs.x)
    np.maximum.at(right, runs.owner, runs.x + runs.length)
    # Runs go down the picture, and of several values for one place the last one stays.
    top, bottom = np.zeros(count, np.int64), np.zeros(count, np.int64)
    top[runs.owner[::-1]], bottom[runs.owner] = runs.y[::-1], runs.y
    out[1:] = np.stack(
        [left, top, right - left, bottom - top + 1, np.bincount(runs.owner, runs.length, count)],
        axis=1,
    )[1:]
    return out


def moments(runs: Runs, boxes: np.ndarray) -> dict[str, np.ndarray]:
    """Return centre and central moments up to the third order of each component.

    Args:
        runs: with owners from 1.
        boxes: x, y, width, height, area, one row per owner. Sums run over whole numbers measured
            from the box's corner, so that they are exact.

    Returns:
        ``xx``, ``xy``, ``yy``, ``xxx``, ``xxy``, ``xyy``, ``yyy``: means of products of the
        distances from the centre in pixels, one per component.
    """
    own = runs.owner - 1
    u = (runs.x - boxes[own, 0]).astype(np.float64)
    v = (runs.y - boxes[own, 1]).astype(np.float64)
    n = runs.length.astype(np.float64)
    # Sums over u, u+1, ..., u+n-1 of the first three powers.
    last = n - 1
    k1 = last * n / 2
    k2 = last * n * (2 * n - 1) / 6
    s1 = n * u + k1
    s2 = n * u * u + 2 * u * k1 + k2
    s3 = n * u**3 + 3 * u * u * k1 + 3 * u * k2 + k1 * k1
    area = boxes[:, 4].astype(np.float64)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.bincount(own, values, len(boxes)) / area)

    x, y = mean(s1), mean(n * v)
    xx, xy, yy = mean(s2), mean(s1 * v), mean(n * v * v)
    raw = {
        "xxx": mean(s3), "xxy": mean(s2 * v), "xyy": mean(s1 * v * v), "yyy": mean(n * v**3),
    }  # fmt: skip
    return {
        "xx": xx - x * x,
        "xy": xy - x * y,
        "yy": yy - y * y,
        "xxx": raw["xxx"] - 3 * x * xx + 2 * x**3,
        "xxy": raw["xxy"] - 2 * x * xy - y * xx + 2 * x * x * y,
        "xyy": raw["xyy"] - 2 * y * xy - x * yy + 2 * x * y * y,
        "yyy": raw["yyy"] - 3 * y * yy + 2 * y**3,
    }
