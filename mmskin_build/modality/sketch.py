"""A picture's description in 128 bytes, kept in the votes so that reviews can teach.

A random projection keeps distances (Johnson and Lindenstrauss 1984), so pictures that measure
alike have sketches alike. The projection is made from digests, the same on every machine.
"""

from __future__ import annotations

import base64
import functools
import hashlib

import numpy as np

from mmskin_build.modality.model import CLIP, ImageModel

PLACES = 128
_STEP = 1 / 32  # of one stored unit; four standard deviations fit into a byte


@functools.lru_cache(maxsize=2)
def _projection(size: int) -> np.ndarray:
    count = PLACES * size // 256 + 1
    data = b"".join(hashlib.sha256(f"sketch:{i}".encode()).digest() for i in range(count))
    bits = np.unpackbits(np.frombuffer(data, np.uint8))[: PLACES * size]
    return (bits.reshape(PLACES, size).astype(np.float32) * 2 - 1) / np.float32(np.sqrt(size))


def sketch(description: np.ndarray, model: ImageModel) -> str:
    """Return the sketch of a description as text."""
    standard = np.clip((description - model.centre) / model.scale, -CLIP, CLIP)
    places = _projection(standard.size) @ standard.astype(np.float32)
    stored = np.clip(np.round(places / _STEP), -127, 127).astype(np.int8)
    return base64.b64encode(stored.tobytes()).decode("ascii")


def read_sketch(text: str) -> np.ndarray:
    """Return a sketch as numbers, a constant place of 1 last; zeros where there is none."""
    out = np.zeros(PLACES + 1)
    data = base64.b64decode(text) if text else b""
    if len(data) == PLACES:
        out[:PLACES] = np.frombuffer(data, np.int8) * _STEP
        out[PLACES] = 1.0
    return out
