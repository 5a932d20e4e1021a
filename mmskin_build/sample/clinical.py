"""Clinical-like pictures: skin under soft light with lesions of a given shape and colour."""

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
    relief,
    soft_edge,
    strokes,
    wander,
)

SKIN = {
    1: (0.90, 0.74, 0.67),
    2: (0.86, 0.68, 0.58),
    3: (0.80, 0.60, 0.48),
    4: (0.69, 0.49, 0.37),
    5: (0.52, 0.35, 0.25),
    6: (0.36, 0.24, 0.18),
}
DRAPE = {
    "blue": (0.33, 0.52, 0.66),
    "green": (0.16, 0.38, 0.30),
    "white": (0.86, 0.87, 0.88),
    "black": (0.07, 0.07, 0.08),
}
COLOUR = {
    "red": (0.72, 0.20, 0.18),
    "pink": (0.86, 0.47, 0.45),
    "brown": (0.42, 0.25, 0.16),
    "black": (0.10, 0.08, 0.09),
    "violet": (0.45, 0.18, 0.36),
    "white": (0.95, 0.88, 0.84),
    "yellow": (0.85, 0.70, 0.36),
    "blue": (0.27, 0.31, 0.46),
}


@dataclass(frozen=True, slots=True)
class Clinical:
    """What a clinical-like picture shows.

    Attributes:
        scene: 'closeup', 'limb', 'hand' or 'trunk'.
        tone: skin type 1 (very fair) to 6 (very dark).
        lesion: a key of the drawing rules below, such as 'papule', 'plaque' or 'ring'.
        colour: of the lesions; a key of COLOUR.
        count: how many lesions.
        size: mean lesion radius as a share of the picture's height.
        arrangement: 'single', 'scattered', 'grouped', 'line' or 'mirrored'.
        drape: colour of the cloth behind a limb or hand.
        hairs: how many hairs lie on the skin.
    """

    scene: str = "closeup"
    tone: int = 2
    lesion: str = "papule"
    colour: str = "red"
    count: int = 1
    size: float = 0.12
    arrangement: str = "single"
    drape: str = "blue"
    hairs: int = 0


def draw_clinical(name: str, size: Size, spec: Clinical) -> NDArray[np.uint8]:
    """Return the picture as 8-bit RGB; the same name always gives the same picture."""
    rng = generator(name)
    body, round_light, places = _body(size, spec, rng)
    picture, height = _skin(size, spec, rng)
    for place in places:
        _lesion(picture, height, (spec, place, rng))
    if spec.hairs:
        picture = paint(picture, (0.12, 0.08, 0.06), 0.8 * _hairs(size, spec.hairs, rng))
    picture *= (relief(height, 1.0) * round_light)[..., None]
    shine = np.clip(relief(blurred(height, 1.2), 1.5) - 1.18, 0, 1)
    picture += (0.5 * shine)[..., None]
    picture = paint(_cloth(size, spec, rng), picture, body)
    x, y = grid(size)
    corner = np.hypot(x / size[1] - 0.48, y / size[0] - 0.45)
    picture *= (1.06 - 0.35 * corner**2)[..., None] * rng.uniform(0.97, 1.02, 3).astype(np.float32)
    return develop(picture, 0.012, rng)


def _skin(size: Size, spec: Clinical, rng: np.random.Generator) -> tuple[Picture, Field]:
    base = np.array(SKIN[spec.tone], np.float32)
    mottle = fractal(size, 90, rng)
    picture: Picture = base + mottle[..., None] * np.array([0.018, 0.030, 0.028], np.float32)
    freckles = np.clip(noise(size, 9, rng) - 0.95, 0, 1) * 0.25
    picture = paint(picture.astype(np.float32), base * 0.72, freckles)
    creases = _stretched(size, 3.2, 2.4, rng) * 0.9 + _stretched(size, 7, 0.45, rng) * 0.6
    pores = noise(size, 2.2, rng)
    return picture, (creases * 0.26 + pores * 0.16).astype(np.float32)


def _stretched(size: Size, scale: float, ratio: float, rng: np.random.Generator) -> Field:
    tall = (round(size[0] * ratio) + 2, size[1])
    field = noise(tall, scale, rng)
    return np.asarray(cv2.resize(field, (size[1], size[0])), np.float32)


Place = tuple[float, float, float]  # x, y, radius in pixels


