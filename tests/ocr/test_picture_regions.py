import cv2
import numpy as np
import numpy.typing as npt
import pytest

from mmskin_build.geometry import iou
from mmskin_build.ocr.gutter import find_fold
from mmskin_build.ocr.picture_regions import PageLook
from mmskin_build.ocr.tesseract import Word

DPI = 100
PICTURE = (430.0, 200.0, 700.0, 420.0)


def paper(seed: int = 0) -> npt.NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    grey = rng.normal(232, 4, (1100, 850)).clip(0, 255)
    return np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8)


def text(page: npt.NDArray[np.uint8], tops: range, left: int = 60) -> list[Word]:
    words = []
    for number, top in enumerate(tops):
        line = "lymphocytes around vessels"
        cv2.putText(page, line, (left, top + 12), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (30, 30, 30), 1)
        words.append(Word((left, top, left + 225, top + 17), line, 0.95, number))
    return words


def photograph(page: npt.NDArray[np.uint8], box: tuple[float, ...], level: int = 150) -> None:
    x0, y0, x1, y1 = (int(v) for v in box)
    rng = np.random.default_rng(4)
    tone = level + 12 * cv2.GaussianBlur(rng.normal(0, 1, (y1 - y0, x1 - x0)), (0, 0), 3)
    page[y0:y1, x0:x1] = tone.clip(0, 255)[:, :, None].astype(np.uint8)


@pytest.mark.parametrize("level", [60, 150, 205])
def test_photograph_is_found_whatever_its_brightness(level: int) -> None:
    page = paper()
    words = text(page, range(100, 1000, 22))
    photograph(page, PICTURE, level)
    found = PageLook(page, DPI).photographs(words)
    assert len(found) == 1
    assert iou(found[0].box, PICTURE) > 0.9


def test_panels_that_stand_apart_are_two_regions() -> None:
    page = paper()
    photograph(page, (100, 200, 380, 400))
    photograph(page, (400, 200, 700, 400))
    assert len(PageLook(page, DPI).photographs([])) == 2


def test_text_rules_and_a_dark_scanner_edge_are_no_pictures() -> None:
    page = paper()
    words = text(page, range(100, 1000, 22))
    page[80:83, 60:700] = 20
    page[:, :25] = 15
    page[1085:] = 15
    look = PageLook(page, DPI)
    assert look.photographs(words) == []
    assert look.drawings(words, []) == []


def test_shadow_along_the_spine_is_paper() -> None:
    page = paper()
    words = text(page, range(450, 1000, 22), left=250)
    photograph(page, PICTURE)
    shade = np.minimum(1.0, 0.72 + 0.28 * np.arange(850) / 150)
    page = (page * shade[None, :, None]).astype(np.uint8)
    found = PageLook(page, DPI).photographs(words)
    assert [iou(r.box, PICTURE) > 0.9 for r in found] == [True]


def test_tinted_box_with_text_is_no_picture() -> None:
    page = paper()
    page[90:560, 50:300] = 205
    words = text(page, range(100, 540, 20))
    assert PageLook(page, DPI).photographs(words) == []


def test_tight_caption_is_left_outside_and_reported_unread() -> None:
    page = paper()
    photograph(page, PICTURE)
    cv2.putText(page, "naevus of the arm", (440, 434), 0, 0.45, (20, 20, 20), 1)
    look = PageLook(page, DPI)
    found = look.photographs([])
    assert iou(found[0].box, PICTURE) > 0.95
    unread = look.unread([], found)
    assert len(unread) == 1
    assert unread[0][1] == pytest.approx(424, abs=8)


def test_curve_in_axes_is_a_drawing() -> None:
    page = paper()
    words = text(page, range(500, 1000, 22))
    cv2.rectangle(page, (100, 150), (500, 400), (20, 20, 20), 1)
    xs = np.arange(110, 490)
    curve = np.stack([xs, 280 - 80 * np.sin(xs / 50)], axis=1).astype(np.int32)
    cv2.polylines(page, [curve], False, (20, 20, 20), 2)
    found = PageLook(page, DPI).drawings(words, [])
    assert [iou(r.box, (100, 150, 500, 400)) > 0.8 for r in found] == [True]


