"""Imitate other sources of the same kind: a closer camera, another dermatoscope, another stain.

A training folder holds few collections of each kind. What one camera, one device or one dye
does is easily taken for the kind itself; here it is varied, the kind is not.
"""

from __future__ import annotations

import random

import cv2
import numpy as np

from mmskin_build.modality.features import STAINS
from mmskin_build.records import Modality

# Optical density in R, G, B of dyes that take the place of haematoxylin and eosin, as two-dye
# pairs: counterstain and stain (Ruifrok and Johnston 2001, and plates of staining manuals).
DYES: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "dab": ((0.65, 0.70, 0.29), (0.27, 0.57, 0.78)),
    "periodic acid-schiff": ((0.60, 0.65, 0.35), (0.18, 0.95, 0.30)),
    "trichrome": ((0.80, 0.57, 0.16), (0.10, 0.74, 0.67)),
    "giemsa": ((0.83, 0.52, 0.15), (0.25, 0.85, 0.25)),
    "congo red": ((0.65, 0.70, 0.29), (0.12, 0.70, 0.60)),
    "alkaline phosphatase": ((0.65, 0.70, 0.29), (0.10, 0.85, 0.50)),
    "silver": ((0.55, 0.57, 0.60), (0.50, 0.58, 0.65)),
}


def elsewhere(image: np.ndarray, kind: Modality, rng: random.Random) -> np.ndarray | None:
    """Return a BGR picture as another source of its kind might have it; None for class other."""
    if kind == Modality.CLINICAL:
        return closer(image, rng)
    if kind == Modality.DERMOSCOPY:
        return dermatoscope(image, rng)
    return restained(image, rng) if kind == Modality.PATHOLOGY else None


def closer(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """Return the middle of a clinical photograph, as a close-up lens would take it."""
    height, width = image.shape[:2]
    share = rng.uniform(0.25, 0.5)
    high, wide = max(48, round(height * share)), max(48, round(width * share))
    top = round((height - min(high, height)) * rng.uniform(0.3, 0.7))
    left = round((width - min(wide, width)) * rng.uniform(0.3, 0.7))
    return image[top : top + high, left : left + wide]


def dermatoscope(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """Return a dermoscopic picture as another device frames it: round field, ruler or bubbles."""
    out = image.copy()
    height, width = out.shape[:2]
    if rng.random() < 0.4:
        _ruler(out, rng)
    for _ in range(rng.randint(1, 6) if rng.random() < 0.3 else 0):
        centre = (rng.randint(0, width), rng.randint(0, height))
        size = max(2, round(min(height, width) * rng.uniform(0.01, 0.05)))
        cv2.circle(out, centre, size, (225, 225, 225), 1, cv2.LINE_AA)
    if rng.random() < 0.5:
        field = np.zeros((height, width), np.float32)
        radius = round(min(height, width) * rng.uniform(0.45, 0.62))
        cv2.circle(field, (width // 2, height // 2), radius, 1.0, -1)
        field = cv2.GaussianBlur(field, (0, 0), rng.uniform(0.5, 6))[:, :, None]
        out = (out * field + rng.choice((0, 8, 20)) * (1 - field)).astype(np.uint8)
    return out


def _ruler(image: np.ndarray, rng: random.Random) -> None:
    height, width = image.shape[:2]
    step = max(4, round(width * rng.uniform(0.015, 0.05)))
    base = round(height * rng.choice((0.06, 0.94)))
    ink = rng.choice(((0, 0, 0), (40, 40, 40), (230, 230, 230)))
    for number, x in enumerate(range(step, width, step)):
        long = step if number % 5 == 0 else step // 2
        cv2.line(image, (x, base - long), (x, base), ink, 1, cv2.LINE_AA)


def restained(image: np.ndarray, rng: random.Random) -> np.ndarray:
    """Return a section in other dyes: its haematoxylin and eosin amounts, seen in two others."""
    dense = -np.log10(np.clip(image[:, :, ::-1].astype(np.float32) / 255, 1 / 255, 1))
    mixed = STAINS / np.linalg.norm(STAINS, axis=1, keepdims=True)
    amounts = np.clip(dense.reshape(-1, 3) @ np.linalg.pinv(mixed[:2]), 0, None)
    dyes = np.array(DYES[rng.choice(sorted(DYES))], np.float32)
    dyes /= np.linalg.norm(dyes, axis=1, keepdims=True)
    amounts = amounts * np.array([rng.uniform(0.5, 1.2), rng.uniform(0.4, 1.4)], np.float32)
    if rng.random() < 0.5:  # a dye that marks few cells leaves the rest pale
        amounts[:, 1] = amounts[:, 1] ** 2 * rng.uniform(1, 3)
    light = 10 ** -(amounts @ dyes)
    out = (np.clip(light, 0, 1) * 255).astype(np.uint8).reshape(image.shape)
    return np.ascontiguousarray(out[:, :, ::-1])
