from pathlib import Path

import pytest
from page_maker import Maker, pairs_of

from mmskin_build.align.panels import caption_parts, expand
from mmskin_build.geometry import iou


@pytest.mark.parametrize(
    ("caption", "lead", "parts"),
    [
        ("Two views. (a) Skin. (b) Hair.", "Two views.", {"a": "Skin.", "b": "Hair."}),
        ("A, Skin. B, Hair. C, Nail.", "", {"a": "Skin.", "b": "Hair.", "c": "Nail."}),
        ("Lupus. (A, B) Face; (C) trunk.", "Lupus.", {"a": "Face", "b": "Face", "c": "trunk."}),
        ("A plaque (a) and a nodule (b).", "", {"a": "A plaque", "b": "a nodule"}),
        ("(left) Before. (right) After.", "", {"left": "Before.", "right": "After."}),
        ("Vitamin (b) only.", "Vitamin (b) only.", {}),
        ("Seen in Fig. 2 (a) once.", "Seen in Fig. 2 (a) once.", {}),
    ],
)
def test_what_a_caption_says_of_each_panel(caption: str, lead: str, parts: dict[str, str]) -> None:
    found_lead, found = caption_parts(caption)
    assert ({part.letter: part.text for part in found}, found_lead) == (parts, lead)


def test_letters_expand() -> None:
    assert expand("a–d") == ["a", "b", "c", "d"]
    assert expand("A, C") == ["a", "c"]


def compound(maker: Maker, letters: str | list[str]) -> None:
    for row in range(2):
        for column in range(2):
            x, y = 70 + 185 * column, 60 + 160 * row
            maker.image(x, y, x + 175, y + 150)
            if letters:
                at = (x + 5, y + 14)
                maker.page.insert_text(at, letters[2 * row + column], fontsize=11, color=(1, 1, 1))


def grid(tmp_path: Path, gutter: float, shift: tuple[float, float]) -> list:
    """Return the rows of four lettered panels; ``shift`` from their upper left corners, points."""
    maker = Maker()
    maker.new_page()
    for index, letter in enumerate("ABCD"):
        x, y = 80 + (150 + gutter) * (index % 2), 60 + 170 * (index // 2)
        maker.image(x, y, x + 150, y + 150)
        maker.page.insert_text((x + shift[0], y + shift[1]), f"({letter})", fontsize=9)
    maker.set((60, 405, 380), "Figure 1.", "Stages of one lesion over a month.")
    maker.body(maker.body(450))
    return pairs_of(maker.pair(tmp_path))


@pytest.mark.parametrize(("gutter", "shift"), [(3, (0, -3)), (26, (-16, 9))])
def test_letters_above_close_panels_and_beside_them_name_them(
    tmp_path: Path, gutter: float, shift: tuple[float, float]
) -> None:
    found = grid(tmp_path, gutter, shift)
    assert [row.panel for row in found] == ["a", "b", "c", "d"]
    assert [row.panel_bbox for row in found] == sorted(
        (row.panel_bbox for row in found), key=lambda box: (round(box[1]), box[0])
    )


def rows(tmp_path: Path, letters: str | list[str], text: str) -> list:
    maker = Maker()
    maker.new_page()
    compound(maker, letters)
    maker.set((60, 385, 380), "Figure 1.", text)
    maker.body(maker.body(430))
    return pairs_of(maker.pair(tmp_path))


def test_panels_carry_their_letter_box_and_text(tmp_path: Path) -> None:
    text = "Stages. (A) Papule. (B) Plaque. (C) Ulcer. (D) Scar."
    found = rows(tmp_path, "BADC", text)
    assert len({row.figure_id for row in found}) == 1
    assert len({row.pair_id for row in found}) == 4
    said = {row.panel: (row.panel_caption, row.panel_bbox) for row in found}
    assert said["a"][0] == "Stages. Papule."
    assert iou(said["a"][1], (255, 60, 430, 210)) > 0.95
    assert all(row.caption == text and not row.compound for row in found)


def test_panels_that_cannot_be_named_stay_one_compound_row(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "", "Stages. (A) Papule. (B) Plaque. (C) Scar.")
    assert row.compound
    assert row.panel_bbox == row.bbox


def test_roman_numbers_name_panels(tmp_path: Path) -> None:
    names = ["(i)", "(ii)", "(iii)", "(iv)"]
    found = rows(tmp_path, names, "Four stages of one lesion over a month.")
    assert [row.panel for row in found] == ["i", "ii", "iii", "iv"]


def test_roman_parts_are_told_when_the_panels_agree_in_number(tmp_path: Path) -> None:
    text = "Stages. (i) Papule. (ii) Plaque. (iii) Ulcer. (iv) Scar."
    found = rows(tmp_path, "", text)
    assert {row.panel: row.panel_caption for row in found} == {
        "i": "Stages. Papule.",
        "ii": "Stages. Plaque.",
        "iii": "Stages. Ulcer.",
        "iv": "Stages. Scar.",
    }


def test_roman_parts_are_told_when_the_panels_carry_them(tmp_path: Path) -> None:
    text = "Stages. i: Papule. ii: Plaque. iii: Ulcer. iv: Scar."
    found = rows(tmp_path, ["II", "I", "IV", "III"], text)
    assert [row.panel for row in found] == ["ii", "i", "iv", "iii"]
    assert found[0].panel_caption == "Stages. Plaque."


def test_a_roman_list_names_no_panels_where_their_number_differs(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "", "Typical are (i) scale and (ii) itch in all four of them.")
    assert (row.panel, row.compound) == ("", True)


def test_pictures_that_nothing_tells_apart_stay_one_compound_row(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "", "Four stages of one lesion over a month.")
    assert (row.panel, row.compound) == ("", True)
    assert row.panel_caption == row.caption == "Four stages of one lesion over a month."
