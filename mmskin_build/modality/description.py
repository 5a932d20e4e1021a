"""One vector per picture: the named measurements, then the backbone's inner layers."""

from __future__ import annotations

import numpy as np

from mmskin_build.modality.backbone import PLACES, embed
from mmskin_build.modality.features import measure

BLOCKS = (slice(0, -PLACES), slice(-PLACES, None))  # measurements, backbone
LAYOUT = 1  # raised when the meaning or order of the vector's places changes


def describe(image: np.ndarray) -> np.ndarray:
    """Return the description of a BGR picture as float32."""
    measures = np.fromiter(measure(image).values(), np.float32)
    return np.concatenate([measures, embed(image)])