def _body(size: Size, spec: Clinical, rng: np.random.Generator) -> tuple[Field, Field, list[Place]]:
    """Return where skin is seen, the light on its roundness, and where lesions lie."""
    h, w = size
    if spec.scene == "limb":
        return _limb(size, spec, rng)
    if spec.scene == "hand":
        return _hand(size, spec, rng)
    x, y = grid(size)
    slope = rng.uniform(-0.12, 0.12, 2)
    light = 1 + slope[0] * (x / w - 0.5) + slope[1] * (y / h - 0.5)
    cover = np.ones(size, np.float32)
    if spec.scene == "trunk":
        side = np.abs(x - w * 0.5 + noise(size, 300, rng) * 12) / (w * 0.44)
        cover = soft_edge((1 - side) * w * 0.44, 1.5)
        light = light * np.sqrt(np.clip(1.08 - side**2.6, 0.12, 1))
        spine = np.exp(-(((x - w * 0.5) / (w * 0.02)) ** 2))
        light = light * (1 - 0.07 * spine)
    area = (w * 0.5, h * 0.5, w * (0.30 if spec.scene == "trunk" else 0.36), h * 0.36)
    return cover, np.asarray(light, np.float32), _places(size, spec, area, rng)


def _limb(size: Size, spec: Clinical, rng: np.random.Generator) -> tuple[Field, Field, list[Place]]:
    h, w = size
    x, y = grid(size)
    bend = rng.uniform(-0.16, 0.16)
    middle = h * (0.5 + bend * (x / w - 0.5)) + 0.06 * h * np.sin(x / w * 3 + rng.uniform(0, 6))
    half = h * (0.34 - rng.uniform(0.02, 0.10) * (x / w)) + noise(size, 200, rng) * h * 0.01
    across = (y - middle) / half
    cover = soft_edge((1 - np.abs(across)) * half, 1.6)
    light = 0.42 + 0.62 * np.sqrt(np.clip(1 - (across + 0.18) ** 2 * 0.92, 0, 1))
    places = _places(size, spec, (w * 0.5, h * 0.5, w * 0.33, h * 0.15), rng)
    return cover, np.asarray(light, np.float32), places


def _hand(size: Size, spec: Clinical, rng: np.random.Generator) -> tuple[Field, Field, list[Place]]:
    h, w = size
    shape = np.zeros(size, np.uint8)
    palm = (round(w * 0.36), round(h * 0.55))
    cv2.ellipse(shape, palm, (round(w * 0.17), round(h * 0.27)), 0, 0, 360, 255, -1)
    cv2.rectangle(shape, (0, round(h * 0.38)), (palm[0], round(h * 0.74)), 255, -1)
    fingers = ((0.80, 0.27), (0.88, 0.42), (0.87, 0.57), (0.76, 0.71), (0.50, 0.10))
    roots = ((0.47, 0.40), (0.50, 0.48), (0.50, 0.57), (0.46, 0.66), (0.32, 0.38))
    for tip, root in zip(fingers, roots, strict=True):
        ends = [(round(w * px), round(h * py)) for px, py in (root, tip)]
        cv2.line(shape, ends[0], ends[1], 255, round(h * 0.105), cv2.LINE_AA)
    inside = cv2.distanceTransform((shape > 127).astype(np.uint8), cv2.DIST_L2, 5)
    light = 0.45 + 0.57 * np.sqrt(np.clip(np.minimum(inside / (h * 0.055), 1), 0, 1))
    cover = soft_edge(blurred(np.asarray(inside, np.float32), 1.0) - 1, 1.0)
    places = _places(size, spec, (w * 0.34, h * 0.55, w * 0.12, h * 0.16), rng)
    return cover, blurred(np.asarray(light, np.float32), 2.0), places


def _places(
    size: Size,
    spec: Clinical,
    area: tuple[float, float, float, float],
    rng: np.random.Generator,
) -> list[Place]:
    """Return centres and radii of the lesions inside the ellipse ``area`` (x, y, rx, ry)."""
    x0, y0, rx, ry = area
    radius = spec.size * size[0]
    places: list[Place] = []
    for number in range(spec.count):
        if spec.arrangement == "single":
            spot = (x0 + rng.normal(0, 0.08) * rx, y0 + rng.normal(0, 0.08) * ry)
        elif spec.arrangement == "line":
            t = (number + 0.5) / spec.count * 2 - 1
            spot = (x0 + t * rx, y0 + t * ry * 0.45 + rng.normal(0, 0.04) * ry)
        else:
            spot = _free_spot(places, (x0, y0, rx, ry), radius, (spec.arrangement, number, rng))
        places.append((spot[0], spot[1], radius * rng.uniform(0.75, 1.2)))
    return places


