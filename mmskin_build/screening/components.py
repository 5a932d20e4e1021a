"""Connected components of a picture that might be drawn marks, and what they look like.

What is drawn is flat in colour, sharp all along its edge, of even stroke and stands on a picture
that goes on smoothly around it. Hairs taper, vessels blur, highlights fade, cells are many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from mmskin_build.screening.runs import Runs, Window, boxes_of, moments, runs_of, window_around

SIDE = 560  # longer side in pixels at which marks are sought
MIN_AREA = 9
MIN_EXTENT = 5
MOST = 120  # components measured per mask, those with the strongest outline
STROKE = 15  # pixels; strokes thinner than this stand out under a top-hat
FAR = 9  # pixels; the square within which a component's surroundings lie
MASKS = ("light", "dark", "vivid", "dark_stroke", "light_stroke")
FEATURES = (
    *MASKS,
    "log_area", "rel_width", "rel_height", "log_aspect", "extent", "border",
    "lightness", "chroma", "spread", "mean_depth", "max_depth", "depth_ratio", "rim_share",
    "rim_gradient", "rim_weakest", "rim_strong", "rim_firm", "near_contrast", "far_contrast",
    "ring_spread", "ring_lightness", "ring_chroma", "elongation", "thickness", "length",
    "rectangle_fill", "upright", "skew", "flare", "edge_x", "edge_y",
    "row_mates", "row_gap", "twins", "crowd", "clutter", "blank", "flat",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Components:
    """Candidates of one picture: one row of ``FEATURES`` each, boxes x, y, w, h in pixels."""

    features: np.ndarray
    boxes: np.ndarray
    masks: np.ndarray  # index into MASKS
    labels: tuple[np.ndarray, ...]  # per mask, the number of the component at each pixel
    numbers: np.ndarray  # of each candidate within its mask
    shape: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Planes:
    """What all masks of a picture share."""

    channels: tuple[np.ndarray, ...]  # blue, green and red
    gradient: np.ndarray
    grey: np.ndarray
    low: np.ndarray  # lowest channel of each pixel
    high: np.ndarray  # highest channel
    blank: float
    flat: float

    def of(self, window: Window) -> _Planes:
        """Return a part of the planes; ``blank`` and ``flat`` stay those of the picture."""
        return replace(
            self,
            channels=tuple(window.of(plane) for plane in self.channels),
            gradient=window.of(self.gradient),
            grey=window.of(self.grey),
        )


def shrink(image: np.ndarray) -> np.ndarray:
    """Return the picture at the size at which marks are sought; small ones stay as they are."""
    scale = SIDE / max(image.shape[:2])
    if scale >= 1:
        return image
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def find_components(picture: np.ndarray) -> Components:
    """Measure the candidates of a picture already shrunk."""
    planes = _planes(picture)
    features, boxes, masks, labels, numbers = [], [], [], [], []
    for index, mask in enumerate(_masks(planes)):
        # Statistics are taken from the runs: OpenCV takes five times as long for them.
        count, label = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
        labels.append(label)
        runs = runs_of(mask, label)
        stats = boxes_of(runs, count)
        chosen = _choose(runs, stats, planes.gradient)
        if len(chosen):
            features.append(_measure(index, runs, stats, chosen, planes))
            boxes.append(stats[chosen, :4])
            masks.append(np.full(len(chosen), index))
            numbers.append(chosen)
    if not features:
        empty = np.zeros((0, len(FEATURES)), np.float32)
        none = np.zeros(0, np.int64)
        return Components(
            empty, np.zeros((0, 4), int), none, tuple(labels), none, picture.shape[:2]
        )
    return Components(
        np.concatenate(features),
        np.concatenate(boxes),
        np.concatenate(masks),
        tuple(labels),
        np.concatenate(numbers),
        (picture.shape[0], picture.shape[1]),
    )


def lowest(picture: np.ndarray) -> np.ndarray:
    """Return the lowest channel of each pixel (numpy takes ten times as long for it)."""
    blue, green, red = cv2.split(picture)
    return np.asarray(cv2.min(cv2.min(blue, green), red))


def highest(picture: np.ndarray) -> np.ndarray:
    """Return the highest channel of each pixel."""
    blue, green, red = cv2.split(picture)
    return np.asarray(cv2.max(cv2.max(blue, green), red))


def _planes(picture: np.ndarray) -> _Planes:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    kernel = np.ones((3, 3), np.uint8)
    gradient = highest(cv2.morphologyEx(picture, cv2.MORPH_GRADIENT, kernel))
    low, high = lowest(picture), highest(picture)
    blank = np.count_nonzero(low >= 245) / low.size
    flat = np.count_nonzero(gradient <= 3) / low.size
    return _Planes(tuple(cv2.split(picture)), gradient, grey, low, high, blank, flat)


def _masks(planes: _Planes) -> list[np.ndarray]:
    low, high, grey = planes.low, planes.high, planes.grey
    kernel = np.ones((STROKE, STROKE), np.uint8)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, kernel)
    opened = cv2.morphologyEx(grey, cv2.MORPH_OPEN, kernel)
    return [
        low >= 215,
        high <= 70,
        cv2.subtract(high, low) >= 120,
        cv2.subtract(closed, grey) >= 50,
        cv2.subtract(grey, opened) >= 50,
    ]


def _choose(runs: Runs, stats: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Return the components worth measuring, in order of their numbers."""
    wide, high, area = stats[:, 2], stats[:, 3], stats[:, 4]
    most = 0.4 * gradient.size
    fit = (area >= MIN_AREA) & (np.maximum(wide, high) >= MIN_EXTENT) & (area < most)
    fit[0] = False
    found = np.flatnonzero(fit)
    if len(found) > MOST:
        outline = gradient.ravel()[runs.pixels].astype(np.uint32)
        total = runs.totals(outline, len(stats))[found]
        strength = total / area[found] * np.sqrt(area[found])
        found = np.sort(found[np.argsort(-strength, kind="stable")[:MOST]])
    return found


