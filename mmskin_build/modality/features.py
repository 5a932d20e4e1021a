"""Measurements on a picture that carry physics rather than the look of one site.

Illumination, focus, background, stain, cell-scale structure and line art are measured on
a picture of fixed area. The corners, where sites put their logos, do not count.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import cv2
import numpy as np

from mmskin_build.modality.working_image import working_image

Measures = dict[str, float]

# Optical density of haematoxylin, eosin and DAB in R, G, B (Ruifrok and Johnston 2001).
STAINS = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]], np.float32)
_UNMIX = np.linalg.inv(STAINS / np.linalg.norm(STAINS, axis=1, keepdims=True)).astype(np.float32)


@functools.lru_cache(maxsize=8)
def _places(height: int, width: int) -> tuple[np.ndarray, ...]:
    """Return what depends on the size only: x and y from -1 to 1, the measured area, and so on."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (2 * columns + 1) / width - 1, (2 * rows + 1) / height - 1
    body = ~((np.abs(x) > 0.55) & (np.abs(y) > 0.62))
    sample = np.flatnonzero(body)[::5]  # enough pixels for any statistic of colour
    return x, y, body, np.sqrt(x**2 + y**2), sample


class View:
    """One picture in the colour spaces and masks that the measurements share."""

    def __init__(self, image: np.ndarray) -> None:
        """Prepare a BGR picture at the working size."""
        self.bgr = image
        self.height, self.width = self.bgr.shape[:2]
        unit = self.bgr.astype(np.float32) / 255
        self.unit = unit
        self.grey = cv2.cvtColor(unit, cv2.COLOR_BGR2GRAY)
        self.lab = cv2.cvtColor(unit, cv2.COLOR_BGR2LAB)
        self.hsv = cv2.cvtColor(unit, cv2.COLOR_BGR2HSV)
        self.x, self.y, self.body, self.radius, self.sample = _places(self.height, self.width)

    def pixels(self, plane: np.ndarray) -> np.ndarray:
        """Return the sampled pixels of a plane, one row per pixel."""
        return np.asarray(plane.reshape(-1, *plane.shape[2:])[self.sample])

    def share(self, mask: np.ndarray) -> float:
        """Return the share of the measured area under a mask."""
        return float(mask[self.body].mean())


def colour(view: View) -> Measures:
    """Return where the colours lie and how many there are."""
    lab = view.pixels(view.lab)
    out: Measures = {}
    for k, name in enumerate("lab"):
        low, mid, high = np.percentile(lab[:, k], [5, 50, 95])
        out |= {f"{name}_low": low, f"{name}_mid": mid, f"{name}_high": high}
        out[f"{name}_std"] = float(lab[:, k].std())
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    out["chroma_mid"], out["chroma_high"] = np.percentile(chroma, [50, 95])
    hue = np.arctan2(lab[:, 2], lab[:, 1])[chroma > 6]
    out["hue_spread"] = float(1 - abs(np.exp(1j * hue).mean())) if hue.size else 0.0
    out["hue_cos"], out["hue_sin"] = (
        (float(np.cos(hue).mean()), float(np.sin(hue).mean())) if hue.size else (0.0, 0.0)
    )
    out["ab_correlation"] = _correlation(lab[:, 1], lab[:, 2])
    out["la_correlation"] = _correlation(lab[:, 0], lab[:, 1])
    out["lb_correlation"] = _correlation(lab[:, 0], lab[:, 2])
    out["grey_share"] = float((chroma < 5).mean())
    out["white_share"] = float(((lab[:, 0] > 93) & (chroma < 8)).mean())
    out["black_share"] = float((lab[:, 0] < 8).mean())
    return out


