"""What the picture itself says about its kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmskin_build.modality.description import describe
from mmskin_build.modality.model import CLASSES, ImageModel
from mmskin_build.modality.sketch import sketch

Probabilities = tuple[float, float, float, float]
UNKNOWN: Probabilities = (0.25, 0.25, 0.25, 0.25)


@dataclass(frozen=True, slots=True)
class ImageVote:
    """Label, calibrated probabilities in the order of ``Modality``, and the picture in brief.

    ``strangeness`` above 1 says that the picture is unlike all the model was trained on.
    """

    label: str
    probabilities: Probabilities
    sketch: str
    strangeness: float


def vote(image: np.ndarray, model: ImageModel) -> ImageVote:
    """Return the vote on a BGR picture."""
    description = describe(image)
    row = model.probabilities(description[None])[0]
    a, b, c, d = (round(float(p), 4) for p in row)
    label = str(CLASSES[int(row.argmax())])
    strangeness = round(float(model.strangeness(description[None])[0]), 4)
    return ImageVote(label, (a, b, c, d), sketch(description, model), strangeness)
