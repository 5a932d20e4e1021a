"""Dermoscopy-like pictures: a lesion under a lens, with its pigment, vessels and hairs."""

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
    paint,
    soft_edge,
    strokes,
    wander,
)

GROUND = {"pink": (0.92, 0.76, 0.72), "cream": (0.89, 0.78, 0.66), "tan": (0.78, 0.60, 0.47)}
PIGMENT = {
    "light brown": (0.66, 0.45, 0.30),
    "brown": (0.47, 0.28, 0.17),
    "dark brown": (0.30, 0.17, 0.11),
    "black": (0.13, 0.09, 0.09),
    "blue": (0.33, 0.38, 0.52),
    "red": (0.70, 0.22, 0.24),
    "pink": (0.87, 0.58, 0.56),
    "yellow": (0.83, 0.70, 0.45),
}


@dataclass(frozen=True, slots=True)
class Dermoscopy:
    """What a dermoscopy-like picture shows.

    Attributes:
        colour: of the lesion; a key of PIGMENT.
        structures: drawn in this order; keys of the drawing rules below.
        size: lesion radius as a share of the picture's height.
        ragged: how irregular its outline is; 0 is a circle.
        ground: colour of the skin around it.
        circle: whether the round edge of the lens is seen.
        hairs: how many hairs cross the picture.
        bubbles: how many bubbles the gel holds.
    """

    colour: str = "brown"
    structures: tuple[str, ...] = ("network",)
    size: float = 0.30
    ragged: float = 0.25
    ground: str = "pink"
    circle: bool = False
    hairs: int = 0
    bubbles: int = 0


@dataclass(frozen=True, slots=True)
class _Lesion:
    inside: Field
    cover: Field
    radius: float
    rng: np.random.Generator

    @property
    def size(self) -> Size:
        return self.cover.shape[0], self.cover.shape[1]


def draw_dermoscopy(name: str, size: Size, spec: Dermoscopy) -> NDArray[np.uint8]:
    """Return the picture as 8-bit RGB; the same name always gives the same picture."""
    rng = generator(name)
    h, w = size
    ground = np.array(GROUND[spec.ground], np.float32)
    mottle = fractal(size, 70, rng)[..., None] * np.array([0.02, 0.035, 0.035], np.float32)
    picture = (ground + mottle).astype(np.float32)
    fine = np.clip(np.abs(noise(size, 11, rng)) - 0.1, 0, 1)
    picture = paint(picture, ground * 0.90, fine * 0.35)
    centre = (w * (0.5 + rng.normal(0, 0.03)), h * (0.5 + rng.normal(0, 0.03)))
    radius = spec.size * h
    inside = blob_distance(size, centre, radius, spec.ragged, rng)
    inside = inside + fractal(size, 26, rng) * radius * 0.07
    lesion = _Lesion(inside, soft_edge(inside, radius * 0.22), radius, rng)
    picture = _pigment(picture, spec, lesion)
    for structure in spec.structures:
        picture = _STRUCTURES[structure](picture, lesion)
    picture = _in_front(picture, spec, rng)
    return develop(_through_lens(picture, spec, rng), 0.010, rng)


def _pigment(picture: Picture, spec: Dermoscopy, lesion: _Lesion) -> Picture:
    colour = np.array(PIGMENT[spec.colour], np.float32)
    depth = np.clip(lesion.inside / lesion.radius, 0, 1)
    clouds = fractal(lesion.size, lesion.radius * 0.6, lesion.rng)
    dense = np.clip(0.42 + 0.45 * depth + 0.30 * clouds, 0.1, 0.92)
    tint = colour + clouds[..., None] * np.float32(0.05)
    return paint(picture, tint.astype(np.float32), (lesion.cover * dense).astype(np.float32))


def _cells(size: Size, spacing: float, rng: np.random.Generator) -> Field:
    """Return 0 at the middle of each net hole to about 1 on the cords between them."""
    seeds = np.full(size, 255, np.uint8)
    for row, y in enumerate(np.arange(0, size[0] + spacing, spacing * 0.87)):
        for x in np.arange(0, size[1] + spacing, spacing):
            shift = spacing / 2 if row % 2 else 0.0
            px, py = np.array([x + shift, y]) + rng.normal(0, spacing * 0.15, 2)
            if 0 <= px < size[1] and 0 <= py < size[0]:
                seeds[int(py), int(px)] = 0
    far = cv2.distanceTransform(seeds, cv2.DIST_L2, 5)
    return np.asarray(np.clip(far / (spacing * 0.55), 0, 1.3), np.float32)


