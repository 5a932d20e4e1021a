"""Connected components of a picture that might be drawn marks, and what they look like.

What is drawn is flat in colour, sharp all along its edge, of even stroke and stands on a picture
that goes on smoothly around it. Hairs taper, vessels blur, highlights fade, cells are many.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

SIDE = 560  # longer side in pixels at which marks are sought
MIN_AREA = 9
MIN_EXTENT = 5
MOST = 120  # components measured per mask, those with the strongest outline
STROKE = 15  # pixels; strokes thinner than this stand out under a top-hat
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

    picture: np.ndarray
    values: np.ndarray  # float32, height x width x 3
    gradient: np.ndarray
    grey: np.ndarray
    blank: float
    flat: float


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
    for index, mask in enumerate(_masks(picture, planes.grey)):
        label, stats = _label(mask, planes.gradient)
        labels.append(label)
        chosen = _choose(label, stats, planes.gradient)
        if len(chosen):
            features.append(_measure(index, label, stats, chosen, planes))
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
    blank = float((lowest(picture) >= 245).mean())
    flat = float((gradient <= 3).mean())
    return _Planes(picture, picture.astype(np.float32), gradient, grey, blank, flat)


def _masks(picture: np.ndarray, grey: np.ndarray) -> list[np.ndarray]:
    low, high = lowest(picture), highest(picture)
    kernel = np.ones((STROKE, STROKE), np.uint8)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, kernel)
    opened = cv2.morphologyEx(grey, cv2.MORPH_OPEN, kernel)
    return [
        low >= 215,
        high <= 70,
        (high.astype(np.int16) - low >= 120) & (high >= 120),
        cv2.subtract(closed, grey) >= 50,
        cv2.subtract(grey, opened) >= 50,
    ]


def _label(mask: np.ndarray, gradient: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, label, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return label, stats


def _choose(label: np.ndarray, stats: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Return the components worth measuring, in order of their numbers."""
    wide, high, area = stats[:, 2], stats[:, 3], stats[:, 4]
    fit = (area >= MIN_AREA) & (np.maximum(wide, high) >= MIN_EXTENT) & (area < 0.4 * label.size)
    fit[0] = False
    found = np.flatnonzero(fit)
    if len(found) > MOST:
        total = np.bincount(label.ravel(), gradient.ravel(), len(stats))[found]
        strength = total / area[found] * np.sqrt(area[found])
        found = np.sort(found[np.argsort(-strength, kind="stable")[:MOST]])
    return found


def _measure(
    index: int, label: np.ndarray, stats: np.ndarray, chosen: np.ndarray, planes: _Planes
) -> np.ndarray:
    """Return one row of features per chosen component of one mask."""
    # Renumber, so that all sums below run over the chosen components only; 0 is 'none'.
    renumber = np.zeros(len(stats), np.uint16)
    renumber[chosen] = np.arange(1, len(chosen) + 1)
    part = renumber[label]
    count = len(chosen) + 1
    boxes = stats[chosen]
    columns = {name: np.full(len(chosen), float(name == MASKS[index])) for name in MASKS}
    columns |= _box_features(boxes, label.shape)
    columns |= _surface_features(part, count, planes)
    columns |= _ring_features(part, count, planes, columns)
    columns |= _shape_features(part, count, boxes)
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


def _surface_features(part: np.ndarray, count: int, planes: _Planes) -> Columns:
    """Return colour, evenness, stroke depth and the sharpness of the outline."""
    inside = np.flatnonzero(part.ravel())
    owner = part.ravel()[inside]
    sizes = np.bincount(owner, minlength=count)[1:].astype(float)
    values = planes.values.reshape(-1, 3)[inside]
    means = np.stack([_mean(owner, values[:, c], count, sizes) for c in range(3)], axis=1)
    squares = np.stack([_mean(owner, values[:, c] ** 2, count, sizes) for c in range(3)], axis=1)
    depth_map = cv2.distanceTransform((part > 0).astype(np.uint8), cv2.DIST_L1, 3)
    depth = depth_map.ravel()[inside]
    deepest = np.zeros(count, depth.dtype)  # of another type, the next line takes ten times as long
    np.maximum.at(deepest, owner, depth)
    mean_depth = _mean(owner, depth, count, sizes)
    rim = depth <= 1
    rim_owner, rim_gradient = owner[rim], planes.gradient.ravel()[inside][rim].astype(float)
    rims = np.maximum(np.bincount(rim_owner, minlength=count)[1:], 1).astype(float)
    mean_rim = _mean(rim_owner, rim_gradient, count, rims)
    spread = np.sqrt(np.maximum(0, _mean(rim_owner, rim_gradient**2, count, rims) - mean_rim**2))
    return {
        "lightness": means.mean(axis=1),
        "chroma": means.max(axis=1) - means.min(axis=1),
        "spread": np.sqrt(np.maximum(0, squares - means**2)).mean(axis=1),
        "mean_depth": mean_depth,
        "max_depth": deepest[1:],
        "depth_ratio": deepest[1:] / mean_depth,
        "rim_share": rims / sizes,
        "rim_gradient": mean_rim,
        "rim_weakest": mean_rim - spread,
        "rim_strong": _mean(rim_owner, (rim_gradient > 100).astype(float), count, rims),
        "rim_firm": _mean(rim_owner, (rim_gradient > 50).astype(float), count, rims),
    }


def _ring_features(part: np.ndarray, count: int, planes: _Planes, known: Columns) -> Columns:
    """Return what surrounds each component: one pixel off and two to four pixels off."""
    near = cv2.dilate(part, np.ones((3, 3), np.uint8))
    far = cv2.dilate(part, np.ones((9, 9), np.uint8))
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
            colours = planes.values.reshape(-1, 3)[ring]
            means = np.stack([_mean(owner, colours[:, c], count, sizes) for c in range(3)], axis=1)
            result["ring_spread"] = np.sqrt(np.maximum(0, square - mean**2))
            result["ring_lightness"] = mean
            result["ring_chroma"] = means.max(axis=1) - means.min(axis=1)
    return result


def _shape_features(part: np.ndarray, count: int, boxes: np.ndarray) -> Columns:
    """Return length, thickness, and what tells an arrow from a bar: skew and flare."""
    inside = np.flatnonzero(part)
    owner = part.ravel()[inside]
    ys, xs = np.divmod(inside, part.shape[1])
    sizes = boxes[:, 4].astype(float)
    centre_x, centre_y = _mean(owner, xs, count, sizes), _mean(owner, ys, count, sizes)
    dx, dy = xs - centre_x[owner - 1], ys - centre_y[owner - 1]
    xx, yy = _mean(owner, dx * dx, count, sizes), _mean(owner, dy * dy, count, sizes)
    xy = _mean(owner, dx * dy, count, sizes)
    middle, half = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    major, minor = middle + half + 1 / 12, np.maximum(middle - half, 0) + 1 / 12
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    along = dx * np.cos(angle)[owner - 1] + dy * np.sin(angle)[owner - 1]
    across = dy * np.cos(angle)[owner - 1] - dx * np.sin(angle)[owner - 1]
    skew = _mean(owner, along**3, count, sizes) / major**1.5
    flare = _mean(owner, along * across**2, count, sizes) / (np.sqrt(major) * minor)
    return {
        "elongation": np.log(major / minor) / 2,
        "thickness": np.sqrt(12 * minor),
        "length": np.sqrt(12 * major) / max(part.shape),
        "rectangle_fill": sizes / (12 * np.sqrt(major * minor)),
        "upright": np.abs(np.cos(2 * angle)),
        "skew": np.abs(skew),
        "flare": np.abs(flare),
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
