"""Manuscripts: all captions in a list, then the pictures on pages of their own."""

from pathlib import Path

from page_maker import Maker
from test_layouts import check

from mmskin_build.reject_reasons import RejectReason


def manuscript(
    legends: int, leading: float = 1.25, words: int = 12, end: str = ""
) -> tuple[Maker, list[str]]:
    """Return a document with text and a page of captions, and the captions."""
    maker = Maker(leading=leading)
    maker.new_page()
    y = 50.0
    while y < 450:
        y = maker.body(y) + (leading - 1.25) * 10
    maker.new_page()
    y = maker.set((40, 50, 420), "Figure legends", "", 12)
    texts = [maker.sentence(words) + end for _ in range(legends)]
    for index, text in enumerate(texts):
        y = maker.set((40, y + 8, 420), f"Figure {index + 1}.", text, 10, ("tibo", "tiro"))
    return maker, texts


def test_picture_with_its_number_gets_the_legend_of_that_number(tmp_path: Path) -> None:
    maker, texts = manuscript(3)
    maker.new_page()
    maker.set((40, 50, 420), "Table 1.", maker.sentence(6), 10)
    wanted = []
    for index in (0, 2, 1):
        maker.new_page()
        maker.set((40, 60, 200), f"Figure {index + 1}", "", 10)
        box = maker.image(40, 80, 460, 360)
        wanted.append((4 + len(wanted), box, str(index + 1), texts[index]))
    check(maker, tmp_path, wanted)


def test_legends_that_end_with_a_magnification_are_legends(tmp_path: Path) -> None:
    maker, texts = manuscript(3, end=" Original magnification × 200")
    wanted = []
    for index, text in enumerate(texts):
        maker.new_page()
        maker.set((40, 60, 200), f"Figure {index + 1}", "", 10)
        wanted.append((3 + index, maker.image(40, 80, 460, 360), str(index + 1), text))
    check(maker, tmp_path, wanted)


def test_pictures_without_number_are_taken_in_order(tmp_path: Path) -> None:
    maker, texts = manuscript(3)
    wanted = []
    for index, text in enumerate(texts):
        maker.new_page()
        wanted.append((3 + index, maker.image(40, 80, 460, 360), str(index + 1), text))
    check(maker, tmp_path, wanted)


def test_more_legends_than_pictures_are_not_guessed_at(tmp_path: Path) -> None:
    maker, _ = manuscript(3)
    for _ in range(2):
        maker.new_page()
        maker.image(40, 80, 460, 360)
    context = maker.pair(tmp_path)
    reasons = [reject.reason for reject in context.rejects]
    assert reasons.count(RejectReason.CAPTION_WITHOUT_FIGURE) == 3
    assert reasons.count(RejectReason.FIGURE_WITHOUT_CAPTION) == 2


def test_legends_of_a_double_spaced_manuscript_are_whole(tmp_path: Path) -> None:
    maker, texts = manuscript(3, leading=2.2, words=30)
    wanted = []
    for index, text in enumerate(texts):
        maker.new_page()
        maker.set((40, 60, 200), f"Figure {index + 1}", "", 10)
        box = maker.image(40, 80, 460, 360)
        wanted.append((3 + index, box, str(index + 1), text))
    check(maker, tmp_path, wanted)
