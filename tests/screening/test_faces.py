"""Faces and eye bars, on the labelled pictures beside the checkout."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmskin_build.screening import check_image
from mmskin_build.screening.eye_bar import eye_bar_score
from mmskin_build.screening.faces import Face, find_faces


def portraits(corpus: Path) -> list[Path]:
    with (corpus / "images" / "labels.csv").open(encoding="utf-8") as file:
        return [corpus / "images" / r["path"] for r in csv.DictReader(file) if r["face"] == "1"]


def test_portraits_score_above_the_threshold(corpus: Path) -> None:
    scores = [check_image(cv2.imread(str(p))).face_score for p in portraits(corpus)]
    assert sum(score >= 0.2 for score in scores) >= 0.95 * len(scores)


def test_a_plain_picture_has_no_face() -> None:
    assert find_faces(np.full((300, 400, 3), 150, np.uint8)) == ()


@pytest.mark.parametrize(
    ("bar", "found"), [((130, 120, 270, 160), True), ((20, 330, 160, 370), False)]
)
def test_a_bar_counts_only_across_the_eyes(bar: tuple[int, int, int, int], found: bool) -> None:
    image = np.full((400, 400, 3), 150, np.uint8)
    cv2.rectangle(image, bar[:2], bar[2:], (0, 0, 0), -1)
    face = Face((110, 60, 290, 300), 0.6)
    assert (eye_bar_score(image, [face]) > 0.5) is found
    assert eye_bar_score(image, []) == 0
