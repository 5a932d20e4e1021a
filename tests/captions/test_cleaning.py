from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmskin_build.captions import Vocabulary, clean_caption, restore

BOOK = Vocabulary.of(
    [
        "The dermatofibroma and another dermatofibroma were seen.",
        "A well-defined plaque with well-defined fibrosis, fibrosis and more fibrosis.",
        "melanoma melanoma melanoma is broken off at the end of a line: derma-",
    ]
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Dermato-\nfibroma of the shin.", "Dermatofibroma of the shin."),
        ("A well- defined plaque.", "A well-defined plaque."),
        ("Pre- and postoperative view.", "Pre- and postoperative view."),
        ("Marked fi brosis.", "Marked fibrosis."),
        ("ﬁbrosis with ﬂat nests", "fibrosis with flat nests"),
        ("kera\u00adtosis", "keratosis"),
        ("H&E, x400.", "H&E, ×400."),
        ("The tumour measured 2 x 3 cm.", "The tumour measured 2 × 3 cm."),
        ("Two   spaces ,  and a stop .", "Two spaces, and a stop."),
        ("BCC, SCC and IgA keep their letters.", "BCC, SCC and IgA keep their letters."),
        ("Tumour (arrow) of the lip.", "Tumour (arrow) of the lip."),
    ],
)
def test_text_reads_as_a_person_would_write_it(raw: str, text: str) -> None:
    assert clean_caption(raw, BOOK).text == text


@pytest.mark.parametrize(
    ("raw", "text", "credit"),
    [
        ("Naevus. (Courtesy of Dr. A. Weber, Bern.)", "Naevus.", "Courtesy of Dr. A. Weber, Bern"),
        (
            "Naevus. © Verlag 2012. All rights reserved.",
            "Naevus.",
            "© Verlag 2012 All rights reserved",
        ),
        ("Naevus. Reproduced with permission of the archive.", "Naevus.",
         "Reproduced with permission of the archive"),
        ("Naevus. Photograph by J. Doe.", "Naevus.", "Photograph by J. Doe"),
        ("Section from the author of it.", "Section from the author of it.", ""),
    ],
)  # fmt: skip
def test_credits_stand_apart(raw: str, text: str, credit: str) -> None:
    clean = clean_caption(raw)
    assert (clean.text, clean.credit) == (text, credit)


def test_references_marks_and_labels_stand_apart() -> None:
    clean = clean_caption("Fig. 3.4 (continued). (a) Wheal (see Fig. 3.2). (b) Flare.")
    assert clean.label == "Fig. 3.4"
    assert clean.continued_from == "continued"
    assert clean.cross_references == ("see Fig. 3.2",)
    assert clean.panel_letters == ("a", "b")
    assert clean.text == "Wheal. Flare."


def test_capital_panel_marks_stand_apart_before_small_letters() -> None:
    clean = clean_caption("Amyloid. A, pink in this stain. B, orange in that one.")
    assert clean.panel_letters == ("A", "B")
    assert clean.text == "Amyloid. pink in this stain. orange in that one."


def test_the_word_continued_inside_a_sentence_stays() -> None:
    raw = "The patient continued to scratch."
    assert clean_caption(raw).text == raw


def test_ocr_slips_are_repaired_only_when_the_book_proves_them() -> None:
    assert clean_caption("A rnelanoma.", BOOK, ocr=True).text == "A melanoma."
    assert clean_caption("A rnelanoma.", BOOK).text == "A rnelanoma."
    assert clean_caption("A rnycosis.", BOOK, ocr=True).text == "A rnycosis."


PIECES = st.sampled_from(
    [
        *("(a) ", "Fig. 3 ", "ﬁ", "x400 ", "- ", "\n", "derma-\ntofibroma ", "(Courtesy of X.) "),
        *("© Y. ", "(see Fig. 2)", " .", "(continued) ", "word ", "  ", "µ", "A, Big ", "12x "),
    ]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join))
def test_the_raw_text_can_always_be_restored(raw: str) -> None:
    clean = clean_caption(raw, BOOK, ocr=True)
    assert restore(clean.text, clean.edits) == raw


def test_edits_of_another_text_are_refused() -> None:
    edits = clean_caption("Fig. 3. ﬁbrosis").edits
    with pytest.raises(ValueError, match="does not belong"):
        restore("x", edits)
