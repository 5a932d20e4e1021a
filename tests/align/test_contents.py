"""Lists of figures look like captions; numbers of sections and table cells like labels."""

from pathlib import Path

import pytest
from page_maker import Maker, pairs_of

from mmskin_build.align.labels import parse_label, parse_number


def listed(maker: Maker, leader: str) -> None:
    """Set a list of figures under an ornament."""
    maker.new_page()
    maker.image(40, 40, 460, 90)
    for number in range(1, 9):
        y = 110 + 14 * number
        text = f"Figure {number}: {maker.sentence(3).rstrip('.')}"
        if leader:
            maker.page.insert_text((40, y), f"{text}{leader * 30}{4 * number}", fontsize=8)
        else:
            maker.page.insert_text((40, y), text, fontsize=8)
            maker.page.insert_text((400 - 5 * (number > 2), y), str(4 * number), fontsize=9)


@pytest.mark.parametrize("leader", [".", " .", ""])
def test_a_list_of_figures_names_no_picture(tmp_path: Path, leader: str) -> None:
    maker = Maker()
    listed(maker, leader)
    for number in range(1, 4):
        maker.new_page()
        y = maker.body(50)
        maker.figure(f"Figure {number}:", maker.sentence(9), y)
    pairs = pairs_of(maker.pair(tmp_path))
    assert [(p.page, p.label) for p in pairs] == [(n + 1, str(n)) for n in range(1, 4)]


def test_captions_that_end_with_a_magnification_are_no_list(tmp_path: Path) -> None:
    maker = Maker()
    maker.new_page()
    for number, power in enumerate((40, 100, 200, 400), start=1):
        x, y = 40 + 220 * ((number - 1) % 2), 40 + 300 * ((number - 1) // 2)
        maker.image(x, y, x + 190, y + 180)
        text = f"{maker.sentence(5).rstrip('.')} × {power}"
        maker.set((x, y + 185, 190), f"Figure {number}:", text)
    assert len(pairs_of(maker.pair(tmp_path))) == 4


@pytest.mark.parametrize("text", ["12.7.2.24 Widget", "3.5.0 Lines of code", "1.2.3"])
def test_numbers_of_sections_are_no_labels(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize("text", ["Beispiel 4.1 Einheiten", "Exemple 3 : lésion", "Ejemplo 2. x"])
def test_examples_are_no_figures_in_any_language(text: str) -> None:
    label = parse_label(text)
    assert label is not None
    assert label.kind == "other"
