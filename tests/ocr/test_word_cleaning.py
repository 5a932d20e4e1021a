import pytest

from mmskin_build.ocr.tesseract import Word
from mmskin_build.ocr.word_cleaning import cleaned, mended


def word(text: str, confidence: float, line: int = 0, high: float = 30) -> Word:
    return Word((0, 0, 15 * len(text), high), text, confidence, line)


@pytest.mark.parametrize(
    ("read", "right"),
    [
        ("Fic. 3.—Naevus of the arm", "Fig. 3.—Naevus of the arm"),
        ("FiG. 12.—Naevus", "FIG. 12.—Naevus"),
        ("F1G.- 25,—Naevus", "FIG. 25.—Naevus"),
        ("FIG6 Naevus", "FIG 6 Naevus"),
        ("Ficure 3-1: Naevus", "Figure 3-1: Naevus"),
        ("Puoro 7.1 Naevus", "Photo 7.1 Naevus"),
        ("AppitpuNG 8.2 Naevus", "Abbildung 8.2 Naevus"),
        ("FIGS", "FIG 5"),
        ("H&E, x200.", "H&E, ×200."),
        ("H&E, «400.", "H&E, ×400."),
    ],
)
def test_misread_labels_and_magnifications_are_put_right(read: str, right: str) -> None:
    assert mended(read.split()) == right


@pytest.mark.parametrize(
    "text",
    [
        "Fic is a name",
        "Ficure is no word",
        "Place 3 drops",
        "Imace a",
        "Eie of the arm",
        "x and y",
        "2 x 3 cm",
        "FIGS 3 and 4 show",
    ],
)
def test_other_text_is_left_alone(text: str) -> None:
    assert mended(text.split()) == text


def test_dust_and_guesses_go_but_doubtful_words_of_a_sure_line_stay() -> None:
    line = [word("lymphocytes", 0.96), word("around", 0.95), word("«400", 0.12), word(".", 0.4)]
    junk = [word("zq", 0.1, 1), word("ji", 0.15, 1)]
    kept = [w.text for w in cleaned([*line, *junk], 0.2)]
    assert kept == ["lymphocytes", "around", "«400"]


def test_a_page_of_guesses_keeps_only_what_is_sure() -> None:
    guesses = [word("aj wq", 0.3, i) for i in range(20)]
    assert [w.text for w in cleaned([*guesses, word("Plate", 0.95, 30)], 0.2)] == ["Plate"]