def _network(picture: Picture, lesion: _Lesion) -> Picture:
    cords = np.clip((_cells(lesion.size, 13, lesion.rng) - 0.55) * 2.6, 0, 1)
    fading = soft_edge(lesion.inside, lesion.radius * 0.35)
    uneven = np.clip(0.75 + 0.5 * noise(lesion.size, 60, lesion.rng), 0.2, 1)
    return paint(picture, (0.27, 0.15, 0.10), (cords * fading * uneven * 0.75).astype(np.float32))


def _dots(lesion: _Lesion, count: int, radius: float, reach: float) -> Field:
    """Return round dots spread over the lesion out to ``reach`` times its radius."""
    cover = np.zeros(lesion.size, np.uint8)
    spots = np.argwhere(lesion.inside > lesion.radius * (1 - reach))
    for y, x in spots[lesion.rng.integers(0, len(spots), count)]:
        r = max(1.0, radius * lesion.rng.uniform(0.6, 1.3))
        centre = (int(x * 16), int(y * 16))
        cv2.circle(cover, centre, int(r * 16), 255, -1, cv2.LINE_AA, 4)
    return blurred(np.asarray(cover, np.float32) / np.float32(255), 0.9)


def _globules(picture: Picture, lesion: _Lesion) -> Picture:
    return paint(picture, (0.24, 0.13, 0.09), _dots(lesion, 110, 4.2, 0.98) * 0.85)


def _clods(picture: Picture, lesion: _Lesion) -> Picture:
    return paint(picture, (0.62, 0.10, 0.14), _dots(lesion, 34, 12.0, 0.85) * 0.85)


def _milia(picture: Picture, lesion: _Lesion) -> Picture:
    return paint(picture, (0.98, 0.95, 0.85), _dots(lesion, 26, 4.5, 0.9) * 0.9)


def _openings(picture: Picture, lesion: _Lesion) -> Picture:
    return paint(picture, (0.20, 0.12, 0.09), _dots(lesion, 20, 6.5, 0.85) * 0.9)


def _dotted_vessels(picture: Picture, lesion: _Lesion) -> Picture:
    return paint(picture, (0.72, 0.10, 0.16), _dots(lesion, 190, 2.2, 0.97) * 0.85)


