import pytest

from mmskin_build.align.labels import parse_label, parse_number, reads_like_mention


@pytest.mark.parametrize(
    ("text", "kind", "number", "rest"),
    [
        ("Figure 12.3 Psoriasis", "figure", "12.3", "Psoriasis"),
        ("Fig. 4-17: Lichen planus", "figure", "4-17", "Lichen planus"),
        ("FIGURE 1 | Naevus", "figure", "1", "Naevus"),
        ("Figure-1: Tinea", "figure", "1", "Tinea"),
        ("F IG . 7 Erythema", "figure", "7", "Erythema"),
        ("Abb. 2.1 Ekzem", "figure", "2.1", "Ekzem"),
        ("Figura 3. Melanoma", "figure", "3", "Melanoma"),
        ("Plate IV", "figure", "IV", ""),
        ("Foto 5.1 | Rosacea", "figure", "5.1", "Rosacea"),
        ("Imagen 3. Tiña", "figure", "3", "Tiña"),
        ("Figure A2. Scabies", "figure", "A2", "Scabies"),
        ("Fig. 5A–C. Wart", "figure", "5", "Wart"),
        ("Supplemental Figure-1: Stain", "figure", "1", "Stain"),
        ("Table 3.1 Causes of itch", "other", "3.1", "Causes of itch"),
        ("Box 4.2 Key points", "other", "4.2", "Key points"),
    ],
)
def test_printed_labels(text: str, kind: str, number: str, rest: str) -> None:
    label = parse_label(text)
    assert label is not None
    assert (label.kind, label.number, label.rest) == (kind, number, rest)


@pytest.mark.parametrize(
    "text", ["figures of speech", "The figure 3", "Image processing", "Plates are", "Figure in 3"]
)
def test_words_that_are_no_label(text: str) -> None:
    assert parse_label(text) is None


@pytest.mark.parametrize(
    ("text", "hint", "rest"),
    [
        ("Fig. 7.6 (top left) Naevus", "top left", "Naevus"),
        ("Figure 3 (facing page). Scar", "facing page", ". Scar"),
        ("Fig. 3 Cont. Late stage", "cont.", "Late stage"),
        ("Fig. 1. (left) Before. (right) After.", "", "(left) Before. (right) After."),
    ],
)
def test_position_words(text: str, hint: str, rest: str) -> None:
    label = parse_label(text)
    assert label is not None
    assert label.hint == hint
    assert label.rest.lstrip(". ") == rest.lstrip(". ")


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("Figure 3a shows the border", True),
        ("Figure 2, in contrast", True),
        ("Figure 3. Shows nothing", False),
        ("Figure 3 Psoriasis of the nail", False),
    ],
)
def test_sentences_about_a_figure(text: str, mention: bool) -> None:
    label = parse_label(text)
    assert label is not None
    assert reads_like_mention(label) is mention


def test_a_number_alone_can_be_a_label() -> None:
    label = parse_number("4.12 Psoriasis of the scalp")
    assert label is not None
    assert (label.number, label.rest) == ("4.12", "Psoriasis of the scalp")
    assert parse_number("12 patients were seen") is None


def test_words_of_a_book_are_labels_too() -> None:
    label = parse_label("Ansicht 4. Ekzem", ("Ansicht",))
    assert label is not None
    assert (label.word, label.number, label.rest) == ("Ansicht", "4", "Ekzem")
    assert "Ansicht 4. Ekzem"[label.end :] == "Ekzem"