def test_print_of_the_other_side_does_not_tie_pictures_together() -> None:
    page = paper()
    photograph(page, (100, 200, 380, 400), 90)
    photograph(page, (430, 200, 700, 400), 110)
    ghost = page[150:450, 350:460].astype(np.int16)
    page[150:450, 350:460] = np.where(ghost > 200, ghost - 14, ghost).astype(np.uint8)
    left, right = PageLook(page, DPI).photographs([])
    assert iou(left.box, (100, 200, 380, 400)) > 0.9
    assert iou(right.box, (430, 200, 700, 400)) > 0.9


def test_a_picture_shining_through_the_paper_is_none() -> None:
    page = paper()
    photograph(page, (430, 200, 700, 420), 70)
    photograph(page, (100, 600, 400, 800), 219)
    (found,) = PageLook(page, DPI).photographs([])
    assert iou(found.box, (430, 200, 700, 420)) > 0.9


def test_the_fold_of_an_open_book_is_no_picture() -> None:
    page = paper()
    across = np.abs(np.arange(850) - 425)
    page = (page * (1 - 0.5 * np.exp(-((across / 25) ** 2)))[None, :, None]).astype(np.uint8)
    photograph(page, (80, 200, 340, 420))
    (found,) = PageLook(page, DPI).photographs([])
    assert iou(found.box, (80, 200, 340, 420)) > 0.9


def test_a_picture_in_the_shadow_of_the_fold_is_not_tied_to_it() -> None:
    page = np.concatenate([paper(), paper(1)], axis=1)[:1100]
    photograph(page, (480, 200, 820, 420), 120)
    photograph(page, (900, 600, 1200, 800), 120)
    across = np.abs(np.arange(1700) - 850)
    page = (page * (1 - 0.5 * np.exp(-((across / 40) ** 2)))[None, :, None]).astype(np.uint8)
    fold = find_fold(page[:, :, 1])
    upper, lower = PageLook(page, DPI, fold=fold).photographs([])
    assert iou(upper.box, (480, 200, 820, 420)) > 0.9
    assert iou(lower.box, (900, 600, 1200, 800)) > 0.9


def test_a_dithered_picture_of_black_and_white_dots_is_found() -> None:
    rng = np.random.default_rng(6)
    tone = np.full((2200, 1700), 250.0)
    tone[400:840, 860:1400] = 170
    dots = np.where(rng.uniform(0, 255, tone.shape) < tone, 255, 0).astype(np.uint8)
    (found,) = PageLook(np.repeat(dots[:, :, None], 3, axis=2), 2 * DPI).photographs([])
    assert iou(found.box, (860, 400, 1400, 840)) > 0.9


def test_a_rule_between_columns_does_not_make_their_text_a_drawing() -> None:
    page = paper()
    words = text(page, range(100, 1000, 22)) + text(page, range(100, 1000, 22), left=330)
    page[90:1010, 307:309] = 40
    cv2.rectangle(page, (340, 1020), (560, 1080), (20, 20, 20), 1)
    cv2.line(page, (345, 1075), (555, 1025), (20, 20, 20), 2)
    assert all(r.box[1] > 950 for r in PageLook(page, DPI).drawings(words, []))


def test_words_in_a_white_box_on_a_plate_stand_on_paper() -> None:
    page = paper()
    photograph(page, (100, 200, 700, 700))
    page[620:700, 100:380] = 232
    boxed, burnt = text(page, range(640, 650, 20), left=120), text(page, range(300, 310, 20), 200)
    assert PageLook(page, DPI).on_paper([*boxed, *burnt]) == [True, False]