def _branched_vessels(picture: Picture, lesion: _Lesion) -> Picture:
    """Draw winding trunks that thin out as they run inward, with ever finer twigs."""
    rng, lines, widths = lesion.rng, [], []
    h, w = lesion.size
    for angle in rng.uniform(0, 0.8) + np.arange(5) * 1.26:
        start = (
            w / 2 + np.cos(angle) * lesion.radius * 0.95,
            h / 2 + np.sin(angle) * lesion.radius * 0.95,
        )
        trunk = wander(start, angle + np.pi + rng.normal(0, 0.4), lesion.radius, rng, 0.30)
        third = max(2, len(trunk) // 3)
        for piece, width in enumerate((3.2, 2.2, 1.3)):
            lines.append(trunk[piece * third : (piece + 1) * third + 1])
            widths.append(width)
        for number, joint in enumerate(trunk[2:-1:2]):
            side = -1 if number % 2 else 1
            heading = angle + np.pi + side * rng.uniform(0.5, 1.1)
            twig = wander((joint[0], joint[1]), heading, lesion.radius * 0.4, rng, 0.35)
            lines.append(twig)
            widths.append(0.9)
    cover = blurred(strokes(lesion.size, lines, widths), 0.8) * soft_edge(lesion.inside, 6)
    return paint(picture, (0.76, 0.16, 0.20), cover * 0.8)


def _streaks(picture: Picture, lesion: _Lesion) -> Picture:
    rng, lines = lesion.rng, []
    h, w = lesion.size
    for angle in np.linspace(0, 6.28, 46, endpoint=False) + rng.normal(0, 0.05, 46):
        near, far = lesion.radius * 0.82, lesion.radius * rng.uniform(1.08, 1.28)
        ends = [(w / 2 + np.cos(angle) * r, h / 2 + np.sin(angle) * r) for r in (near, far)]
        lines.append(np.array(ends, np.float32))
    cover = blurred(strokes(lesion.size, lines, [4.0] * len(lines)), 1.0)
    return paint(picture, (0.22, 0.13, 0.10), cover * 0.8)


def _veil(picture: Picture, lesion: _Lesion) -> Picture:
    h, w = lesion.size
    shift = lesion.rng.normal(0, 0.25, 2) * lesion.radius
    spot = (w / 2 + shift[0], h / 2 + shift[1])
    inside = blob_distance(lesion.size, spot, lesion.radius * 0.5, 0.4, lesion.rng)
    haze = np.clip(0.8 + 0.5 * fractal(lesion.size, 50, lesion.rng), 0, 1)
    cover = soft_edge(inside + noise(lesion.size, 22, lesion.rng) * 7, 20) * haze
    return paint(picture, (0.47, 0.51, 0.63), cover * lesion.cover * 0.8)


def _scar(picture: Picture, lesion: _Lesion) -> Picture:
    h, w = lesion.size
    inside = blob_distance(lesion.size, (w / 2, h / 2), lesion.radius * 0.40, 0.3, lesion.rng)
    return paint(picture, (0.96, 0.90, 0.87), soft_edge(inside, 9) * 0.85)


def _ridges(picture: Picture, lesion: _Lesion) -> Picture:
    x, y = grid(lesion.size)
    phase = (x * 0.5 + y + noise(lesion.size, 120, lesion.rng) * 24) / 15 * 6.28
    bands = np.clip(np.sin(phase) * 1.3, 0, 1)
    picture = paint(picture, (0.97, 0.87, 0.80), ((1 - bands) * 0.25).astype(np.float32))
    return paint(picture, (0.36, 0.21, 0.13), (bands * lesion.cover * 0.75).astype(np.float32))


def _scales(picture: Picture, lesion: _Lesion) -> Picture:
    flakes = np.clip(noise(lesion.size, 13, lesion.rng) * 1.5 - 0.35, 0, 1) * lesion.cover
    return paint(picture, (0.97, 0.94, 0.90), np.clip(flakes, 0, 0.85).astype(np.float32))


_STRUCTURES = {
    "network": _network,
    "globules": _globules,
    "clods": _clods,
    "milia": _milia,
    "openings": _openings,
    "dotted vessels": _dotted_vessels,
    "branched vessels": _branched_vessels,
    "streaks": _streaks,
    "veil": _veil,
    "scar": _scar,
    "ridges": _ridges,
    "scales": _scales,
}


def _in_front(picture: Picture, spec: Dermoscopy, rng: np.random.Generator) -> Picture:
    size = (picture.shape[0], picture.shape[1])
    lines = [
        wander(
            (rng.uniform(-40, size[1]), rng.uniform(0, size[0])), rng.uniform(-0.7, 0.7), 260, rng
        )
        for _ in range(spec.hairs)
    ]
    if lines:
        widths = [float(rng.uniform(1.2, 2.2)) for _ in lines]
        picture = paint(picture, (0.13, 0.09, 0.07), 0.85 * strokes(size, lines, widths))
    x, y = grid(size)
    for _ in range(spec.bubbles):
        cx, cy = rng.uniform(0, size[1]), rng.uniform(0, size[0])
        radius = rng.uniform(5, 13)
        far = np.hypot(x - cx, y - cy)
        rim = np.exp(-(((far - radius) / 1.4) ** 2)).astype(np.float32)
        picture = paint(picture, (0.55, 0.42, 0.40), rim * 0.5)
        spark = np.exp(-((np.hypot(x - cx + radius / 3, y - cy + radius / 3) / 2.0) ** 2))
        picture = paint(picture, (1.0, 1.0, 1.0), spark.astype(np.float32) * 0.9)
    return picture


def _through_lens(picture: Picture, spec: Dermoscopy, rng: np.random.Generator) -> Picture:
    size = (picture.shape[0], picture.shape[1])
    x, y = grid(size)
    far = np.hypot(x - size[1] / 2, y - size[0] / 2) / (size[0] / 2)
    picture = picture * (1.04 - 0.16 * np.clip(far, 0, 2) ** 2)[..., None].astype(np.float32)
    picture *= rng.uniform(0.97, 1.03, 3).astype(np.float32)
    if spec.circle:
        rim = soft_edge((0.97 - far).astype(np.float32) * size[0] / 2, 4.0)
        dark = np.full_like(picture, 0.03)
        return paint(dark, picture, rim)
    return np.asarray(picture, np.float32)
