"""Panels with captions of their own below them belong to the figure whose caption stands below."""

from pathlib import Path

import pytest
from page_maker import Maker, pairs_of


def grid(maker: Maker, words: int, wide: float) -> tuple[float, float, float, float]:
    """Set two rows of panels, each with a lettered text below it, and the caption of all."""
    maker.new_page()
    top = y = maker.body(40) + 10
    columns = int(420 // (wide + 20))
    for row in range(2):
        ends = []
        for column in range(columns):
            x = 40 + column * (wide + 20)
            maker.image(x, y, x + wide, y + 120)
            letter = "abcdefgh"[row * columns + column]
            text = maker.sentence(words).rstrip(".")
            ends.append(maker.set((x, y + 124, wide), f"({letter})", text, fonts=("helv", "helv")))
        bottom, y = y + 120, max(ends) + 12
    maker.set((40, y + 4, 420), "Figure 1:", maker.sentence(14))
    maker.body(y + 60)
    return (40, top, 40 + columns * (wide + 20) - 20, bottom)


@pytest.mark.parametrize(("words", "wide"), [(1, 120), (6, 120), (9, 200), (24, 200)])
def test_rows_of_panels_with_texts_of_their_own_are_one_figure(
    tmp_path: Path, words: int, wide: float
) -> None:
    maker = Maker()
    box = grid(maker, words, wide)
    pairs = pairs_of(maker.pair(tmp_path))
    (figure,) = {(p.label, p.bbox) for p in pairs}
    assert figure[0] == "1"
    assert all(abs(a - b) < 14 for a, b in zip(figure[1], box, strict=True)), figure
    assert [p.panel for p in pairs] == list("abcdef")[: 6 if wide < 200 else 2]
    assert all(p.panel_caption != p.caption for p in pairs)


def test_the_text_under_a_panel_follows_the_caption_of_the_figure(tmp_path: Path) -> None:
    maker = Maker()
    maker.new_page()
    y = maker.body(40) + 10
    for x, text in ((40, "(a) Before"), (250, "(b) Three weeks later")):
        maker.image(x, y, x + 190, y + 120)
        maker.set((x, y + 124, 190), "", text)
    maker.set((40, y + 150, 420), "Figure 1:", "Plaque on the knee")
    captions = [p.panel_caption for p in pairs_of(maker.pair(tmp_path))]
    assert captions == ["Plaque on the knee. Before", "Plaque on the knee. Three weeks later"]
