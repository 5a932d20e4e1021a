from __future__ import annotations

import pytest

from mmskin_build.evaluate.answer_match import is_right


@pytest.mark.parametrize(
    ("kind", "predicted", "reference", "right"),
    [
        ("closed", "Yes, it is.", "Yes.", True),
        ("closed", "No, although yes would be nice", "Yes.", False),
        ("closed", "Yesterday", "Yes", False),
        ("closed", "", "No", False),
        ("choice", "Dermoscopy.", "dermoscopy", True),
        ("choice", "dermoscopy of the arm", "dermoscopy", True),
        ("choice", "not a dermoscopy", "dermoscopy", False),
        ("choice", "clinical or dermoscopy", "dermoscopy", False),
        ("open", "The mark is red", "the  mark is red.", True),
        ("open", "The mark is red and sore", "The mark is red", False),
    ],
)
def test_what_counts_as_right(kind: str, predicted: str, reference: str, right: bool) -> None:
    assert is_right(kind, predicted, reference) is right
