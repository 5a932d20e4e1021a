"""Tesseract's lines are cut where captions of two pictures run into one another."""

import numpy as np
import pytest

from mmskin_build.ocr.line_building import measured_lines
from mmskin_build.ocr.tesseract import Word
from mmskin_build.ocr.type_measures import TypeMeasurer

PICTURES = [(50.0, 20.0, 300.0, 180.0), (306.0, 20.0, 560.0, 180.0)]


def line(*texts: str) -> list[Word]:
    """Return words 10 px high that fill 250 px up to the gap between the pictures, then more."""
    edges = [50 + 62 * i for i in range(len(texts))]
    return [Word((x, 190.0, x + 57, 200.0), t, 0.95, 0) for x, t in zip(edges, texts, strict=True)]


@pytest.mark.parametrize(
    ("label", "pieces"), [("Fig.", 2), ("Plate", 2), ("Prate", 1), ("seen", 1)]
)
def test_a_label_at_the_gap_between_two_pictures_begins_a_line(label: str, pieces: int) -> None:
    words = line("Fig.", "2.", "Red", "plaques", label, "3.", "Pale", "macules")
    page = TypeMeasurer(np.full((300, 600), 255, np.uint8))
    found = measured_lines(words, page, PICTURES)
    assert len(found) == pieces
    assert found[-1].starts_caption()
    assert len(measured_lines(words, page)) == 1
