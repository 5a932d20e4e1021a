"""Imitate what books do to pictures: crop, scale, tint, print in grey, screen, compress."""

from __future__ import annotations

import random

import cv2
import numpy as np


def bookish(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """Return a BGR picture as a book might show it; ``rng`` decides, nothing else does."""
    image = _turn(_crop(image, rng), rng)
    image = _scale(image, rng)
    image = _tone(image, rng)
    if rng.random() < 0.12:
        image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.10:
        image = _halftone(image, rng)
    elif rng.random() < 0.3:
        image = _blur_or_sharpen(image, rng)
    if rng.random() < 0.8:
        image = _jpeg(image, rng.randint(30, 92))
    return image


def _crop(image: np.ndarray, rng: random.Random) -> np.ndarray:
    height, width = image.shape[:2]
    share = rng.uniform(0.55, 1.0) if rng.random() < 0.75 else rng.uniform(0.35, 0.55)
    aspect = rng.uniform(0.8, 1.25)
    crop_h = max(16, min(height, round(height * share * aspect)))
    crop_w = max(16, min(width, round(width * share / aspect)))
    top, left = rng.randint(0, height - crop_h), rng.randint(0, width - crop_w)
    return image[top : top + crop_h, left : left + crop_w]


def _turn(image: np.ndarray, rng: random.Random) -> np.ndarray:
    if rng.random() < 0.5:
        image = image[:, ::-1]
    return np.ascontiguousarray(np.rot90(image, rng.choice((0, 0, 0, 1, 2, 3))))


def _scale(image: np.ndarray, rng: random.Random) -> np.ndarray:
    height, width = image.shape[:2]
    factor = min(1.0, rng.uniform(140, 620) / max(height, width))
    size = (max(16, round(width * factor)), max(16, round(height * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def _tone(image: np.ndarray, rng: random.Random) -> np.ndarray:
    unit = image.astype(np.float32) / 255
    unit = unit ** np.float32(rng.uniform(0.7, 1.4))
    gains = [rng.uniform(0.85, 1.15) for _ in range(3)]
    unit = unit * np.array(gains, np.float32)
    low, high = rng.uniform(-0.03, 0.08), rng.uniform(0.9, 1.05)
    unit = low + unit * (high - low)
    grey = cv2.cvtColor(np.clip(unit, 0, 1), cv2.COLOR_BGR2GRAY)[:, :, None]
    unit = grey + (unit - grey) * np.float32(rng.uniform(0.6, 1.35))
    return np.asarray(np.clip(unit, 0, 1) * 255 + 0.5).astype(np.uint8)


def _halftone(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """Lay a printer's screen of dots over each colour at its own angle."""
    pitch = rng.uniform(2.5, 4.5)
    height, width = image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    out = np.empty_like(image)
    for channel, degrees in enumerate((0.0, 75.0, 15.0)):
        angle = np.float32(np.deg2rad(degrees))
        u = (x * np.cos(angle) + y * np.sin(angle)) * np.float32(2 * np.pi / pitch)
        v = (y * np.cos(angle) - x * np.sin(angle)) * np.float32(2 * np.pi / pitch)
        screen = (np.cos(u) + np.cos(v)) * 45
        out[:, :, channel] = np.clip(image[:, :, channel] + screen, 0, 255)
    return np.asarray(cv2.GaussianBlur(out, (3, 3), 0.7))


def _blur_or_sharpen(image: np.ndarray, rng: random.Random) -> np.ndarray:
    blurred = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.6, 1.6)))
    if rng.random() < 0.5:
        return blurred
    return np.asarray(cv2.addWeighted(image, 1.7, blurred, -0.7, 0))


def _jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)) if done else image
