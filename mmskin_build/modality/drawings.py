"""Draw pictures of the class ``other`` for training: charts, tables, schemes, scans, micrographs.

Labelled folders hold few of them, each from one publisher; without these a classifier learns
that publisher's palette. All are made from random numbers, none from anybody's picture.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import cv2
import numpy as np

Colour = tuple[int, int, int]


def draw(seed: str) -> np.ndarray:
    """Return one synthetic BGR picture; the same seed gives the same picture."""
    rng = random.Random(seed)
    height, width = rng.randint(220, 520), rng.randint(260, 640)
    painters: tuple[Callable[[random.Random, int, int], np.ndarray], ...] = (
        _chart,
        _bars,
        _table,
        _scheme,
        _scheme,
        _layers,
        _radiograph,
        _ultrasound,
        _fluorescence,
        _electron,
        _slice,
        _fundus,
        _scenery,
        _thing,
        _screen,
    )
    return rng.choice(painters)(rng, height, width)


def _noise(rng: random.Random, height: int, width: int, scale: float) -> np.ndarray:
    """Return smooth noise from 0 to 1 whose grains are about ``scale`` pixels wide."""
    source = np.random.default_rng(rng.getrandbits(63))
    shape = (max(2, int(height / scale)), max(2, int(width / scale)))
    field = source.random(shape, np.float32)
    field = cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(field, 0, 1))


def _colour(rng: random.Random) -> Colour:
    if rng.random() < 0.35:
        value = rng.choice((0, 0, 40, 90, 150))
        return (value, value, value)
    return (rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 255))


def _paper(rng: random.Random, height: int, width: int) -> np.ndarray:
    white = rng.random() < 0.75
    tint = (255, 255, 255) if white else tuple(rng.randint(205, 255) for _ in range(3))
    return np.full((height, width, 3), tint, np.uint8)


def _words(image: np.ndarray, rng: random.Random, x: int, y: int, size: float) -> None:
    text = " ".join(
        "".join(rng.choice("aeionrstlcdmpu") for _ in range(rng.randint(2, 9)))
        for _ in range(rng.randint(1, 3))
    )
    font = rng.choice((cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX))
    cv2.putText(image, text, (x, y), font, size, (30, 30, 30), 1, cv2.LINE_AA)


def _axes(rng: random.Random, height: int, width: int) -> tuple[np.ndarray, int, int]:
    image = _paper(rng, height, width)
    left, floor = width // 8, height - height // 7
    cv2.line(image, (left, floor), (width - 10, floor), (0, 0, 0), rng.randint(1, 2))
    cv2.line(image, (left, 10), (left, floor), (0, 0, 0), rng.randint(1, 2))
    for k in range(1, rng.randint(4, 8)):
        y = floor - k * (floor - 20) // 8
        cv2.line(image, (left - 4, y), (left, y), (0, 0, 0), 1)
        cv2.putText(image, str(k * 10), (4, y + 4), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (0, 0, 0), 1)
        if rng.random() < 0.4:
            cv2.line(image, (left, y), (width - 10, y), (210, 210, 210), 1)
    _words(image, rng, width // 3, height - 8, rng.uniform(0.35, 0.6))
    return image, left, floor


def _chart(rng: random.Random, height: int, width: int) -> np.ndarray:
    image, left, floor = _axes(rng, height, width)
    for _ in range(rng.randint(1, 5)):
        wave = _noise(rng, 1, width - left - 20, rng.uniform(20, 120))[0]
        points = np.stack(
            [np.arange(wave.size) + left, floor - 5 - wave * (floor - 30)], axis=1
        ).astype(np.int32)
        colour = _colour(rng)
        cv2.polylines(image, [points], False, colour, rng.randint(1, 3), cv2.LINE_AA)
        if rng.random() < 0.4:
            for point in points[:: rng.randint(8, 25)]:
                cv2.circle(image, (int(point[0]), int(point[1])), rng.randint(2, 4), colour, -1)
    return image


def _bars(rng: random.Random, height: int, width: int) -> np.ndarray:
    image, left, floor = _axes(rng, height, width)
    count = rng.randint(3, 12)
    step = (width - left - 15) // count
    colours = [_colour(rng) for _ in range(rng.randint(1, 4))]
    for k in range(count):
        top = floor - rng.randint(5, max(6, floor - 20))
        corner = left + 4 + k * step
        colour = colours[k % len(colours)]
        cv2.rectangle(image, (corner, top), (corner + int(step * 0.75), floor), colour, -1)
    return image


def _table(rng: random.Random, height: int, width: int) -> np.ndarray:
    image = _paper(rng, height, width)
    rows, columns = rng.randint(4, 14), rng.randint(2, 6)
    step_y, step_x = height // rows, width // columns
    if rng.random() < 0.7:
        cv2.rectangle(image, (0, 0), (width, step_y), _colour(rng), -1)
    ruled = rng.random() < 0.7
    for r in range(rows):
        if ruled:
            cv2.line(image, (0, r * step_y), (width, r * step_y), (90, 90, 90), 1)
        for c in range(columns):
            _words(image, rng, c * step_x + 3, r * step_y + step_y * 2 // 3, rng.uniform(0.25, 0.4))
    if ruled:
        for c in range(columns):
            cv2.line(image, (c * step_x, 0), (c * step_x, height), (90, 90, 90), 1)
    return image


def _scheme(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Draw cells, organs and boxes with arrows and labels, flat or softly shaded."""
    image = _paper(rng, height, width)
    shaded = rng.random() < 0.5
    for _ in range(rng.randint(3, 16)):
        x, y = rng.randint(0, width), rng.randint(0, height)
        size = (rng.randint(12, width // 4), rng.randint(12, height // 4))
        colour, turn = _colour(rng), rng.randint(0, 180)
        if rng.random() < 0.7:
            cv2.ellipse(image, (x, y), size, turn, 0, 360, colour, -1, cv2.LINE_AA)
            cv2.ellipse(image, (x, y), size, turn, 0, 360, (60, 60, 60), 1, cv2.LINE_AA)
        else:
            cv2.rectangle(image, (x, y), (x + size[0], y + size[1]), colour, -1)
        if rng.random() < 0.6:
            dot = (max(2, size[0] // 3), max(2, size[1] // 3))
            cv2.ellipse(image, (x, y), dot, turn, 0, 360, _colour(rng), -1, cv2.LINE_AA)
    if shaded:
        light = 0.75 + 0.35 * _noise(rng, height, width, rng.uniform(40, 120))[:, :, None]
        image = np.clip(image * light, 0, 255).astype(np.uint8)
    for _ in range(rng.randint(1, 9)):
        a = (rng.randint(0, width), rng.randint(0, height))
        b = (rng.randint(0, width), rng.randint(0, height))
        if rng.random() < 0.6:
            cv2.arrowedLine(image, a, b, (0, 0, 0), 1, cv2.LINE_AA, tipLength=0.1)
        _words(image, rng, a[0], a[1], rng.uniform(0.3, 0.6))
    return image


def _layers(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Draw wavy bands one above the other, as in schematic sections of the skin."""
    image = _paper(rng, height, width)
    level = np.full(width, rng.uniform(0, 0.2) * height)
    x = np.arange(width)
    while level.mean() < height * 0.9:
        wave = _noise(rng, 1, width, rng.uniform(15, 90))[0] * rng.uniform(3, 30)
        following = level + rng.uniform(0.08, 0.4) * height + wave
        edge = np.concatenate([np.stack([x, level], 1), np.stack([x, following], 1)[::-1]])
        cv2.fillPoly(image, [edge.astype(np.int32)], _colour(rng), cv2.LINE_AA)
        level = following
    for _ in range(rng.randint(0, 60)):
        point = (rng.randint(0, width), rng.randint(0, height))
        cv2.circle(image, point, rng.randint(2, 9), _colour(rng), -1, cv2.LINE_AA)
    for _ in range(rng.randint(0, 6)):
        _words(image, rng, rng.randint(0, width), rng.randint(10, height), 0.45)
    return image


def _radiograph(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Draw soft bright bones over grey tissue on black film."""
    field = np.zeros((height, width), np.float32)
    centre = (width // 2 + rng.randint(-40, 40), height // 2)
    cv2.ellipse(field, centre, (int(width * rng.uniform(0.25, 0.6)), height), 0, 0, 360, 0.35, -1)
    for _ in range(rng.randint(2, 12)):
        layer = np.zeros_like(field)
        a = (rng.randint(0, width), rng.randint(0, height))
        b = (rng.randint(0, width), rng.randint(0, height))
        cv2.line(layer, a, b, rng.uniform(0.1, 0.3), rng.randint(8, 50))
        field += cv2.GaussianBlur(layer, (0, 0), rng.uniform(2, 6))
    field += 0.12 * _noise(rng, height, width, rng.uniform(10, 50))
    field = cv2.GaussianBlur(field, (0, 0), rng.uniform(1, 4))
    return _film(rng, field, grain=0.02)


def _ultrasound(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Draw horizontal speckle with shadows and a dark cyst."""
    source = np.random.default_rng(rng.getrandbits(63))
    tissue = _noise(rng, height, width, rng.uniform(20, 60))
    bands = _noise(rng, height, 2, rng.uniform(6, 30))[:, :1]
    speckle = source.rayleigh(0.5, (height, width)).astype(np.float32)
    speckle = cv2.GaussianBlur(speckle, (0, 0), sigmaX=rng.uniform(1.5, 4), sigmaY=1)
    field = (0.25 * tissue + 0.35 * bands) * speckle * 1.6
    for _ in range(rng.randint(0, 2)):
        mask = np.ones_like(field)
        centre = (rng.randint(0, width), rng.randint(0, height))
        cv2.ellipse(mask, centre, (width // 7, height // 8), rng.randint(0, 60), 0, 360, 0.15, -1)
        field *= cv2.GaussianBlur(mask, (0, 0), 5)
    return _film(rng, field, grain=0.01)


def _fluorescence(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Draw glowing spots of one or two dyes on black."""
    image = np.zeros((height, width, 3), np.float32)
    dyes = [(0.1, 1, 0.2), (1, 0.3, 0.1), (0.1, 0.2, 1), (0.2, 0.9, 0.9)]
    for _ in range(rng.randint(1, 2)):
        dye = np.array(rng.choice(dyes), np.float32)
        glow = np.zeros((height, width), np.float32)
        size = rng.randint(2, 16)
        for _ in range(rng.randint(15, 200)):
            centre = (rng.randint(0, width), rng.randint(0, height))
            axes = (size, max(2, int(size * rng.uniform(0.4, 1))))
            cv2.ellipse(glow, centre, axes, rng.randint(0, 180), 0, 360, rng.uniform(0.3, 1), -1)
        glow = cv2.GaussianBlur(glow, (0, 0), rng.uniform(0.8, 3))
        image += glow[:, :, None] * dye
    image += 0.05 * _noise(rng, height, width, 30)[:, :, None]
    return (np.clip(image, 0, 1) * 255).astype(np.uint8)


def _electron(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Draw shaded grains in grey (or in one false colour), as an electron microscope shows."""
    field = np.full((height, width), 0.25, np.float32)
    size = rng.randint(10, 60)
    for _ in range(rng.randint(5, 60)):
        centre = (rng.randint(0, width), rng.randint(0, height))
        axes = (size, int(size * rng.uniform(0.4, 1)))
        for k in range(4):
            inner = (max(1, axes[0] - k * size // 6), max(1, axes[1] - k * size // 6))
            shade = 0.75 - 0.12 * k
            cv2.ellipse(field, centre, inner, rng.randint(0, 180), 0, 360, shade, -1)
    field = cv2.GaussianBlur(field, (0, 0), 2) + 0.2 * _noise(rng, height, width, 4)
    film = _film(rng, field, grain=0.05)
    if rng.random() < 0.35:
        tint = np.array([rng.uniform(0.2, 1) for _ in range(3)], np.float32)
        film = np.clip(film * tint * 1.3, 0, 255).astype(np.uint8)
    return film


def _slice(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Draw a ring of bone around soft organs on black, as tomograms show."""
    field = np.zeros((height, width), np.float32)
    centre = (width // 2, height // 2)
    outer = (int(width * rng.uniform(0.3, 0.45)), int(height * rng.uniform(0.35, 0.47)))
    cv2.ellipse(field, centre, outer, 0, 0, 360, rng.uniform(0.35, 0.9), -1)
    inner = (int(outer[0] * 0.92), int(outer[1] * 0.92))
    cv2.ellipse(field, centre, inner, 0, 0, 360, rng.uniform(0.25, 0.45), -1)
    for _ in range(rng.randint(3, 15)):
        spot = (
            centre[0] + rng.randint(-inner[0] // 2, inner[0] // 2),
            centre[1] + rng.randint(-inner[1] // 2, inner[1] // 2),
        )
        axes = (rng.randint(4, inner[0] // 3), rng.randint(4, inner[1] // 3))
        cv2.ellipse(field, spot, axes, rng.randint(0, 180), 0, 360, rng.uniform(0.05, 0.75), -1)
    field = cv2.GaussianBlur(field, (0, 0), rng.uniform(0.8, 2.5))
    return _film(rng, field * (0.85 + 0.3 * _noise(rng, height, width, 5)), grain=0.03)


def _fundus(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Draw the back of an eye: an orange disc with a bright spot and branching vessels."""
    image = np.zeros((height, width, 3), np.float32)
    base = (rng.uniform(0.05, 0.15), rng.uniform(0.25, 0.45), rng.uniform(0.6, 0.9))
    centre, radius = (width // 2, height // 2), int(min(height, width) * rng.uniform(0.44, 0.55))
    cv2.circle(image, centre, radius, base, -1, cv2.LINE_AA)
    disc = (centre[0] + rng.choice((-1, 1)) * radius // 3, centre[1] + rng.randint(-15, 15))
    cv2.circle(image, disc, radius // 7, (0.45, 0.75, 1.0), -1, cv2.LINE_AA)
    for _ in range(rng.randint(6, 14)):
        angle, point = rng.uniform(0, 2 * np.pi), disc
        for thickness in (4, 3, 3, 2, 2, 1):
            angle += rng.uniform(-0.5, 0.5)
            step = (int(np.cos(angle) * radius / 4), int(np.sin(angle) * radius / 4))
            end = (point[0] + step[0], point[1] + step[1])
            cv2.line(image, point, end, (0.03, 0.1, 0.4), thickness, cv2.LINE_AA)
            point = end
    mask = np.zeros((height, width, 1), np.float32)
    cv2.circle(mask, centre, radius, 1.0, -1)
    light = 0.7 + 0.5 * _noise(rng, height, width, rng.uniform(60, 150))
    image = cv2.GaussianBlur(image, (0, 0), 1.2) * light[:, :, None] * mask
    return np.asarray(np.clip(image, 0, 1) * 255).astype(np.uint8)


def _scenery(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Draw sky, ridges and ground, as photographs of places and animals have behind them."""
    sky = np.array([rng.uniform(0.5, 1), rng.uniform(0.4, 0.9), rng.uniform(0.2, 0.9)], np.float32)
    fade = np.linspace(rng.uniform(0.4, 1), 1, height, dtype=np.float32)[:, None, None]
    clouds = _noise(rng, height, width, rng.uniform(30, 120))[:, :, None] * rng.uniform(0, 0.4)
    image = np.clip(sky * fade + clouds, 0, 1)
    level = height * rng.uniform(0.2, 0.7)
    for _ in range(rng.randint(1, 4)):
        wave = _noise(rng, 1, width, rng.uniform(8, 120))[0]
        edge = np.clip(level + wave * rng.uniform(5, 90), 0, height - 1)
        below = np.arange(height)[:, None] >= edge[None]
        tint = np.array([rng.uniform(0, 0.6) for _ in range(3)], np.float32)
        tint[1] += rng.uniform(0, 0.3)  # grass and leaves more often than not
        grain = _noise(rng, height, width, rng.uniform(1, 8))[:, :, None]
        image = np.where(below[:, :, None], np.clip(tint * (0.5 + grain), 0, 1), image)
        level += height * rng.uniform(0.05, 0.3)
    return (image * 255).astype(np.uint8)


def _thing(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Draw an object of metal, glass or plastic on a bench, lit from one side, with a shadow."""
    bench = np.array([rng.uniform(0.1, 0.95) for _ in range(3)], np.float32)
    image = bench * (0.8 + 0.3 * _noise(rng, height, width, rng.uniform(20, 150))[:, :, None])
    for _ in range(rng.randint(1, 5)):
        mask = np.zeros((height, width), np.uint8)
        centre = (
            rng.randint(width // 5, width * 4 // 5),
            rng.randint(height // 5, height * 4 // 5),
        )
        size = (rng.randint(15, width // 3), rng.randint(15, height // 3))
        turn = rng.uniform(0, 180)
        if rng.random() < 0.5:
            cv2.ellipse(mask, centre, size, turn, 0, 360, 255, -1, cv2.LINE_AA)
        else:
            box = cv2.boxPoints((centre, size, turn)).astype(np.int32)
            cv2.fillPoly(mask, [box], 255, cv2.LINE_AA)
        shadow = cv2.GaussianBlur(np.roll(mask, (8, 10), (0, 1)), (0, 0), 7)[:, :, None] / 255
        image = image * (1 - 0.6 * shadow)
        steel = rng.uniform(0.3, 0.9)
        body = [steel] * 3 if rng.random() < 0.5 else [rng.uniform(0, 1) for _ in range(3)]
        slope = np.linspace(rng.uniform(0.3, 0.8), 1.3, width, dtype=np.float32)[None, :, None]
        inside = mask[:, :, None].astype(np.float32) / 255
        image = image * (1 - inside) + np.array(body, np.float32) * slope * inside
        shine = (centre[0] - size[0] // 4, centre[1] - size[1] // 4)
        cv2.circle(image, shine, max(2, min(size) // 9), (1, 1, 1), -1, cv2.LINE_AA)
    image = cv2.GaussianBlur(image.astype(np.float32), (0, 0), rng.uniform(0.5, 1.5))
    return np.asarray(np.clip(image, 0, 1) * 255).astype(np.uint8)


def _screen(rng: random.Random, height: int, width: int) -> np.ndarray:
    """Draw the window of a program: title bar, buttons, lists, a picture area."""
    dark = rng.random() < 0.3
    base = rng.randint(25, 60) if dark else rng.randint(215, 250)
    image = np.full((height, width, 3), base, np.uint8)
    bar = rng.randint(14, 30)
    cv2.rectangle(image, (0, 0), (width, bar), _colour(rng), -1)
    side = rng.randint(width // 8, width // 3)
    cv2.rectangle(image, (0, bar), (side, height), (base - 15,) * 3, -1)
    for y in range(bar + 16, height - 6, rng.randint(14, 24)):
        _words(image, rng, 6, y, 0.35)
        if rng.random() < 0.5:
            _words(image, rng, side + 8, y, 0.4)
    for _ in range(rng.randint(1, 5)):
        x, y = rng.randint(side, width - 20), rng.randint(bar, height - 14)
        corner = (x + rng.randint(20, 120), y + rng.randint(12, 90))
        cv2.rectangle(image, (x, y), corner, _colour(rng), -1)
        cv2.rectangle(image, (x, y), corner, (130, 130, 130), 1)
    return image


def _film(rng: random.Random, field: np.ndarray, grain: float) -> np.ndarray:
    source = np.random.default_rng(rng.getrandbits(63))
    noisy = field + grain * source.standard_normal(field.shape).astype(np.float32)
    grey = (np.clip(noisy, 0, 1) * 255).astype(np.uint8)
    image = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.3:
        _words(image, rng, 5, 15, 0.4)
        image = 255 - image if rng.random() < 0.2 else image
    return np.asarray(image)