def hues(view: View) -> Measures:
    """Return shares of the colours that tissue, stain, cloth and ink have."""
    hue, saturation, value = (view.hsv[:, :, k] for k in range(3))
    coloured = (saturation > 0.15) & (value > 0.15)
    bands = {
        "red": (345, 375),
        "skin": (8, 40),
        "yellow": (40, 70),
        "green": (70, 165),
        "cyan_blue": (165, 250),
        "violet": (250, 300),
        "magenta": (300, 345),
    }
    out = {}
    for name, (low, high) in bands.items():
        inside = (hue >= low) & (hue < high) | (hue < high - 360)
        out[f"hue_{name}"] = view.share(coloured & inside)
    out["vivid"] = view.share((saturation > 0.6) & (value > 0.4))
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
    flat = -np.log10(np.clip(view.pixels(view.unit)[:, ::-1], 1 / 255, 1))
    amounts = flat @ _UNMIX
    out = {}
    for k, name in enumerate(("haematoxylin", "eosin", "dab")):
        out[f"{name}_mean"] = float(amounts[:, k].mean())
        out[f"{name}_high"] = float(np.percentile(amounts[:, k], 95))
        out[f"{name}_negative"] = float((amounts[:, k] < -0.05).mean())
    out["he_correlation"] = _correlation(amounts[:, 0], amounts[:, 1])
    dense = flat[flat.sum(axis=1) > 0.25]
    sample = dense if len(dense) > 50 else flat
    unit = sample / np.maximum(np.linalg.norm(sample, axis=1, keepdims=True), 1e-6)
    mean = unit.mean(axis=0)
    out["density_r"], out["density_g"], out["density_b"] = (float(v) for v in mean)
    out["density_spread"] = float(unit.std(axis=0).sum())
    values = np.linalg.eigvalsh(np.cov(sample.T) + 1e-9 * np.eye(3))
    out["density_plane"] = float(values[0] / values.sum())
    out["density_line"] = float(values[2] / values.sum())
    out["glass"] = float((flat.max(axis=1) < 0.13).mean())  # empty slide is almost clear
    return out


def illumination(view: View) -> Measures:
    """Return vignette, even light, highlights and shadows."""
    light = cv2.GaussianBlur(view.grey, (0, 0), max(view.height, view.width) / 16)
    out = {}
    rings = [(0, 0.35), (0.35, 0.7), (0.7, 1.0), (1.0, 1.5)]
    means = [float(view.grey[(view.radius >= a) & (view.radius < b)].mean()) for a, b in rings]
    for k in range(1, 4):
        out[f"ring_{k}"] = means[k] - means[0]
    terms = np.stack(
        [np.ones_like(view.x), view.x, view.y, view.x**2, view.y**2, view.x * view.y], axis=-1
    )[::8, ::8].reshape(-1, 6)
    target = light[::8, ::8].ravel()
    fit, *_ = np.linalg.lstsq(terms, target, rcond=None)
    spread = float(target.var())
    out["light_slope"] = float(np.hypot(fit[1], fit[2]))
    out["light_bow"] = float(fit[3] + fit[4])
    out["light_fit"] = 1 - float((target - terms @ fit).var()) / (spread + 1e-5)
    out["light_spread"] = float(np.sqrt(spread))
    corners = (np.abs(view.x) > 0.86) & (np.abs(view.y) > 0.86)
    out["dark_corners"] = float((view.grey[corners] < 0.13).mean())
    out["corner_spread"] = float(view.grey[corners].std())
    glare = (view.grey > 0.85) & (view.grey > light + 0.18) & (view.hsv[:, :, 1] < 0.35)
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
    levels = {"l": view.lab[:, :, 0], "a": view.lab[:, :, 1], "b": view.lab[:, :, 2]}
    for name, plane in levels.items():
        energies = []
        current = plane
        for _ in range(5):
            smooth = cv2.GaussianBlur(current, (5, 5), 1.1)
            energies.append(float(np.abs(current - smooth).mean()) + 1e-3)
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
        blob = blob[view.body] / spread
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
    out["thin_dark_mean"] = float(hair[view.body].mean())
    out["thin_bright_mean"] = float(shine[view.body].mean())
    return out


def line_art(view: View) -> Measures:
    """Return flat areas, ruled lines and the two-toned look of drawings and tables."""
    grey = view.grey
    mean = cv2.blur(grey, (7, 7))
    deviation = np.sqrt(np.maximum(cv2.blur(grey * grey, (7, 7)) - mean * mean, 0))
    flat = deviation < 0.008
    gx = np.abs(np.diff(grey, axis=1)) > 0.15
    gy = np.abs(np.diff(grey, axis=0)) > 0.15
    histogram = np.bincount((grey[view.body] * 31.999).astype(np.int64), minlength=32)
    shares = histogram / histogram.sum()
    levels = np.arange(32)
    total = float((shares * (levels - (shares * levels).sum()) ** 2).sum()) + 1e-6
    return {
        "flat": view.share(flat),
        "flat_white": view.share(flat & (grey > 0.93)),
        "flat_coloured": view.share(flat & (view.hsv[:, :, 1] > 0.15)),
        "hard_edges": float(gx.mean() + gy.mean()),
        "ruled_across": float(gy.mean(axis=1).max()),
        "ruled_down": float(gx.mean(axis=0).max()),
        "two_toned": _between_classes(shares, levels) / total,
        "grey_top": float(shares.max()),
        "texture_mid": float(np.percentile(deviation[view.body], 50)),
        "texture_low": float(np.percentile(deviation[view.body], 10)),
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
