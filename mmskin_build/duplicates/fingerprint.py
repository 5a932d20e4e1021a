"""What is remembered of a picture so that copies of it can be found without its pixels.

Two whole-picture hashes find reprints; binary key-point descriptors find crops and rescans.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import cv2
import imagehash
import numpy as np
from PIL import Image

SIDE = 400  # longer side in pixels at which key points are sought
POINTS = 96
BITS = 128


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes as hex, key points as base64 of ``LOCAL_POINT`` rows."""

    perceptual_hash: str
    shape_hash: str
    local_features: str


LOCAL_POINT = np.dtype(
    [("x", "<f4"), ("y", "<f4"), ("code", "u1", (BITS // 8,))]
)  # x and y as shares of the picture's longer side


def fingerprint(image: np.ndarray) -> Fingerprint:
    """Return the fingerprint of a BGR picture."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    picture = Image.fromarray(grey)
    return Fingerprint(
        perceptual_hash=str(imagehash.phash(picture)),
        shape_hash=str(imagehash.dhash(picture)),
        local_features=base64.b64encode(_key_points(grey).tobytes()).decode("ascii"),
    )


def local_points(text: str) -> np.ndarray:
    """Return the key points stored in ``local_features``, an array of ``LOCAL_POINT``."""
    return np.frombuffer(base64.b64decode(text), dtype=LOCAL_POINT)


def _key_points(grey: np.ndarray) -> np.ndarray:
    scale = SIDE / max(grey.shape)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    # Blur takes out halftone dots and JPEG grain, so that a print and its rescan agree.
    small = cv2.GaussianBlur(small, (0, 0), 1.2)
    found, vectors = cv2.SIFT.create(contrastThreshold=0.01).detectAndCompute(small, None)
    if vectors is None:
        return np.zeros(0, LOCAL_POINT)
    order = sorted(range(len(found)), key=lambda i: (-found[i].size * found[i].response, i))
    order = order[:POINTS]
    rows = np.zeros(len(order), LOCAL_POINT)
    side = max(small.shape)
    rows["x"] = [found[i].pt[0] / side for i in order]
    rows["y"] = [found[i].pt[1] / side for i in order]
    chosen = vectors[order]
    # A bit per dimension, set where it exceeds the vector's median: compares by counting bits.
    rows["code"] = np.packbits(chosen > np.median(chosen, axis=1, keepdims=True), axis=1)
    return rows
