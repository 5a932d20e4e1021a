"""More habits of typesetters: page backgrounds, caption lists, bars, labels printed twice."""

from pathlib import Path

import pymupdf
from page_maker import Maker, photo
from test_layouts import check

from mmskin_build.geometry import Box

Wanted = list[tuple[int, Box, str, str]]


def test_paper_printed_under_every_page_is_no_figure(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        maker.page.insert_image(maker.page.rect, stream=photo(99), keep_proportion=False)
        y = maker.body(maker.body(50))
        text = maker.sentence(12)
        wanted.append((number, maker.figure(f"Figure {number}.", text, y), str(number), text))
        maker.body(y + 230)
    check(maker, tmp_path, wanted)


def test_list_of_captions_at_the_foot_follows_the_reading_order(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 5):
        maker.new_page()
        boxes = []
        for index in range(4 if page % 2 else 2):
            x, y = 40 + 215 * (index % 2), 50 + 140 * (index // 2)
            boxes.append(maker.image(x, y, x + 200, y + 130))
        maker.body(maker.body(340))
        y = 590.0
        for box in boxes:
            number, text = str(len(wanted) + 1), maker.sentence(8)
            y = maker.set((40, y, 420), f"Fig. {number}", text) + 3
            wanted.append((page, box, number, text))
    check(maker, tmp_path, wanted)


def test_bar_along_the_edge_of_every_page_is_no_figure(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 5):
        maker.new_page()
        maker.page.draw_rect((0, 0, 14, 700), fill=(0.2, 0.3, 0.6), color=None)
        boxes = [maker.image(40, 50, 460, 200), maker.image(40, 215, 460, 375)]
        maker.body(390)
        y = 590.0
        for box, hint in zip(boxes, ("top", "bottom"), strict=True):
            number, text = str(len(wanted) + 1), maker.sentence(8)
            y = maker.set((40, y, 420), f"Fig. {number} ({hint})", text) + 3
            wanted.append((page, box, number, text))
    check(maker, tmp_path, wanted)


def test_label_in_fake_bold_is_read_once(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        y = maker.body(50)
        text = maker.sentence(12)
        box = maker.image(90, y, 390, y + 170)
        label = f"Figure {number}."
        for shift in (0, 0.25):
            maker.page.insert_text((90 + shift, y + 184), label, fontsize=8, fontname="hebo")
        wide = pymupdf.get_text_length(label + " ", "hebo", 8)
        maker.set((90.25 + wide, y + 176, 300), "", text)
        wanted.append((number, box, str(number), text))
        maker.body(y + 230)
    check(maker, tmp_path, wanted)


def test_tight_plate_with_numbers_under_its_pictures(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for plate in (1, 3):
        maker.new_page()
        boxes = []
        for row in range(3):
            for column in range(2):
                x, y = 40 + 215 * column, 60 + 178 * row
                boxes.append(maker.image(x, y, x + 205, y + 164))
                maker.page.insert_text((x + 98, y + 173), f"{plate}{len(boxes)}", fontsize=7)
        maker.new_page()
        y = 60.0
        for index, box in enumerate(boxes, start=1):
            text = maker.sentence(8)
            y = maker.set((40, y, 420), f"Fig. {plate}{index}", text) + 4
            wanted.append((plate, box, f"{plate}{index}", text))
        maker.body(y + 40)
    check(maker, tmp_path, wanted)
