"""Random fields, soft shapes and lighting from which the synthetic pictures are made.

Pictures are float32 arrays of shape (height, width, 3), RGB, 0 to 1. Every function takes its
random generator, so that a picture depends on its name alone.
"""

from __future__ import annotations

import zlib
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]  # (height, width)
Picture = NDArray[np.floating[Any]]  # (height, width, 3)
Size = tuple[int, int]  # height, width


def generator(name: str) -> np.random.Generator:
    """Return the random generator of a picture, seeded by its name."""
    return np.random.default_rng(zlib.crc32(name.encode("utf-8")))


def noise(size: Size, scale: float, rng: np.random.Generator) -> Field:
    """Return smooth noise with blobs of about ``scale`` pixels, mean 0, about -1 to 1."""
    rows = max(3, round(size[0] / scale) + 2)
    columns = max(3, round(size[1] / scale) + 2)
    coarse = rng.normal(0.0, 0.5, (rows, columns)).astype(np.float32)
    return np.asarray(
        cv2.resize(coarse, (size[1], size[0]), interpolation=cv2.INTER_CUBIC), np.float32
    )


def fractal(size: Size, scale: float, rng: np.random.Generator, octaves: int = 4) -> Field:
    """Return noise with detail at ``scale`` pixels and its halves."""
    total = np.zeros(size, np.float32)
    for octave in range(octaves):
        total += noise(size, max(1.5, scale / 2**octave), rng) / 1.7**octave
    return np.asarray(total / np.float32(1.8), np.float32)


def grid(size: Size) -> tuple[Field, Field]:
    """Return the x and y coordinates of every pixel."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    return x, y


def blob(
    size: Size, centre: tuple[float, float], radius: float, ragged: float, rng: np.random.Generator
) -> Field:
    """Return a roundish shape: 1 inside, 0 outside, a soft edge; ``ragged`` 0 is a circle.

    Args:
        size: height and width of the picture.
        centre: x and y.
        radius: mean radius in pixels.
        ragged: how far the outline wanders, as a share of the radius.
        rng: the picture's random generator.
    """
    return soft_edge(blob_distance(size, centre, radius, ragged, rng), max(1.2, radius * 0.05))


def blob_distance(
    size: Size, centre: tuple[float, float], radius: float, ragged: float, rng: np.random.Generator
) -> Field:
    """Return roughly how many pixels inside (positive) or outside the shape each pixel lies."""
    x, y = grid(size)
    dx, dy = x - centre[0], y - centre[1]
    angle = np.arctan2(dy, dx)
    outline = np.ones(size, np.float32)
    for wave in range(2, 9):
        height = ragged * rng.normal(0.0, 0.6) / wave**1.15
        outline += np.float32(height) * np.cos(wave * angle + np.float32(rng.uniform(0, 6.28)))
    return np.asarray(radius * outline - np.hypot(dx, dy), np.float32)


def soft_edge(distance: Field, softness: float) -> Field:
    """Turn a distance to an outline into cover, 0 to 1, over ``softness`` pixels either side."""
    t = np.clip(distance / (2 * softness) + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def paint(picture: Picture, colour: Any, cover: Field) -> Picture:
    """Lay a colour (or a picture) over the picture where ``cover`` is above 0."""
    layer = np.asarray(colour, np.float32)
    return np.asarray(picture + (layer - picture) * cover[..., None], np.float32)


def blurred(field: Field, sigma: float) -> Field:
    """Return the field under a Gaussian blur."""
    return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), np.float32)


def relief(height: Field, strength: float) -> Field:
    """Return the light on a surface of this height, lit from the upper left; 1 when flat."""
    gx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) / 8
    gy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) / 8
    nx, ny = -gx * strength, -gy * strength
    lit = (-0.45 * nx - 0.55 * ny + 0.7) / np.sqrt(nx * nx + ny * ny + 1) / 0.7
    return np.asarray(np.clip(lit, 0.25, 1.7), np.float32)


def strokes(size: Size, lines: list[NDArray[np.float32]], widths: list[float]) -> Field:
    """Return the cover of smooth polylines (arrays of x, y points) of the given widths."""
    cover = np.zeros(size, np.uint8)
    for line, width in zip(lines, widths, strict=True):
        points = np.round(line * 16).astype(np.int32)
        thick = max(1, round(width))
        shade = int(255 * min(1.0, width))
        layer = np.zeros(size, np.uint8)
        cv2.polylines(layer, [points], False, shade, thick, cv2.LINE_AA, 4)
        cover = np.maximum(cover, layer)
    return np.asarray(cover, np.float32) / np.float32(255)


def wander(
    start: tuple[float, float],
    heading: float,
    length: float,
    rng: np.random.Generator,
    winding: float = 0.05,
) -> NDArray[np.float32]:
    """Return a curved line of ``length`` pixels as an array of points."""
    steps = max(6, round(length / 8))
    bend = rng.normal(0, 0.4 * winding) * np.arange(steps)
    turns = np.cumsum(rng.normal(0, winding, steps)) + heading + bend
    step = length / steps
    x = start[0] + np.cumsum(np.cos(turns)) * step
    y = start[1] + np.cumsum(np.sin(turns)) * step
    return np.stack([x, y], axis=1).astype(np.float32)


def develop(picture: Picture, grain: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the picture as 8-bit RGB with sensor grain."""
    noisy = picture + rng.normal(0, grain, picture.shape).astype(np.float32)
    return np.asarray(np.clip(noisy, 0, 1) * 255 + 0.5, np.uint8)


def jpeg(picture: NDArray[np.uint8], quality: int = 88) -> bytes:
    """Return the RGB (or grey) picture as JPEG."""
    pixels = picture if picture.ndim == 2 else picture[..., ::-1]
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("the JPEG encoder refused the picture")
    return bytes(data.tobytes())
