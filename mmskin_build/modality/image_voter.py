"""What the picture itself says about its kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmskin_build.modality.description import describe
from mmskin_build.modality.model import CLASSES, ImageModel

Probabilities = tuple[float, float, float, float]
UNKNOWN: Probabilities = (0.25, 0.25, 0.25, 0.25)


@dataclass(frozen=True, slots=True)
class ImageVote:
    """Label and calibrated probabilities in the order of ``Modality``."""

    label: str
    probabilities: Probabilities


def vote(image: np.ndarray, model: ImageModel) -> ImageVote:
    """Return the vote on a BGR picture."""
    row = model.probabilities(describe(image)[None])[0]
    a, b, c, d = (round(float(p), 4) for p in row)
    return ImageVote(str(CLASSES[int(row.argmax())]), (a, b, c, d))
