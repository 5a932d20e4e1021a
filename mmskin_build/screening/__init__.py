"""Annotated pictures, faces, personal data and sensitive sites: scores first, judgement later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmskin_build.screening.scores import ImageScores
from mmskin_build.screening.settings import Action, ScreeningSettings

if TYPE_CHECKING:
    import numpy as np

    from mmskin_build.screening.marks import Look

__all__ = ["Action", "ImageScores", "ScreeningSettings", "check_image"]


def check_image(image: np.ndarray, look: Look | None = None) -> ImageScores:
    """Score one picture (BGR, uint8, height x width x 3) for drawn marks and faces.

    ``look`` is what ``look_at`` found on it, for callers that need that too.
    """
    from mmskin_build.screening.eye_bar import eye_bar_score
    from mmskin_build.screening.faces import find_faces
    from mmskin_build.screening.marks import judge_marks, look_at

    marks = judge_marks(look or look_at(image))
    faces = find_faces(image)
    return ImageScores(
        annotated_score=round(marks.score, 4),
        annotation_kinds=marks.kinds,
        face_score=round(max((f.score for f in faces), default=0.0), 4),
        eye_bar_score=round(eye_bar_score(image, faces), 4),
    )
