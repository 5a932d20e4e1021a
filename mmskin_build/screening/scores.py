"""What was seen on one picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageScores:
    """Scores of one picture, each 0 to 1; the thresholds live in ``ScreeningSettings``.

    Attributes:
        annotated_score: marks drawn on the picture, or a drawing, chart or table as a whole.
        annotation_kinds: what kinds of marks, sorted: arrow, box, drawing, scale_bar, text.
        face_score: a recognisable face.
        eye_bar_score: a bar drawn over a pair of eyes.
    """

    annotated_score: float
    annotation_kinds: tuple[str, ...]
    face_score: float
    eye_bar_score: float
