"""Histology-like pictures: tissue as optical density of stains, then light through it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mmskin_build.sample.canvas import (
    Field,
    Picture,
    Size,
    blob_distance,
    blurred,
    develop,
    fractal,
    generator,
    grid,
    noise,
    soft_edge,
)

# Absorbance in red, green and blue of (what binds to nuclei, what binds to everything else).
STAIN = {
    "he": ((0.62, 0.78, 0.27), (0.10, 0.62, 0.24)),
    "pas": ((0.55, 0.62, 0.30), (0.14, 0.80, 0.30)),
    "giemsa": ((0.80, 0.62, 0.18), (0.34, 0.42, 0.10)),
    "ihc": ((0.60, 0.42, 0.18), (0.10, 0.09, 0.06)),
}
BROWN = (0.42, 0.78, 1.25)


@dataclass(frozen=True, slots=True)
class Histology:
    """What a histology-like picture shows.

    Attributes:
        scene: a key of the drawing rules below, such as 'epidermis' or 'islands'.
        stain: 'he', 'pas', 'giemsa' or 'ihc' (brown marker on pale blue).
        magnification: 40 to 400; sets the size of nuclei.
        inflamed: how many lymphocytes lie in the dermis.
    """

    scene: str = "epidermis"
    stain: str = "he"
    magnification: int = 200
    inflamed: int = 200


class _Slide:
    """The densities being drawn: nuclei, the rest of the tissue, and a brown marker."""

    def __init__(self, size: Size, spec: Histology, rng: np.random.Generator) -> None:
        self.size = size
        self.rng = rng
        self.nucleus_px = 2.0 + spec.magnification / 62
        self.nuclear: Field = np.zeros(size, np.float32)
        self.tissue: Field = np.zeros(size, np.float32)
        self.marker: Field = np.zeros(size, np.float32)

    def nuclei(
        self, where: Field, count: int, shape: tuple[float, float] = (1.0, 1.3), dark: float = 1.0
    ) -> None:
        """Scatter ``count`` nuclei where ``where`` is positive, without much overlap.

        Args:
            where: a field; nuclei lie where it is above 0.5.
            count: how many to try.
            shape: size and ratio of length to width, in units of a usual nucleus.
            dark: density of the nuclei.
        """
        spots = np.argwhere(where > 0.5)
        if not len(spots):
            return
        taken = np.zeros(self.size, np.uint8)
        layer = np.zeros(self.size, np.uint8)
        for y, x in spots[self.rng.integers(0, len(spots), count)]:
            if taken[y, x]:
                continue
            minor = self.nucleus_px * shape[0] * self.rng.uniform(0.8, 1.2)
            axes = (int(minor * shape[1] * 16), int(minor * 16))
            angle = self.rng.uniform(0, 180)
            centre = (int(x) * 16, int(y) * 16)
            tone = int(self.rng.uniform(150, 255))
            cv2.ellipse(layer, centre, axes, angle, 0, 360, tone, -1, cv2.LINE_AA, 4)
            cv2.circle(taken, (int(x), int(y)), int(minor * 1.9), 255, -1)
        self._stipple(layer, dark)

    def nucleus_at(self, x: float, y: float, angle: float, shape: tuple[float, float]) -> None:
        """Draw one nucleus; ``angle`` in degrees of its long axis."""
        layer = np.zeros(self.size, np.uint8)
        axes = (
            int(self.nucleus_px * shape[0] * shape[1] * 16),
            int(self.nucleus_px * shape[0] * 16),
        )
        centre = (int(x * 16), int(y * 16))
        cv2.ellipse(layer, centre, axes, angle, 0, 360, 225, -1, cv2.LINE_AA, 4)
        self.nuclear = np.maximum(self.nuclear, np.asarray(layer, np.float32) / np.float32(255))

    def _stipple(self, layer: NDArray[np.uint8], dark: float) -> None:
        cover = np.asarray(layer, np.float32) / np.float32(255)
        chromatin = 0.80 + 0.35 * noise(self.size, max(2.0, self.nucleus_px / 2.5), self.rng)
        self.nuclear = np.maximum(self.nuclear, cover * chromatin * dark)

    def fibres(self, where: Field, density: float) -> None:
        """Lay wavy collagen bundles where ``where`` is positive."""
        x, y = grid(self.size)
        warp = fractal(self.size, 150, self.rng) * 46
        period = self.nucleus_px * 3.4
        waves = np.sin((y + warp + x * 0.18) / period * 6.28) * 0.5 + 0.5
        split = np.clip(noise(self.size, period * 1.6, self.rng) + 0.75, 0, 1)
        self.tissue += where * (density * (0.45 + 0.55 * waves * split)).astype(np.float32)


def draw_histology(name: str, size: Size, spec: Histology) -> NDArray[np.uint8]:
    """Return the picture as 8-bit RGB; the same name always gives the same picture."""
    rng = generator(name)
    slide = _Slide(size, spec, rng)
    _SCENES[spec.scene](slide, spec)
    nuclear, tissue = (np.array(v, np.float32) for v in STAIN[spec.stain])
    brown = slide.marker if spec.stain == "ihc" else np.zeros_like(slide.marker)
    thick = np.clip(1 + 0.12 * fractal(size, 160, rng), 0.6, 1.4)[..., None]
    density = (
        blurred(slide.nuclear, 0.7)[..., None] * nuclear * 1.25
        + blurred(slide.tissue, 0.8)[..., None] * tissue
        + brown[..., None] * np.array(BROWN, np.float32)
    )
    lamp = np.array([0.96, 0.95, 0.96], np.float32) * rng.uniform(0.98, 1.01, 3).astype(np.float32)
    picture: Picture = np.asarray(lamp * np.exp(-density * thick), np.float32)
    return develop(picture, 0.010, rng)


def _layers(slide: _Slide, depth: float, wave: float) -> tuple[Field, Field, Field]:
    """Return where horn layer, epidermis and dermis lie; the junction undulates (rete ridges)."""
    x, y = grid(slide.size)
    h, w = slide.size
    top = h * 0.16 + noise(slide.size, 140, slide.rng) * h * 0.02
    ridge = np.sin(x / w * 6.28 * wave + noise(slide.size, 200, slide.rng) * 1.5)
    bottom = top + h * depth * (1 + 0.38 * ridge)
    horn = soft_edge(y - top + h * 0.07, 2) * soft_edge(top - y, 1.5)
    epidermis = soft_edge(y - top, 1.5) * soft_edge(bottom - y, 1.5)
    return horn, epidermis, soft_edge(y - bottom, 1.5)


def _crowd(slide: _Slide, where: Field, packing: float) -> int:
    return int(where.sum() / (slide.nucleus_px**2 * 12) * packing * 2.2)


def _epidermis(slide: _Slide, spec: Histology, depth: float = 0.24) -> None:
    horn, epidermis, dermis = _layers(slide, depth, 3.0)
    threads = np.clip(np.abs(noise(slide.size, 7, slide.rng)) * 1.6, 0, 1)
    slide.tissue += horn * (0.35 + 0.55 * threads) + epidermis * 0.85
    slide.fibres(dermis, 0.72)
    slide.nuclei(epidermis, _crowd(slide, epidermis, 1.0))
    slide.nuclei(dermis, _crowd(slide, dermis, 0.05), (0.5, 3.2))
    slide.nuclei(_infiltrate(slide, dermis), spec.inflamed * 4, (0.62, 1.05), 1.25)
    slide.marker += blurred(epidermis, 2) * 0.02


def _thick_epidermis(slide: _Slide, spec: Histology) -> None:
    _epidermis(slide, spec, 0.42)


def _spongiosis(slide: _Slide, spec: Histology) -> None:
    _epidermis(slide, spec, 0.34)
    for _ in range(7):
        h, w = slide.size
        spot = (slide.rng.uniform(0.08, 0.92) * w, slide.rng.uniform(0.24, 0.40) * h)
        gap = soft_edge(blob_distance(slide.size, spot, h * 0.045, 0.35, slide.rng), 2)
        slide.nuclear *= 1 - gap
        slide.tissue *= 1 - 0.92 * gap


def _blister(slide: _Slide, spec: Histology) -> None:
    _epidermis(slide, spec, 0.20)
    h, w = slide.size
    x, y = grid(slide.size)
    inside = 1 - np.hypot((x - w / 2) / (w * 0.40), (y - h * 0.46) / (h * 0.13))
    gap = soft_edge(inside.astype(np.float32) * h * 0.13, 2)
    slide.nuclear *= 1 - gap
    slide.tissue = slide.tissue * (1 - gap) + gap * 0.10
    slide.nuclei(gap * (fractal(slide.size, 20, slide.rng) > 0.2), 120, (0.6, 1.1), 1.1)


def _infiltrate(slide: _Slide, dermis: Field) -> Field:
    clumps = fractal(slide.size, 90, slide.rng)
    return np.asarray(dermis * (clumps > 0.15), np.float32)


def _nests(slide: _Slide, spec: Histology) -> None:
    _epidermis(slide, spec, 0.20)
    h, w = slide.size
    for _ in range(16):
        spot = (slide.rng.uniform(0, 1) * w, slide.rng.uniform(0.45, 0.95) * h)
        radius = h * slide.rng.uniform(0.05, 0.09)
        nest = soft_edge(blob_distance(slide.size, spot, radius, 0.25, slide.rng), 1.5)
        slide.tissue = slide.tissue * (1 - nest) + nest * 0.50
        slide.nuclear *= 1 - nest
        slide.nuclei(nest, _crowd(slide, nest, 1.4), (0.95, 1.15), 1.0)
        slide.marker = np.maximum(slide.marker, nest * 0.62)


def _islands(slide: _Slide, spec: Histology) -> None:
    slide.fibres(np.ones(slide.size, np.float32), 0.62)
    h, w = slide.size
    everywhere = np.ones(slide.size, np.float32)
    slide.nuclei(everywhere, _crowd(slide, everywhere, 0.06), (0.5, 3.0))
    for number in range(6):
        spot = (w * (0.18 + 0.32 * (number % 3)), h * (0.28 + 0.46 * (number // 3)))
        spot = (spot[0] + slide.rng.normal(0, 14), spot[1] + slide.rng.normal(0, 10))
        radius = h * slide.rng.uniform(0.13, 0.19)
        inside = blob_distance(slide.size, spot, radius, 0.30, slide.rng)
        island = soft_edge(inside, 1.5)
        cleft = soft_edge(inside + 7, 2) - island
        slide.tissue = (
            slide.tissue * (1 - np.clip(cleft * 0.9, 0, 1)) * (1 - island) + island * 0.45
        )
        slide.nuclear *= 1 - np.clip(island + cleft, 0, 1)
        slide.nuclei(island * (inside > 6), _crowd(slide, island, 2.2), (0.85, 1.25), 1.1)
        _palisade(slide, inside)
        slide.marker = np.maximum(slide.marker, island * 0.5)


def _palisade(slide: _Slide, inside: Field) -> None:
    """Set upright nuclei side by side along the outline of a shape."""
    rim = ((inside > 2) & (inside < 6)).astype(np.uint8)
    lines, _ = cv2.findContours(rim, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for line in lines:
        points = line[:, 0, :]
        centre = points.mean(axis=0)
        for x, y in points[:: max(3, round(slide.nucleus_px * 2.1))]:
            angle = float(np.degrees(np.arctan2(y - centre[1], x - centre[0])))
            slide.nucleus_at(float(x), float(y), angle, (0.75, 1.9))


def _granuloma(slide: _Slide, spec: Histology) -> None:
    slide.fibres(np.ones(slide.size, np.float32), 0.65)
    h, w = slide.size
    for spot in ((w * 0.34, h * 0.42), (w * 0.72, h * 0.63)):
        inside = blob_distance(slide.size, spot, h * 0.24, 0.15, slide.rng)
        core = soft_edge(inside, 8)
        slide.tissue = slide.tissue * (1 - core) + core * 0.60
        slide.nuclei(core, _crowd(slide, core, 0.5), (0.9, 2.0), 0.7)
        rim = soft_edge(inside + h * 0.06, 8) - core
        slide.nuclei(rim, _crowd(slide, rim, 2.0), (0.6, 1.05), 1.25)
        giant = soft_edge(blob_distance(slide.size, spot, h * 0.065, 0.15, slide.rng), 2)
        slide.tissue += giant * 0.35
        for angle in np.linspace(0, 5.2, 11):
            x, y = spot[0] + np.cos(angle) * h * 0.05, spot[1] + np.sin(angle) * h * 0.05
            slide.nucleus_at(x, y, float(np.degrees(angle)), (0.8, 1.2))


def _glands(slide: _Slide, spec: Histology) -> None:
    slide.fibres(np.ones(slide.size, np.float32), 0.70)
    h, w = slide.size
    for number in range(8):
        spot = (w * (0.14 + 0.24 * (number % 4)), h * (0.27 + 0.46 * (number // 4)))
        spot = (spot[0] + slide.rng.normal(0, 10), spot[1] + slide.rng.normal(0, 10))
        radius = h * slide.rng.uniform(0.09, 0.12)
        inside = blob_distance(slide.size, spot, radius, 0.15, slide.rng)
        wall = soft_edge(inside, 1.5)
        lumen = soft_edge(inside - radius * 0.45, 1.5)
        slide.tissue = slide.tissue * (1 - wall) + (wall - lumen) * 0.85
        slide.nuclear *= 1 - wall
        _palisade(slide, inside - radius * 0.12)
        slide.marker = np.maximum(slide.marker, (wall - lumen) * 0.5)
    everywhere = np.ones(slide.size, np.float32)
    slide.nuclei(everywhere * (slide.tissue < 0.9), 90, (0.5, 3.0))


def _sheets(slide: _Slide, spec: Histology) -> None:
    slide.fibres(np.ones(slide.size, np.float32), 0.35)
    slide.tissue += 0.22
    everywhere = np.ones(slide.size, np.float32)
    slide.nuclei(everywhere, _crowd(slide, everywhere, 1.5), (0.85, 1.15), 1.15)
    slide.marker += np.clip(fractal(slide.size, 60, slide.rng) + 0.4, 0, 1) * 0.7


def _spindle(slide: _Slide, spec: Histology) -> None:
    slide.fibres(np.ones(slide.size, np.float32), 0.85)
    h, w = slide.size
    bend = fractal(slide.size, 150, slide.rng)
    for _ in range(620):
        x, y = slide.rng.uniform(0, w), slide.rng.uniform(0, h)
        angle = 60 * float(bend[int(y), int(x)]) - 10
        slide.nucleus_at(x, y, angle, (0.5, 3.4))
    slide.marker += slide.nuclear * 0.6


_SCENES = {
    "epidermis": _epidermis,
    "thick epidermis": _thick_epidermis,
    "spongiosis": _spongiosis,
    "blister": _blister,
    "nests": _nests,
    "islands": _islands,
    "granuloma": _granuloma,
    "glands": _glands,
    "sheets": _sheets,
    "spindle": _spindle,
}
