"""Wide spacing: of whole manuscripts, and of items in books set with more white than most."""

from pathlib import Path

from page_maker import Maker, pairs_of


def item(maker: Maker, y: float, pitch: float) -> float:
    """Set an item of two lines and return where it ends."""
    for line in range(2):
        text = maker.sentence(11)
        maker.page.insert_text((40, y + line * pitch), text, fontsize=10, fontname="tiro")
    return y + pitch


def test_a_caption_ends_before_body_set_wide_below_it(tmp_path: Path) -> None:
    maker = Maker()
    for number in range(1, 6):
        maker.new_page()
        y = 50.0
        for _ in range(6):
            y = item(maker, y, 16.4) + 20
        maker.image(90, y, 390, y + 150)
        title = f"Figure {number}. Main window"
        maker.page.insert_text((180, y + 165), title, fontsize=10, fontname="tibo")
        y += 189
        for _ in range(3):
            y = item(maker, y, 16.4) + 20
    captions = [p.caption for p in pairs_of(maker.pair(tmp_path))]
    assert captions == ["Main window"] * 5


def test_a_page_set_wide_does_not_make_a_manuscript(tmp_path: Path) -> None:
    maker = Maker()
    for number in range(1, 7):
        maker.new_page()
        maker.image(90, 50, 390, 200)
        title = f"Figure {number}. Main window"
        maker.page.insert_text((40, 215), title, fontsize=10, fontname="tibo")
        y = 237.0 if number == 1 else 280.0
        for _ in range(12):
            text = maker.sentence(11)
            maker.page.insert_text((40, y), text, fontsize=10, fontname="tiro")
            y += 22 if number == 1 else 12
    captions = [p.caption for p in pairs_of(maker.pair(tmp_path))]
    assert captions == ["Main window"] * 6
