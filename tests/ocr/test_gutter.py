"""Two book pages on one scan are told from landscape pages."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from mmskin_build.geometry import Box
from mmskin_build.ocr.gutter import find_fold, find_gutter
from mmskin_build.ocr.line_building import text_lines
from mmskin_build.ocr.page_image import PageImage
from mmskin_build.ocr.tesseract import Word

HIGH, WIDE = 700, 1000
FOLD = 500
IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def paper() -> npt.NDArray[np.uint8]:
    return np.random.default_rng(1).normal(235, 3, (HIGH, WIDE)).clip(0, 255).astype(np.uint8)


def column(left: float, right: float, first_line: int = 0, top: int = 80) -> list[Word]:
    """Return the words of thirty lines of a column."""
    edges = [left + (right - left) * i / 5 for i in range(6)]
    return [
        Word((a, top + 18.0 * i, b - 6, top + 12 + 18.0 * i), "papules", 0.95, first_line + i)
        for i in range(30)
        for a, b in pairwise(edges)
    ]


def folded(grey: npt.NDArray[np.uint8], depth: float = 0.3) -> npt.NDArray[np.uint8]:
    across = np.abs(np.arange(WIDE) - FOLD)
    return (grey * (1 - depth * np.exp(-((across / 12) ** 2)))).astype(np.uint8)


def gutter(
    grey: npt.NDArray[np.uint8], words: list[Word], pictures: Sequence[Box] = ()
) -> float | None:
    return find_gutter(find_fold(grey), (grey.shape[0], grey.shape[1]), words, pictures)


def folios(left: str, right: str) -> list[Word]:
    return [
        Word((60, 660, 80, 672), left, 0.9, 90),
        Word((920, 660, 940, 672), right, 0.9, 91),
    ]


def test_the_shadow_of_the_fold_parts_two_pages() -> None:
    words = column(60, 470) + column(530, 940, 40)
    assert gutter(folded(paper()), words) == pytest.approx(FOLD, abs=4)


def test_a_bright_gap_between_two_laid_pages_parts_them() -> None:
    grey = np.minimum(paper(), 215)
    grey[:, 495:505] = 255
    words = column(60, 470) + column(530, 940, 40)
    assert gutter(grey, words) == pytest.approx(FOLD, abs=6)


def test_folios_that_follow_each_other_part_two_pages_without_a_shadow() -> None:
    words = column(60, 480) + column(520, 940, 40)
    assert gutter(paper(), [*words, *folios("112", "113")]) == pytest.approx(FOLD, abs=8)
    assert gutter(paper(), [*words, *folios("112", "7")]) is None


def test_white_as_wide_as_two_inner_margins_parts_two_pages() -> None:
    words = column(60, 455) + column(545, 940, 40)
    assert gutter(paper(), words) == pytest.approx(FOLD, abs=8)


@pytest.mark.parametrize("rule", [False, True])
def test_a_landscape_page_in_two_columns_stays_whole(rule: bool) -> None:
    grey = paper()
    if rule:
        grey[75:640, 499:501] = 40
    assert gutter(grey, column(60, 485) + column(515, 940, 40)) is None


@pytest.mark.parametrize("across", [(300.0, 100.0, 700.0, 400.0), (450.0, 100.0, 560.0, 600.0)])
def test_a_picture_across_the_middle_keeps_the_page_whole(across: Box) -> None:
    words = column(60, 290) + column(710, 940, 40)
    grey = paper()
    assert gutter(folded(grey), words) is not None
    assert gutter(folded(grey), words, [across]) is None


def test_an_upright_page_is_no_spread() -> None:
    words = column(60, 290) + column(350, 580, 40)
    assert gutter(folded(paper())[:, 200:700], words) is None


def test_the_left_page_is_read_to_its_end_before_the_right_one() -> None:
    words = [*column(60, 220), *column(250, 440, 40), *column(560, 940, 80, top=60)]
    page = PageImage(np.repeat(folded(paper())[:, :, None], 3, axis=2), IDENTITY, 72)
    rows = text_lines(("book", 1), page, (words, []), FOLD)
    sides = [row.bbox[0] > FOLD for row in rows]
    assert sides == sorted(sides)
    assert sum(sides) == 30
