"""What is remembered of a picture so that copies of it can be found without its pixels.

Two whole-picture hashes find reprints; binary key-point descriptors find crops and rescans.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
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
    sift = cv2.SIFT.create(contrastThreshold=0.01)
    found = sift.detect(small, None)
    strongest = sorted(range(len(found)), key=lambda i: (-found[i].size * found[i].response, i))
    points = [found[i] for i in strongest[:POINTS]]
    if not points:
        return np.zeros(0, LOCAL_POINT)
    rows = np.zeros(len(points), LOCAL_POINT)
    side = max(small.shape)
    rows["x"] = [p.pt[0] / side for p in points]
    rows["y"] = [p.pt[1] / side for p in points]
    vectors = _describe(sift, small, points, found)
    # A bit per dimension, set where it exceeds the vector's median: compares by counting bits.
    rows["code"] = np.packbits(vectors > np.median(vectors, axis=1, keepdims=True), axis=1)
    return rows


def _describe(
    sift: cv2.SIFT, small: np.ndarray, points: list[cv2.KeyPoint], found: Sequence[cv2.KeyPoint]
) -> np.ndarray:
    """Return the vectors of the points kept only; those of all found take most of the time.

    OpenCV starts its pyramid at the finest octave among the points given. One of the finest
    found goes along, so that the vectors are those that all points together would get.
    """
    finest = min(found, key=_octave)
    _, vectors = sift.compute(small, [*points, finest])
    return np.asarray(vectors[: len(points)])


def _octave(point: cv2.KeyPoint) -> int:
    octave = point.octave & 255  # OpenCV packs octave, layer and offset; the octave is signed
    return octave - 256 if octave > 127 else octave
