from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest
from scan_maker import dithered, pixels_of, scanned, typeset

from mmskin_build.ocr.page_image import PageImage, draw_page, is_blank, straightened, turned
from mmskin_build.ocr.skew import estimate_skew

IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def image(high: int = 200, wide: int = 100) -> PageImage:
    return PageImage(np.full((high, wide, 3), 255, np.uint8), IDENTITY, 72)


def test_pixel_budget_lowers_the_resolution() -> None:
    page = pymupdf.open().new_page(width=5000, height=5000)
    drawn = draw_page(page, 300, 1.0)
    assert drawn.color.shape[0] * drawn.color.shape[1] <= 1.01e6
    assert drawn.box_in_points((0, 0, drawn.color.shape[1], drawn.color.shape[0])) == (
        pytest.approx((0, 0, 5000, 5000), abs=10)
    )


def test_lone_dots_of_a_black_and_white_scan_are_paper(tmp_path: Path) -> None:
    blank = np.full((400, 300, 3), 255, np.uint8)
    dots = draw_page(pymupdf.open(dithered(tmp_path / "dots.pdf", blank))[0], 200, 1.0)
    assert (dots.color == 0).mean() > 0.02
    assert dots.grey.min() > 190
    tones = draw_page(pymupdf.open(scanned(tmp_path / "tones.pdf", blank))[0], 200, 1.0)
    assert np.array_equal(tones.grey, cv2.cvtColor(tones.color, cv2.COLOR_RGB2GRAY))


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
def test_boxes_of_a_turned_page_come_back_to_the_displayed_page(clockwise: int) -> None:
    page = image()
    page.color[20:40, 10:70] = 0
    upright = turned(page, clockwise)
    ys, xs = np.nonzero(upright.color[:, :, 0] == 0)
    box = (float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
    assert upright.box_in_points(box) == (10, 20, 70, 40)
    assert round(upright.writing_angle()) == clockwise


@pytest.mark.parametrize("skew", [-3.0, -0.4, 0.0, 1.2, 4.5])
def test_skew_is_found_and_taken_out(skew: float) -> None:
    pixels = pixels_of(typeset()[0])
    high, wide = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), -skew, 1.0)
    tilted = cv2.warpAffine(pixels, matrix, (wide, high), borderValue=(255.0, 255.0, 255.0))
    grey = cv2.cvtColor(tilted, cv2.COLOR_RGB2GRAY)
    found = estimate_skew(np.asarray(grey, np.uint8), 200)
    assert found == pytest.approx(skew, abs=0.1)
    level = straightened(PageImage(np.asarray(tilted, np.uint8), IDENTITY, 200), found)
    assert abs(estimate_skew(level.grey, 200)) <= 0.1


def test_page_without_text_has_no_skew() -> None:
    assert estimate_skew(np.full((500, 400), 240, np.uint8), 200) == 0.0


def test_paper_grain_is_blank_and_a_single_line_is_not() -> None:
    rng = np.random.default_rng(1)
    paper = rng.normal(230, 5, (1100, 850, 1)).clip(0, 255).astype(np.uint8).repeat(3, axis=2)
    assert is_blank(PageImage(paper, IDENTITY, 100))
    printed = paper.copy()
    cv2.putText(printed, "Plate 4", (300, 500), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1)
    assert not is_blank(PageImage(printed, IDENTITY, 100))


def test_a_page_of_pictures_is_not_blank() -> None:
    rng = np.random.default_rng(2)
    page = np.full((1100, 850, 3), 235, np.uint8)
    texture = cv2.GaussianBlur(rng.normal(0, 160, (850, 700, 3)), (0, 0), 4) * 3 + 120
    page[80:930, 75:775] = texture.clip(0, 255)
    assert not is_blank(PageImage(page, IDENTITY, 100))


def test_a_bare_page_in_uneven_light_is_blank() -> None:
    light = np.linspace(140, 240, 850)[None, :, None] * np.ones((1100, 1, 3))
    assert is_blank(PageImage(light.astype(np.uint8), IDENTITY, 100))