def _measure(
    index: int, runs: Runs, stats: np.ndarray, chosen: np.ndarray, planes: _Planes
) -> np.ndarray:
    """Return one row of features per chosen component of one mask."""
    # Renumber, so that all sums below run over the chosen components only; 0 is 'none'.
    renumber = np.zeros(len(stats), np.uint16)
    renumber[chosen] = np.arange(1, len(chosen) + 1)
    boxes, shape = stats[chosen], planes.grey.shape
    window = window_around(boxes, FAR // 2, shape)
    own, near = runs.renumbered(renumber, window), planes.of(window)
    part = np.zeros(near.grey.shape, np.uint16)
    part.ravel()[own.pixels] = own.of_pixels()
    columns = {name: np.full(len(chosen), float(name == MASKS[index])) for name in MASKS}
    columns |= _box_features(boxes, shape)
    columns |= _surface_features(part, own, boxes, near)
    columns |= _ring_features(part, len(chosen) + 1, near, columns)
    columns |= _shape_features(own, boxes - (window.x0, window.y0, 0, 0, 0), shape)
    columns |= _company_features(boxes, columns)
    columns["crowd"] = np.full(len(chosen), np.log1p(len(chosen)))
    columns["clutter"] = np.full(len(chosen), np.log1p(len(stats)))
    columns["blank"] = np.full(len(chosen), planes.blank)
    columns["flat"] = np.full(len(chosen), planes.flat)
    return np.stack([columns[name] for name in FEATURES], axis=1).astype(np.float32)


Columns = dict[str, np.ndarray]


def _box_features(boxes: np.ndarray, shape: tuple[int, ...]) -> Columns:
    height, width = shape[:2]
    x, y, w, h, area = boxes.T.astype(float)
    border = (x <= 1) | (y <= 1) | (x + w >= width - 1) | (y + h >= height - 1)
    return {
        "log_area": np.log(area),
        "rel_width": w / width,
        "rel_height": h / height,
        "log_aspect": np.log(w / h),
        "extent": area / (w * h),
        "border": border.astype(float),
        "edge_x": np.minimum(x + w / 2, width - x - w / 2) / width,
        "edge_y": np.minimum(y + h / 2, height - y - h / 2) / height,
    }


def _mean(part: np.ndarray, values: np.ndarray, count: int, sizes: np.ndarray) -> np.ndarray:
    return np.asarray(np.bincount(part, values, count)[1:] / sizes)


def _surface_features(part: np.ndarray, runs: Runs, boxes: np.ndarray, planes: _Planes) -> Columns:
    """Return colour, evenness, stroke depth and the sharpness of the outline."""
    sizes, count = boxes[:, 4].astype(float), len(boxes) + 1
    means, squares = [], []
    for plane in planes.channels:
        values = plane.ravel()[runs.pixels].astype(np.uint32)
        means.append(runs.totals(values, count)[1:] / sizes)
        squares.append(runs.totals(values * values, count)[1:] / sizes)
    mean, square = np.stack(means, axis=1), np.stack(squares, axis=1)
    depth = cv2.distanceTransform((part > 0).view(np.uint8), cv2.DIST_L1, 3).ravel()[runs.pixels]
    deepest = runs.tops(depth, count)[1:]
    mean_depth = runs.totals(depth, count)[1:] / sizes
    rim = np.flatnonzero(depth <= 1)
    owner = runs.of_pixels()[rim]
    gradient = planes.gradient.ravel()[runs.pixels[rim]].astype(float)
    rims = np.maximum(np.bincount(owner, minlength=count)[1:], 1).astype(float)
    mean_rim = _mean(owner, gradient, count, rims)
    spread = np.sqrt(np.maximum(0, _mean(owner, gradient**2, count, rims) - mean_rim**2))
    return {
        "lightness": mean.mean(axis=1),
        "chroma": mean.max(axis=1) - mean.min(axis=1),
        "spread": np.sqrt(np.maximum(0, square - mean**2)).mean(axis=1),
        "mean_depth": mean_depth,
        "max_depth": deepest,
        "depth_ratio": deepest / mean_depth,
        "rim_share": rims / sizes,
        "rim_gradient": mean_rim,
        "rim_weakest": mean_rim - spread,
        "rim_strong": _mean(owner, (gradient > 100).astype(float), count, rims),
        "rim_firm": _mean(owner, (gradient > 50).astype(float), count, rims),
    }


def _ring_features(part: np.ndarray, count: int, planes: _Planes, known: Columns) -> Columns:
    """Return what surrounds each component: one pixel off and two to four pixels off."""
    near = cv2.dilate(part, np.ones((3, 3), np.uint8))
    far = cv2.dilate(part, np.ones((FAR, FAR), np.uint8))
    grey = planes.grey
    result: Columns = {}
    for name, grown, taken in (("near", near, part), ("far", far, near)):
        ring = np.flatnonzero(((grown > 0) & (taken == 0)).ravel())
        owner = grown.ravel()[ring]
        sizes = np.maximum(np.bincount(owner, minlength=count)[1:], 1).astype(float)
        values = grey.ravel()[ring].astype(float)
        mean = _mean(owner, values, count, sizes)
        result[f"{name}_contrast"] = known["lightness"] - mean
        if name == "far":
            square = _mean(owner, values**2, count, sizes)
            colours = [plane.ravel()[ring] for plane in planes.channels]
            means = np.stack([_mean(owner, c, count, sizes) for c in colours], axis=1)
            result["ring_spread"] = np.sqrt(np.maximum(0, square - mean**2))
            result["ring_lightness"] = mean
            result["ring_chroma"] = means.max(axis=1) - means.min(axis=1)
    return result


def _shape_features(runs: Runs, boxes: np.ndarray, shape: tuple[int, ...]) -> Columns:
    """Return length, thickness, and what tells an arrow from a bar: skew and flare."""
    m = moments(runs, boxes)
    xx, xy, yy = m["xx"], m["xy"], m["yy"]
    middle, half = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    major, minor = middle + half + 1 / 12, np.maximum(middle - half, 0) + 1 / 12
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    c, s = np.cos(angle), np.sin(angle)
    # Third moments along the long axis: of the length itself, and of the squared width.
    along = c**3 * m["xxx"] + 3 * c * c * s * m["xxy"] + 3 * c * s * s * m["xyy"] + s**3 * m["yyy"]
    widening = (
        c * s * s * m["xxx"]
        + (s**3 - 2 * c * c * s) * m["xxy"]
        + (c**3 - 2 * c * s * s) * m["xyy"]
        + c * c * s * m["yyy"]
    )
    return {
        "elongation": np.log(major / minor) / 2,
        "thickness": np.sqrt(12 * minor),
        "length": np.sqrt(12 * major) / max(shape),
        "rectangle_fill": boxes[:, 4] / (12 * np.sqrt(major * minor)),
        "upright": np.abs(np.cos(2 * angle)),
        "skew": np.abs(along / major**1.5),
        "flare": np.abs(widening / (np.sqrt(major) * minor)),
    }


def _company_features(boxes: np.ndarray, known: Columns) -> Columns:
    """Return how many like components stand in a row, as letters do, and how many look alike."""
    x, y, w, h, _ = boxes.T.astype(float)
    middle = y + h / 2
    like = np.abs(np.log(h[:, None] / h[None])) < 0.55
    level = np.abs(middle[:, None] - middle[None]) < 0.6 * np.maximum(h[:, None], h[None])
    gap = np.maximum(x[:, None] - (x + w)[None], x[None] - (x + w)[:, None])
    close = gap < 2.0 * np.maximum(h[:, None], h[None])
    tone = np.abs(known["lightness"][:, None] - known["lightness"][None]) < 35
    mates = like & level & close & tone
    np.fill_diagonal(mates, False)
    gaps = np.where(mates, np.maximum(gap, 0) / np.maximum(h[:, None], 1), 9.0)
    twins = like & tone & (np.abs(np.log(w[:, None] / w[None])) < 0.4)
    return {
        "row_mates": mates.sum(axis=1).astype(float),
        "row_gap": gaps.min(axis=1) if len(gaps) else np.zeros(0),
        "twins": np.log1p(twins.sum(axis=1) - 1.0),
    }
