"""Figures and captions as books place them; every test is one habit of typesetters."""

from pathlib import Path

import pymupdf
import pytest
from page_maker import Maker, pairs_of

from mmskin_build.geometry import Box, iou


def check(maker: Maker, folder: Path, wanted: list[tuple[int, Box, str, str]]) -> None:
    """Compare figures as (page, box, number, caption), without panels."""
    found = {}
    for row in pairs_of(maker.pair(folder)):
        found[row.figure_id] = (row.page, row.bbox, row.label, row.caption)
    rest = list(found.values())
    for page, box, number, caption in wanted:
        match = [f for f in rest if f[0] == page and iou(f[1], box) > 0.8]
        assert match, f"no figure {number} at {box} on page {page} among {rest}"
        assert (match[0][2], match[0][3]) == (number, caption)
        rest.remove(match[0])
    assert rest == []


@pytest.mark.parametrize(
    "label", ["Figure {}.", "Fig. 4-{}", "FIGURE {} |", "Figure-{}:", "Abb. {}:", "Figura {}.",
              "Plate {}", "Image {}", "FIG {}", "Fig. 12.{}"]
)  # fmt: skip
def test_label_forms(tmp_path: Path, label: str) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        y = maker.body(50)
        text = maker.sentence(12)
        box = maker.figure(label.format(number), text, y)
        maker.body(y + 230)
        printed = label.format(number).split(maxsplit=1)[-1].strip(":.| ").removeprefix("Figure-")
        wanted.append((number, box, printed, text))
    check(maker, tmp_path, wanted)


def test_caption_like_body_and_body_that_mentions_a_figure(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 6):
        maker.new_page()
        y = maker.body(50)
        text = maker.sentence(12)
        box = maker.image(90, y, 390, y + 170)
        y = maker.set((40, y + 178, 420), f"Figure {number}", text, 10, ("tiro", "tiro")) + 14
        mention = f"Figure {number} shows that " + maker.sentence(40)
        maker.set((40, y, 420), "", mention, 10, ("tiro", "tiro"))
        wanted.append((number, box, str(number), text))
    check(maker, tmp_path, wanted)


def test_captions_above_stacked_figures(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 5):
        maker.new_page()
        y = 40.0
        for _ in range(3):
            number, text = str(len(wanted) + 1), maker.sentence(9)
            y = maker.set((60, y, 380), f"Image {number}.", text) + 3
            wanted.append((page, maker.image(60, y, 360, y + 150), number, text))
            y += 162
    check(maker, tmp_path, wanted)


def test_mirrored_margin_captions(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 7):
        maker.new_page()
        left, margin = (40, 350) if page % 2 else (160, 40)
        y = 50.0
        for _ in range(2):
            number, text = str(len(wanted) + 1), maker.sentence(14)
            box = maker.image(left, y, left + 300, y + 200)
            maker.set((margin, y, 110), f"Fig. {number}", text)
            wanted.append((page, box, number, text))
            y = maker.body(y + 206, 45, left, 300) + 6
    check(maker, tmp_path, wanted)


def test_foot_captions_find_their_place(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 5):
        maker.new_page()
        boxes = [maker.image(40, 50, 240, 200), maker.image(260, 50, 460, 200),
                 maker.image(40, 215, 460, 375)]  # fmt: skip
        maker.body(390)
        y = 590.0
        for box, hint in zip(boxes, ("top left", "top right", "below"), strict=True):
            number, text = str(len(wanted) + 1), maker.sentence(8)
            y = maker.set((40, y, 420), f"Fig. {number} ({hint})", text) + 3
            wanted.append((page, box, number, text))
    check(maker, tmp_path, wanted)