def _free_spot(
    taken: list[Place],
    area: tuple[float, float, float, float],
    radius: float,
    how: tuple[str, int, np.random.Generator],
) -> tuple[float, float]:
    x0, y0, rx, ry = area
    arrangement, number, rng = how
    spread = 0.42 if arrangement == "grouped" else 1.0
    spot = (x0, y0)
    for _ in range(40):
        angle, far = rng.uniform(0, 6.28), np.sqrt(rng.uniform(0, 1)) * spread
        spot = (x0 + np.cos(angle) * far * rx, y0 + np.sin(angle) * far * ry)
        if arrangement == "mirrored" and number % 2 and taken:
            last = taken[-1]
            return 2 * x0 - last[0], last[1] + rng.normal(0, 4)
        if all(np.hypot(spot[0] - p[0], spot[1] - p[1]) > radius * 1.7 for p in taken):
            break
    return float(spot[0]), float(spot[1])


Subject = tuple[Clinical, Place, np.random.Generator]


def _lesion(picture: Picture, height: Field, subject: Subject) -> None:
    """Draw one lesion into the picture and its relief, in the window it can reach."""
    spec, (x, y, radius), rng = subject
    reach = round(radius * 2.4) + 14
    top, left = max(0, round(y) - reach), max(0, round(x) - reach)
    window = (slice(top, max(top + 1, round(y) + reach)), slice(left, round(x) + reach))
    part, relief_part = picture[window], height[window]
    size = (part.shape[0], part.shape[1])
    if min(size) < 4:
        return  # it lies outside the picture
    ragged = {"papule": 0.12, "nodule": 0.10, "vesicle": 0.08, "pustule": 0.10, "cyst": 0.05}
    centre = (x - left, y - top)
    inside = blob_distance(size, centre, radius, ragged.get(spec.lesion, 0.32), rng)
    cover = soft_edge(inside, max(1.5, radius * 0.10))
    skin = np.array(SKIN[spec.tone], np.float32)
    strength = 0.62 if spec.colour != "black" else 0.9
    colour = np.array(COLOUR[spec.colour], np.float32) * (0.45 + 0.55 * skin.mean() / 0.72)
    halo = blurred(cover, radius * 0.25 + 2) * (0.30 if spec.colour in ("red", "pink") else 0.08)
    part = paint(part, skin * np.array([1.0, 0.72, 0.70], np.float32), halo)
    texture = fractal(size, max(6.0, radius / 2), rng)
    tint = colour + texture[..., None] * np.float32(0.06)
    spot = _Spot(cover, inside, radius, tint, strength)
    picture[window], height[window] = _SHAPES[spec.lesion](part, relief_part, spot, rng)


@dataclass(frozen=True, slots=True)
class _Spot:
    cover: Field
    inside: Field
    radius: float
    tint: Picture
    strength: float


def _dome(spot: _Spot, steep: float) -> Field:
    t = np.clip(spot.inside / spot.radius, 0, 1)
    return np.asarray(np.sqrt(t * (2 - t)) * spot.radius * steep, np.float32)


def _flat(p: Picture, h: Field, s: _Spot, rng: np.random.Generator) -> tuple[Picture, Field]:
    return paint(p, s.tint, s.cover * s.strength), h


def _raised(p: Picture, h: Field, s: _Spot, rng: np.random.Generator) -> tuple[Picture, Field]:
    return paint(p, s.tint, s.cover * s.strength), h * (1 - 0.5 * s.cover) + _dome(s, 0.75)


def _scaly(p: Picture, h: Field, s: _Spot, rng: np.random.Generator) -> tuple[Picture, Field]:
    size = (h.shape[0], h.shape[1])
    p = paint(p, s.tint, s.cover * min(1.0, s.strength + 0.2))
    flakes = np.clip(noise(size, 5, rng) * 1.3 + noise(size, 14, rng) - 0.30, 0, 1) * s.cover
    p = paint(p, (0.93, 0.90, 0.87), np.clip(flakes * 1.1, 0, 0.9).astype(np.float32))
    rim = np.clip(s.inside / 6, 0, 1) * 5
    return p, (h + rim + flakes * 5).astype(np.float32)


