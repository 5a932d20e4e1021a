"""A row that was not made again is told with what differs and, where it can be known, why."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmskin_build.errors import ConfigError
from mmskin_build.rebuild.compare import Comparison, What
from mmskin_build.rebuild.pointers import Row, open_pointers
from mmskin_build.rebuild.reasons import Here, why

POINTER: Row = {
    "pair_id": "b-p0001-1",
    "source_id": "b",
    "page": 1,
    "bbox": [0.0, 0.0, 9.0, 9.0],
    "figure_bbox": [0.0, 0.0, 9.0, 9.0],
    "image_digest": "i",
    "text_digest": "t",
    "row_digest": "r",
    "caption": None,  # a public release may not say it
    "split": "test",
}


def compared(table: str = "captions", **changed: object) -> Comparison:
    comparison = Comparison()
    made = {**POINTER, "caption": "Psoriasis.", **changed}
    comparison.add(table, [POINTER], [made])
    return comparison


def test_a_row_is_equal_although_the_release_holds_no_words() -> None:
    assert compared().equal == 1 and compared().differences == []


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"text_digest": "u", "row_digest": "s"}, {What.WORDS}),
        ({"image_digest": "j", "row_digest": "s"}, {What.PICTURE}),
        ({"bbox": [0.0, 0.0, 9.0, 9.01]}, {What.PLACE}),
        ({"split": "train"}, {What.LABELS}),
        ({"text_digest": "u", "image_digest": "j", "row_digest": "s"}, {What.WORDS, What.PICTURE}),
        ({"row_digest": "forged"}, {What.WORDS}),
    ],
)
def test_words_picture_place_and_labels_are_told_apart(changed: Row, what: set[What]) -> None:
    comparison = compared(**changed)
    assert comparison.equal == 0
    assert set(comparison.differences[0].what) == what
    assert comparison.by_book()["b"].by_what == dict.fromkeys(what, 1)


def test_missing_and_additional_rows_are_both_reported() -> None:
    comparison = compared(pair_id="b-p0001-2")
    assert [(d.row_id, d.what) for d in comparison.differences] == [
        ("b-p0001-1", (What.MISSING,)),
        ("b-p0001-2", (What.EXTRA,)),
    ]
    assert comparison.rows == 1


@pytest.mark.parametrize(
    ("here", "changed", "reason"),
    [
        (Here(missing=frozenset("b")), {"pair_id": "x"}, "the book is not here"),
        (Here(failed={"b": "encrypted"}), {"pair_id": "x"}, "could not be read here: encrypted"),
        (Here(skipped={("b", 1): "page_timeout"}), {"pair_id": "x"}, "left out here: page_timeout"),
        (
            Here(ocr_pages=frozenset({("b", 1)}), software={"tesseract": "5.3 there, 5.5 here"}),
            {"text_digest": "u"},
            "page read by OCR; tesseract 5.3 there, 5.5 here",
        ),
        (
            Here(software={"pymupdf": "1.26 there, 1.28 here"}),
            {"image_digest": "j"},
            "pymupdf 1.26 there, 1.28 here",
        ),
        (Here(), {"bbox": [1.0, 0.0, 9.0, 9.0]}, "same software here and there"),
    ],
)
def test_the_likeliest_cause_is_named(here: Here, changed: Row, reason: str) -> None:
    assert reason in why(compared(**changed).differences[0], POINTER, here)


def test_questions_of_a_model_and_of_a_part_library_explain_themselves() -> None:
    gone = compared("vqa", pair_id="x").differences[0]
    by_model = {**POINTER, "generator": "some-model"}
    assert "written by some-model" in why(gone, by_model, Here())
    changed = compared("vqa", text_digest="u").differences[0]
    assert "over all books" in why(changed, POINTER, Here(missing=frozenset("other")))


def test_a_folder_that_is_no_release_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="wants a release folder"):
        open_pointers(tmp_path)
    (tmp_path / "sources.csv").write_text("source_id\n")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  sources.csv\n")
    with pytest.raises(ConfigError, match=r"sources.csv: damaged"):
        open_pointers(tmp_path)
    (tmp_path / "SHA256SUMS").write_text("")
    with pytest.raises(ConfigError, match="missing from the release"):
        open_pointers(tmp_path)