def test_plates_with_legends_on_the_facing_page(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for plate in (1, 3):
        maker.new_page()
        boxes = []
        for row in range(3):
            for column in range(2):
                x, y = 40 + 215 * column, 60 + 200 * row
                boxes.append(maker.image(x, y, x + 205, y + 170))
                maker.page.insert_text((x + 100, y + 182), str(len(boxes)), fontsize=8)
        maker.new_page()
        y = 60.0
        for index, box in enumerate(boxes, start=1):
            text = maker.sentence(8)
            y = maker.set((40, y, 420), f"Plate {plate}.{index}", text) + 4
            wanted.append((plate, box, f"{plate}.{index}", text))
        maker.body(y + 40)
    check(maker, tmp_path, wanted)


def test_caption_that_names_the_facing_page(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 4):
        maker.new_page()
        box = maker.image(40, 40, 460, 640)
        maker.new_page()
        text = maker.sentence(15)
        y = maker.set((40, 50, 420), f"Fig. {number} (opposite).", text)
        maker.body(maker.body(y + 20))
        wanted.append((2 * number - 1, box, str(number), text))
    check(maker, tmp_path, wanted)


def test_captions_without_labels_are_known_by_their_type(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    maker.new_page()
    y = 50.0
    for _ in range(5):
        y = maker.body(y, 90)
    for page in range(2, 6):
        maker.new_page()
        for row in range(2):
            for column in range(2):
                x, y = 40 + 215 * column, 60 + 290 * row
                text = maker.sentence(8)
                box = maker.image(x, y, x + 200, y + 190)
                maker.set((x, y + 195, 200), "", text, 8, ("heit", "heit"))
                wanted.append((page, box, "", text))
    check(maker, tmp_path, wanted)


def test_tint_behind_figure_and_caption_is_no_figure(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        y = maker.body(50)
        maker.page.draw_rect((40, y, 460, y + 260), fill=(0.9, 0.95, 1), color=None)
        text = maker.sentence(14)
        wanted.append((number, maker.figure(f"Figure {number}.", text, y + 12), str(number), text))
        maker.body(y + 280)
    check(maker, tmp_path, wanted)


def test_strips_are_one_picture(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 4):
        maker.new_page()
        for strip in range(12):
            maker.image(90, 60 + 15 * strip, 390, 75 + 15 * strip)
        text = maker.sentence(10)
        maker.set((90, 246, 300), f"Figure {number}.", text)
        maker.body(300)
        wanted.append((number, (90, 60, 390, 240), str(number), text))
    check(maker, tmp_path, wanted)


def test_logos_and_table_pictures_are_no_figures(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 6):
        maker.new_page()
        maker.page.insert_image(pymupdf.Rect(200, 640, 300, 680), filename=None,
                                stream=LOGO, keep_proportion=False)  # fmt: skip
        y = maker.set((40, 50, 420), f"Table {number}.", maker.sentence(6)) + 4
        for row in range(3):
            maker.page.draw_line((40, y + 60 * row), (460, y + 60 * row))
            maker.image(60, y + 4 + 60 * row, 130, y + 54 + 60 * row)
            maker.set((160, y + 6 + 60 * row, 280), "", maker.sentence(8))
        text = maker.sentence(9)
        wanted.append((number, maker.figure(f"Figure {number}.", text, y + 210), str(number), text))
    check(maker, tmp_path, wanted)


def test_caption_runs_on_at_the_top_of_the_next_page(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 4):
        maker.new_page()
        maker.body(maker.body(50))
        box = maker.image(90, 400, 390, 600)
        first, second = maker.sentence(20).rstrip("."), "and " + maker.sentence(12).lower()
        maker.set((90, 606, 300), f"Fig. {number}.", first)
        maker.new_page()
        maker.set((90, 50, 300), "", second)
        maker.body(maker.body(110))
        wanted.append((2 * number - 1, box, str(number), f"{first} {second}"))
    check(maker, tmp_path, wanted)


def test_landscape_figure_on_an_upright_page(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 4):
        maker.new_page()
        text = maker.sentence(12)
        box = maker.image(60, 100, 360, 600)
        maker.page.insert_text((378, 600), f"Fig. {number}. {text}", fontsize=8, rotate=90)
        wanted.append((number, box, str(number), text))
        maker.new_page()
        maker.body(maker.body(50))
    wanted = [(2 * page - 1, box, number, text) for page, box, number, text in wanted]
    check(maker, tmp_path, wanted)


def test_slides_without_captions_give_no_pair(tmp_path: Path) -> None:
    maker = Maker((720, 405))
    for _ in range(6):
        maker.new_page()
        maker.set((40, 30, 640), "", maker.sentence(4), 24)
        for column in range(3):
            maker.image(40 + 220 * column, 120, 240 + 220 * column, 280)
            maker.set((40 + 220 * column, 286, 200), "", maker.sentence(2), 14)
    assert pairs_of(maker.pair(tmp_path)) == []


LOGO = pymupdf.Pixmap(pymupdf.csRGB, 30, 12, bytes(range(250)) * 4 + bytes(80), False).tobytes(
    "png"
)


def test_numbers_without_a_word_are_labels(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 6):
        maker.new_page()
        y = maker.body(50)
        for column in range(2):
            x, number, text = 40 + 215 * column, f"3.{len(wanted) + 1}", maker.sentence(9)
            box = maker.image(x, y, x + 200, y + 150)
            maker.set((x, y + 154, 200), number, text)
            wanted.append((page, box, number, text))
        maker.body(y + 230)
    check(maker, tmp_path, wanted)


def test_caption_runs_on_in_the_next_column(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        maker.body(50, 100, 36, 205)
        box = maker.image(36, 400, 241, 600)
        first, second = maker.sentence(14).rstrip("."), maker.sentence(14).lower()
        maker.set((36, 605, 205), f"Fig. {number}", first)
        y = maker.set((259, 50, 205), "", second)
        maker.body(maker.body(y + 12, 60, 259, 205) + 8, 60, 259, 205)
        wanted.append((number, box, str(number), f"{first} {second}"))
    check(maker, tmp_path, wanted)


def test_chapters_may_change_the_side_of_captions(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 9):
        maker.new_page()
        y = 44.0
        for _ in range(2):
            number, text = str(len(wanted) + 1), maker.sentence(9)
            if page > 4:
                y = maker.set((60, y, 300), f"Fig. {number}", text) + 4
            box = maker.image(60, y, 360, y + 160)
            y = box[3] + 4
            if page <= 4:
                y = maker.set((60, y, 300), f"Fig. {number}", text)
            y = maker.body(y + 12, 40) + 8
            wanted.append((page, box, number, text))
    check(maker, tmp_path, wanted)


def test_captions_listed_at_the_page_foot_follow_the_order_of_the_pictures(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        boxes = [maker.image(x, y, x + 205, y + 150) for y in (40, 198) for x in (40, 255)]
        maker.body(370, 60)
        y = 560.0
        for box in boxes:
            number, text = str(len(wanted) + 1), maker.sentence(5)
            y = maker.set((40, y, 420), f"Fig. {number}.", text) + 4
            wanted.append((page, box, number, text))
    check(maker, tmp_path, wanted)


def test_a_tinted_box_of_text_is_no_part_of_the_picture_over_it(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        y = maker.body(maker.body(50, 120), 120)
        text = maker.sentence(12)
        y = maker.set((40, y, 200), f"Figure {number}.", text) + 4
        box = maker.image(40, y, 240, y + 130)
        if number == 4:
            maker.page.draw_rect((40, y + 140, 240, y + 200), fill=(0.9, 0.95, 0.9), color=None)
            maker.set((46, y + 146, 185), "", maker.sentence(22), 9)
        wanted.append((number, box, str(number), text))
        maker.body(y + 220, 90)
    check(maker, tmp_path, wanted)
