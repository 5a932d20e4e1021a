"""One vector per picture: the named measurements, then the two networks' inner layers."""

from __future__ import annotations

import numpy as np

from mmskin_build.modality.backbone import DETECTOR_PLACES, MOBILENET_PLACES, embed
from mmskin_build.modality.features import View, measure_view
from mmskin_build.modality.working_image import working_image

LAYOUT = 2  # raised when the meaning or order of the vector's places changes
BLOCKS = (  # measurements, detector, MobileNet
    slice(0, -DETECTOR_PLACES - MOBILENET_PLACES),
    slice(-DETECTOR_PLACES - MOBILENET_PLACES, -MOBILENET_PLACES),
    slice(-MOBILENET_PLACES, None),
)


def describe(image: np.ndarray) -> np.ndarray:
    """Return the description of a BGR picture as float32."""
    picture = working_image(image)
    measures = np.fromiter(measure_view(View(picture)).values(), np.float32)
    return np.concatenate([measures, *embed(picture)])
