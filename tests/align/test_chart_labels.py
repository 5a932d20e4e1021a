"""Charts stored as pictures: what is set around them belongs to them."""

from pathlib import Path

from page_maker import Maker, pairs_of


def test_axis_name_behind_the_tick_labels_belongs_to_a_chart(tmp_path: Path) -> None:
    maker = Maker()
    maker.new_page()
    maker.image(120, 60, 420, 230)
    for number, y in enumerate(range(80, 240, 25)):
        maker.page.insert_text((98, y), f"{700 - 100 * number}", fontsize=8)
    maker.page.insert_text((90, 200), "Relative units", fontsize=9, rotate=90)
    caption = maker.sentence(12)
    maker.set((120, 240, 300), "Figure 1.", caption, fonts=("hebo", "helv"))
    maker.body(320, 300)
    (pair,) = pairs_of(maker.pair(tmp_path))
    assert pair.bbox[0] < 92


def test_the_ticks_of_an_axis_are_no_number_and_text_of_a_caption(tmp_path: Path) -> None:
    maker = Maker()
    maker.new_page()
    y = maker.body(50)
    maker.image(120, y + 20, 420, y + 190)
    for x, text in ((125, "0.00"), (165, "4.00"), (205, "9.00 12.25 16.00 20.25"), (340, "36.00")):
        maker.page.insert_text((x, y + 198), text, fontsize=6)
    maker.page.insert_text((180, y + 206), "Incidence per 100,000 inhabitants", fontsize=7)
    maker.body(y + 230)
    assert not pairs_of(maker.pair(tmp_path))