def _clear(p: Picture, h: Field, s: _Spot, rng: np.random.Generator) -> tuple[Picture, Field]:
    ring = soft_edge(s.inside + s.radius * 0.5, s.radius * 0.3)
    p = paint(p, (0.78, 0.34, 0.30), ring * 0.45)
    p = paint(p, (0.88, 0.78, 0.66), s.cover * 0.55)
    return p, h * (1 - s.cover) + _dome(s, 1.1)


def _pustular(p: Picture, h: Field, s: _Spot, rng: np.random.Generator) -> tuple[Picture, Field]:
    p = paint(p, s.tint, soft_edge(s.inside + s.radius * 0.4, s.radius * 0.4) * 0.75)
    top = soft_edge(s.inside - s.radius * 0.35, s.radius * 0.12)
    p = paint(p, (0.93, 0.88, 0.68), top * 0.9)
    return p, h * (1 - s.cover) + _dome(s, 0.9)


def _ulcer(p: Picture, h: Field, s: _Spot, rng: np.random.Generator) -> tuple[Picture, Field]:
    size = (h.shape[0], h.shape[1])
    p = paint(p, s.tint, s.cover * 0.7)
    floor = soft_edge(s.inside - s.radius * 0.28, s.radius * 0.06)
    slough = np.clip(noise(size, 16, rng) + 0.35, 0, 1)
    bed = paint(np.full((*size, 3), (0.50, 0.09, 0.09), np.float32), (0.80, 0.68, 0.38), slough)
    p = paint(p, bed, floor * 0.95)
    rim = np.exp(-(((s.inside - s.radius * 0.22) / (s.radius * 0.13)) ** 2)) * s.radius * 0.22
    return p, (h + rim - floor * 4 + floor * noise(size, 5, rng) * 3).astype(np.float32)


def _ring(p: Picture, h: Field, s: _Spot, rng: np.random.Generator) -> tuple[Picture, Field]:
    band = np.exp(-(((s.inside - s.radius * 0.18) / (s.radius * 0.16)) ** 2)).astype(np.float32)
    p = paint(p, s.tint, s.cover * 0.22)
    return paint(p, s.tint, band * 0.8), (h + band * s.radius * 0.16).astype(np.float32)


def _target(p: Picture, h: Field, s: _Spot, rng: np.random.Generator) -> tuple[Picture, Field]:
    p = paint(p, (0.80, 0.36, 0.34), s.cover * 0.75)
    p = paint(p, (0.90, 0.66, 0.60), soft_edge(s.inside - s.radius * 0.3, 3) * 0.8)
    p = paint(p, (0.45, 0.10, 0.20), soft_edge(s.inside - s.radius * 0.6, 3) * 0.85)
    return p, h + _dome(s, 0.25)


def _crusted(p: Picture, h: Field, s: _Spot, rng: np.random.Generator) -> tuple[Picture, Field]:
    size = (h.shape[0], h.shape[1])
    p = paint(p, s.tint, s.cover * 0.7)
    lumps = np.clip(noise(size, 12, rng) + 0.4, 0, 1.2) * soft_edge(s.inside - s.radius * 0.15, 4)
    p = paint(p, (0.80, 0.58, 0.22), np.clip(lumps * 0.95, 0, 1).astype(np.float32))
    return p, (h + lumps * 9 + lumps * noise(size, 4, rng) * 3).astype(np.float32)


_SHAPES = {
    "macule": _flat,
    "patch": _flat,
    "purpura": _flat,
    "papule": _raised,
    "nodule": _raised,
    "cyst": _raised,
    "plaque": _scaly,
    "vesicle": _clear,
    "pustule": _pustular,
    "ulcer": _ulcer,
    "ring": _ring,
    "target": _target,
    "crust": _crusted,
}


def _hairs(size: Size, count: int, rng: np.random.Generator) -> Field:
    lines, widths = [], []
    heading = rng.uniform(0, 6.28)
    for _ in range(count):
        start = (rng.uniform(0, size[1]), rng.uniform(0, size[0]))
        lines.append(wander(start, heading + rng.normal(0, 0.35), rng.uniform(25, 60), rng))
        widths.append(float(rng.uniform(0.5, 1.0)))
    return strokes(size, lines, widths)


def _cloth(size: Size, spec: Clinical, rng: np.random.Generator) -> Picture:
    base = np.array(DRAPE[spec.drape], np.float32)
    folds = fractal(size, 120, rng, 3) * 26
    light = relief(folds, 1.4) * 0.9 + 0.1
    weave = 1 + noise(size, 1.6, rng) * 0.03
    return np.asarray(base * (light * weave)[..., None], np.float32)
