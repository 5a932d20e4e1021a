"""Measurements on a picture that carry physics rather than the look of one site.

Illumination, focus, background, stain, cell-scale structure and line art are measured on
a picture of fixed area. The corners, where sites put their logos, do not count.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from mmskin_build.modality.working_image import working_image

Measures = dict[str, float]

# Optical density of haematoxylin, eosin and DAB in R, G, B (Ruifrok and Johnston 2001).
STAINS = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]], np.float32)
_DENSITY = -np.log10(np.clip(np.arange(256, dtype=np.float32) / 255, 1 / 255, 1))
_UNMIX = np.linalg.inv(STAINS / np.linalg.norm(STAINS, axis=1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Places:
    """What depends on the size of a picture only."""

    x: np.ndarray  # one row, from -1 to 1
    y: np.ndarray  # one column, from -1 to 1
    radius: np.ndarray  # distance from the middle
    body: np.ndarray  # True where it is measured: all but the corners
    inside: np.ndarray  # flat indices of the body
    sample: np.ndarray  # of these every fifth: enough pixels for any statistic of colour


@functools.lru_cache(maxsize=8)
def _places(height: int, width: int) -> _Places:
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    x, y = (2 * columns + 1) / width - 1, (2 * rows + 1) / height - 1
    body = ~((np.abs(x) > 0.55) & (np.abs(y) > 0.62))
    inside = np.flatnonzero(body)
    return _Places(x, y, np.sqrt(x**2 + y**2), body, inside, inside[::5])


class View:
    """One picture in the colour spaces and masks that the measurements share."""

    def __init__(self, image: np.ndarray) -> None:
        """Prepare a BGR picture at the working size."""
        self.bgr = image
        self.height, self.width = self.bgr.shape[:2]
        unit = self.bgr.astype(np.float32) / 255
        self.grey = cv2.cvtColor(unit, cv2.COLOR_BGR2GRAY)
        self.lab = cv2.cvtColor(unit, cv2.COLOR_BGR2LAB)
        self.hue, self.saturation, self.value = cv2.split(cv2.cvtColor(unit, cv2.COLOR_BGR2HSV))
        self.places = _places(self.height, self.width)

    def pixels(self, plane: np.ndarray) -> np.ndarray:
        """Return the sampled pixels of a plane, one row per pixel."""
        return np.asarray(plane.reshape(-1, *plane.shape[2:]).take(self.places.sample, axis=0))

    def inside(self, plane: np.ndarray) -> np.ndarray:
        """Return all measured pixels of a plane of one channel."""
        return np.asarray(plane.take(self.places.inside))

    def share(self, mask: np.ndarray) -> float:
        """Return the share of the measured area under a mask."""
        return np.count_nonzero(mask & self.places.body) / self.places.inside.size


def colour(view: View) -> Measures:
    """Return where the colours lie and how many there are."""
    light, a, b = np.ascontiguousarray(view.pixels(view.lab).T)
    out: Measures = {}
    for name, plane in {"l": light, "a": a, "b": b}.items():
        low, mid, high = _percentiles(plane, 5, 50, 95)
        out |= {f"{name}_low": low, f"{name}_mid": mid, f"{name}_high": high}
        out[f"{name}_std"] = float(plane.std())
    chroma = np.hypot(a, b)
    out["chroma_mid"], out["chroma_high"] = _percentiles(chroma, 50, 95)
    hue = np.arctan2(b, a)[chroma > 6]
    out["hue_spread"] = float(1 - abs(np.exp(1j * hue).mean())) if hue.size else 0.0
    out["hue_cos"], out["hue_sin"] = (
        (float(np.cos(hue).mean()), float(np.sin(hue).mean())) if hue.size else (0.0, 0.0)
    )
    out["ab_correlation"] = _correlation(a, b)
    out["la_correlation"] = _correlation(light, a)
    out["lb_correlation"] = _correlation(light, b)
    out["grey_share"] = _share(chroma < 5)
    out["white_share"] = _share((light > 93) & (chroma < 8))
    out["black_share"] = _share(light < 8)
    return out


def hues(view: View) -> Measures:
    """Return shares of the colours that tissue, stain, cloth and ink have."""
    coloured = (view.saturation > 0.15) & (view.value > 0.15) & view.places.body
    hue, area = view.hue[coloured], view.places.inside.size
    bands = {
        "red": (345, 375),
        "skin": (8, 40),
        "yellow": (40, 70),
        "green": (70, 165),
        "cyan_blue": (165, 250),
        "violet": (250, 300),
        "magenta": (300, 345),
    }
    below = {
        edge: np.count_nonzero(hue < edge) for edge in {e for band in bands.values() for e in band}
    }
    out: Measures = {
        f"hue_{name}": (below[high] - below[low]) / area for name, (low, high) in bands.items()
    }
    out["hue_red"] += np.count_nonzero(hue < 15) / area  # the circle closes within red
    out["vivid"] = view.share((view.saturation > 0.6) & (view.value > 0.4))
    bins = (view.pixels(view.bgr) >> 5).astype(np.int64) @ np.array([1, 8, 64])
    histogram = np.bincount(bins, minlength=512)
    shares = np.sort(histogram / histogram.sum())[::-1]
    positive = shares[shares > 0]
    out["colour_entropy"] = float(-(positive * np.log2(positive)).sum())
    out["top_colour"] = float(shares[0])
    out["top_four_colours"] = float(shares[:4].sum())
    return out


def stain(view: View) -> Measures:
    """Return how well absorbance in stains explains the picture."""
    blue, green, red = np.ascontiguousarray(view.pixels(view.bgr).T)
    flat = np.stack([_DENSITY[red], _DENSITY[green], _DENSITY[blue]])
    amounts = _UNMIX.T @ flat
    out = {}
    for name, amount in zip(("haematoxylin", "eosin", "dab"), amounts, strict=True):
        out[f"{name}_mean"] = float(amount.mean())
        out[f"{name}_high"] = float(np.percentile(amount, 95))
        out[f"{name}_negative"] = _share(amount < -0.05)
    out["he_correlation"] = _correlation(amounts[0], amounts[1])
    dense = flat[:, flat.sum(axis=0) > 0.25]
    sample = dense if dense.shape[1] > 50 else flat
    unit = sample / np.maximum(np.sqrt((sample * sample).sum(axis=0)), 1e-6)
    out["density_r"], out["density_g"], out["density_b"] = (float(v) for v in unit.mean(axis=1))
    out["density_spread"] = float(unit.std(axis=1).sum())
    values = np.linalg.eigvalsh(np.cov(sample) + 1e-9 * np.eye(3))
    out["density_plane"] = float(values[0] / values.sum())
    out["density_line"] = float(values[2] / values.sum())
    out["glass"] = _share(flat.max(axis=0) < 0.13)  # empty slide is almost clear
    return out


def illumination(view: View) -> Measures:
    """Return vignette, even light, highlights and shadows."""
    light = cv2.GaussianBlur(view.grey, (0, 0), max(view.height, view.width) / 16)
    out = {}
    rings = [(0, 0.35), (0.35, 0.7), (0.7, 1.0), (1.0, 1.5)]
    radius, x, y = view.places.radius, view.places.x, view.places.y
    means = [float(view.grey[(radius >= a) & (radius < b)].mean()) for a, b in rings]
    for k in range(1, 4):
        out[f"ring_{k}"] = means[k] - means[0]
    across, down = x[:, ::8], y[::8]
    parts = (np.ones_like(across), across, down, across**2, down**2, across * down)
    terms = np.stack(np.broadcast_arrays(*parts), axis=-1).reshape(-1, 6)
    target = light[::8, ::8].ravel()
    fit, *_ = np.linalg.lstsq(terms, target, rcond=None)
    spread = float(target.var())
    out["light_slope"] = float(np.hypot(fit[1], fit[2]))
    out["light_bow"] = float(fit[3] + fit[4])
    out["light_fit"] = 1 - float((target - terms @ fit).var()) / (spread + 1e-5)
    out["light_spread"] = float(np.sqrt(spread))
    corners = (np.abs(x) > 0.86) & (np.abs(y) > 0.86)
    out["dark_corners"] = _share(view.grey[corners] < 0.13)
    out["corner_spread"] = float(view.grey[corners].std())
    glare = (view.grey > 0.85) & (view.grey > light + 0.18) & (view.saturation < 0.35)
    out["glare"] = view.share(glare)
    out["shadow"] = view.share((view.grey < light - 0.2) & (view.grey < 0.25))
    return out


def background(view: View) -> Measures:
    """Return how the rim differs from the middle, and the four sides from each other."""
    small = cv2.resize(view.lab, (48, 48), interpolation=cv2.INTER_AREA)
    middle = small[14:34, 14:34].reshape(-1, 3)
    sides = [small[:6, 8:40], small[-6:, 8:40], small[8:40, :6], small[8:40, -6:]]
    means = np.array([s.reshape(-1, 3).mean(axis=0) for s in sides])
    inner = np.array([s.reshape(-1, 3).std(axis=0) for s in sides])
    rim = means.mean(axis=0)
    gaps = np.linalg.norm(means[:, None] - means[None], axis=-1)
    difference = middle.mean(axis=0) - rim
    out = {f"middle_minus_rim_{n}": float(difference[k]) for k, n in enumerate("lab")}
    out["side_gap_max"] = float(gaps.max())
    out["side_gap_mean"] = float(gaps.mean())
    out["side_gap_colour"] = float(
        np.linalg.norm(means[:, None, 1:] - means[None, :, 1:], axis=-1).max()
    )
    out["side_spread"] = float(inner.mean())
    out["side_quietest"] = float(inner.mean(axis=1).min())
    out["middle_spread"] = float(middle.std(axis=0).mean())
    away = np.linalg.norm(small[:, :, 1:] - np.median(middle[:, 1:], axis=0), axis=-1)
    out["unlike_middle"] = float((away > 18).mean())
    steps = np.abs(np.diff(small, axis=0)).sum(axis=-1)
    across = np.abs(np.diff(small, axis=1)).sum(axis=-1)
    out["outline"] = float(np.percentile(np.concatenate([steps.ravel(), across.ravel()]), 98))
    return out


def focus(view: View) -> Measures:
    """Return sharpness and how it changes over the picture (depth of field)."""
    fine = np.abs(cv2.Laplacian(view.grey, cv2.CV_32F))
    grid = cv2.resize(fine, (6, 6), interpolation=cv2.INTER_AREA) + 1e-4
    logs = np.log(grid)
    rim = np.concatenate([logs[0], logs[-1], logs[1:-1, 0], logs[1:-1, -1]])
    return {
        "sharp_mean": float(logs.mean()),
        "sharp_spread": float(logs.std()),
        "sharp_least": float(logs.min()),
        "sharp_most": float(logs.max()),
        "sharp_middle": float(logs[2:4, 2:4].mean() - rim.mean()),
    }


def spectrum(view: View) -> Measures:
    """Return the energy per octave of light and colour, and how directional it is."""
    out = {}
    for name, plane in zip("lab", cv2.split(view.lab), strict=True):
        energies, current = [], plane
        for _ in range(5):
            smooth = cv2.GaussianBlur(current, (5, 5), 1.1)
            energies.append(float(cv2.absdiff(current, smooth).mean()) + 1e-3)
            current = smooth[::2, ::2]
        for k, energy in enumerate(energies):
            out[f"octave_{name}{k}"] = float(np.log(energy))
        out[f"tilt_{name}"] = float(np.log(energies[0] + energies[1]) - np.log(energies[4]))
    gx, gy = cv2.Sobel(view.grey, cv2.CV_32F, 1, 0), cv2.Sobel(view.grey, cv2.CV_32F, 0, 1)
    xx, yy, xy = (gx * gx).mean(), (gy * gy).mean(), (gx * gy).mean()
    out["directed"] = float(np.hypot(xx - yy, 2 * xy) / (xx + yy + 1e-6))
    energy = gx * gx + gy * gy
    peak = (energy * energy).mean() / (energy.mean() ** 2 + 1e-9)
    out["edge_kurtosis"] = float(np.log(max(peak, 1e-9)))
    return out


def structure(view: View) -> Measures:
    """Return cell-scale spots, hair and ink: dark and bright detail against its surroundings."""
    grey = view.grey
    out = {}
    spread = float(grey.std()) + 0.02
    for sigma in (1.5, 3.0, 6.0):
        blob = cv2.GaussianBlur(grey, (0, 0), sigma) - cv2.GaussianBlur(grey, (0, 0), sigma * 1.6)
        blob = view.inside(blob) / spread
        square = blob * blob  # numpy's power is ten times slower
        variance = float(square.mean())
        out[f"spot_{sigma:g}"] = float(np.sqrt(variance))
        out[f"spot_skew_{sigma:g}"] = float((square * blob).mean()) / (variance**1.5 + 1e-6)
        out[f"spot_peak_{sigma:g}"] = float(
            np.log((square * square).mean() / (variance**2 + 1e-9) + 1e-6)
        )
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    hair = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, kernel)
    shine = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, kernel)
    out["thin_dark"], out["thin_bright"] = view.share(hair > 0.12), view.share(shine > 0.12)
    out["thin_dark_mean"] = float(view.inside(hair).mean())
    out["thin_bright_mean"] = float(view.inside(shine).mean())
    return out


def line_art(view: View) -> Measures:
    """Return flat areas, ruled lines and the two-toned look of drawings and tables."""
    grey = view.grey
    mean = cv2.blur(grey, (7, 7))
    deviation = np.sqrt(np.maximum(cv2.blur(grey * grey, (7, 7)) - mean * mean, 0))
    flat = deviation < 0.008
    gx = cv2.absdiff(grey[:, 1:], grey[:, :-1]) > 0.15
    gy = cv2.absdiff(grey[1:], grey[:-1]) > 0.15
    histogram = np.bincount((view.inside(grey) * 31.999).astype(np.int64), minlength=32)
    shares = histogram / histogram.sum()
    levels = np.arange(32)
    texture = view.inside(deviation)
    total = float((shares * (levels - (shares * levels).sum()) ** 2).sum()) + 1e-6
    return {
        "flat": view.share(flat),
        "flat_white": view.share(flat & (grey > 0.93)),
        "flat_coloured": view.share(flat & (view.saturation > 0.15)),
        "hard_edges": _share(gx) + _share(gy),
        "ruled_across": float(gy.mean(axis=1).max()),
        "ruled_down": float(gx.mean(axis=0).max()),
        "two_toned": _between_classes(shares, levels) / total,
        "grey_top": float(shares.max()),
        "texture_mid": float(np.percentile(texture, 50)),
        "texture_low": float(np.percentile(texture, 10)),
    }


GROUPS: tuple[Callable[[View], Measures], ...] = (
    colour,
    hues,
    stain,
    illumination,
    background,
    focus,
    spectrum,
    structure,
    line_art,
)


def measure(image: np.ndarray) -> Measures:
    """Return every measurement of a BGR picture by name, always the same names in one order."""
    return measure_view(View(working_image(image)))


def measure_view(view: View) -> Measures:
    """Return every measurement of a picture at the working size."""
    out: Measures = {}
    for group in GROUPS:
        found = group(view).items()
        out |= {name: float(value) if math.isfinite(value) else 0.0 for name, value in found}
    return out


def _share(mask: np.ndarray) -> float:
    return np.count_nonzero(mask) / mask.size


def _percentiles(values: np.ndarray, *wanted: float) -> tuple[float, ...]:
    """Return what numpy's percentile returns for a list, bit for bit, in half the time."""
    last = len(values) - 1
    places = [last * (p / 100) for p in wanted]
    known = {min(int(place) + step, last) for place in places for step in (0, 1)}
    ordered = np.partition(values, sorted(known))

    def between(place: float) -> float:
        low, high = ordered[int(place)], ordered[min(int(place) + 1, last)]
        part = np.float64(place - int(place))
        # As in numpy: from the nearer end, so that rounding cannot overshoot it.
        gap = high - low
        return float(high - gap * (1 - part) if part >= 0.5 else low + gap * part)

    return tuple(between(place) for place in places)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a * a).mean() * (b * b).mean()))
    return float((a * b).mean()) / scale if scale > 1e-4 else 0.0


def _between_classes(shares: np.ndarray, levels: np.ndarray) -> float:
    """Return the best between-class variance of two grey classes (Otsu 1979)."""
    weight = np.cumsum(shares)
    moment = np.cumsum(shares * levels)
    rest = weight * (1 - weight)
    gap = (moment[-1] * weight - moment) ** 2 / np.where(rest > 1e-9, rest, np.inf)
    return float(gap.max())
