"""More habits of typesetters: page backgrounds, caption lists, bars, labels printed twice."""

from pathlib import Path

import pymupdf
import pytest
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


@pytest.mark.parametrize("label", ["F12.{}", "eFigure {}", "Ansicht {}:", "7.{}"])
def test_label_words_are_learned_from_the_book(tmp_path: Path, label: str) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 7):
        maker.new_page()
        y = maker.body(50)
        text = maker.sentence(12)
        box = maker.figure(label.format(number), text, y)
        maker.body(y + 230)
        printed = {"F12.{}": f"F12.{number}", "7.{}": f"7.{number}"}.get(label, str(number))
        wanted.append((number, box, printed, text))
    check(maker, tmp_path, wanted)


def test_captions_without_label_in_italics_beside_their_pictures(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 6):
        maker.new_page()
        y = 50.0
        for _ in range(2):
            text = maker.sentence(12)
            box = maker.image(40, y, 300, y + 180)
            maker.set((310, y + 4, 150), "", text, 10, ("tiit", "tiit"))
            wanted.append((page, box, "", text))
            y = maker.body(y + 190, 60) + 8
    check(maker, tmp_path, wanted)


def test_label_alone_over_a_centred_picture_and_text_below(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        y = maker.set((40, maker.body(50) + 6, 420), f"Figure {number}", "", 9) + 4
        box = maker.image(150, y, 350, y + 150)
        maker.page.insert_text((153, y + 12), "a", fontsize=9, color=(1, 1, 1))
        text = maker.sentence(12)
        y = maker.set((40, y + 156, 420), "", text, 8)
        wanted.append((number, box, str(number), text))
        maker.body(y + 20)
    check(maker, tmp_path, wanted)


def test_text_in_narrow_columns_is_no_part_of_pictures(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        for column in range(3):
            x, number = 40 + 145 * column, str(len(wanted) + 1)
            y = maker.body(50, 30 + 9 * column, x, 130) + 4
            text = maker.sentence(9)
            box = maker.image(x, y, x + 130, y + 90)
            y = maker.set((x, y + 94, 130), f"Fig. {number}", text)
            maker.body(y + 8, 40, x, 130)
            wanted.append((page, box, number, text))
    check(maker, tmp_path, wanted)


def test_sentence_about_a_figure_in_another_language_is_no_caption(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 6):
        maker.new_page()
        boxes = [maker.image(40, 50, 245, 200), maker.image(255, 50, 460, 200)]
        text = maker.sentence(12)
        y = maker.set((40, 206, 420), f"Abb. {number} –", text, 10, ("tiit", "tiit")) + 8
        mention = f"Abb. {number}a und der Text " + maker.sentence(40)
        maker.set((40, y, 420), "", mention, 10, ("tiro", "tiro"))
        box = (boxes[0][0], boxes[0][1], boxes[1][2], boxes[1][3])
        wanted.append((number, box, str(number), text))
    check(maker, tmp_path, wanted)


def chart(maker: Maker, box: Box) -> None:
    """Draw axes with bars, bound to each other, inside a box."""
    x0, y0, x1, y1 = box
    page, blue = maker.page, (0.2, 0.3, 0.7)
    page.draw_polyline([(x0, y0), (x0, y1), (x1, y1)], color=blue, width=1)
    for bar in range(5):
        left = x0 + (x1 - x0) * (bar + 0.3) / 5
        top = y0 + (y1 - y0) * ((7 * bar + maker.page.number) % 5) / 6
        page.draw_rect((left, top, left + 20, y1), fill=blue, color=None)


def test_drawing_framed_with_its_caption(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        y = maker.body(50)
        for grow, tint in ((0.0, (0.2, 0.3, 0.6)), (0.5, (0.92, 0.95, 1.0))):
            frame = (40 + grow, y + grow, 460 - grow, y + 230 - grow)
            maker.page.draw_rect(frame, fill=tint, color=None)
        box = (120.0, y + 14, 330.0, y + 160)
        chart(maker, box)
        text = maker.sentence(24)
        maker.set((56, y + 176, 380), f"Fig. 2.{number}", text)
        maker.body(y + 250)
        wanted.append((number, box, f"2.{number}", text))
    check(maker, tmp_path, wanted)


def test_coloured_label_bar_close_over_a_drawing(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        y = maker.body(50)
        maker.page.draw_rect((40, y, 460, y + 15), fill=(0.6, 0.1, 0.2), color=None)
        maker.page.insert_text((44, y + 11), f"Fig. {number}", fontsize=9, color=(1, 1, 1))
        box = (120.0, y + 17, 330.0, y + 160)
        chart(maker, box)
        text = maker.sentence(12)
        y = maker.set((40, y + 166, 420), "", text)
        maker.body(y + 12)
        wanted.append((number, box, str(number), text))
    check(maker, tmp_path, wanted)


def test_ornament_between_paragraphs_is_no_part_of_a_figure(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 6):
        maker.new_page()
        y = maker.body(50, 20 + 5 * number)
        maker.page.draw_bezier(
            (200, y), (230, y + 26), (260, y - 20), (290, y + 12), color=(0, 0, 1)
        )
        text = maker.sentence(12)
        wanted.append((number, maker.figure(f"Figure {number}.", text, y + 34), str(number), text))
        maker.body(y + 270)
    check(maker, tmp_path, wanted)


def test_line_torn_by_wide_spaces_stays_in_its_caption(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        box = maker.image(40, 50, 300, 230)
        texts = ("Morphoea of the back of", "a", "woman", "who was treated for long")
        writer = pymupdf.TextWriter(maker.page.rect)
        writer.append((310, 60), f"Fig. {number}. {texts[0]}", fontsize=8)
        writer.append((310, 70), texts[1], fontsize=8)
        writer.append((332, 70), texts[2], fontsize=8)
        writer.append((310, 80), texts[3], fontsize=8)
        writer.write_text(maker.page)
        maker.body(maker.body(260))
        wanted.append((number, box, str(number), " ".join(texts)))
    check(maker, tmp_path, wanted)


def test_first_line_that_is_mostly_the_coloured_label(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        box = maker.image(160, 50, 460, 230)
        red = (0.7, 0.1, 0.1)
        maker.page.insert_text((40, 60), f"Figure-{number}", fontsize=8, fontname="hebi", color=red)
        at = 40 + pymupdf.get_text_length(f"Figure-{number} ", "hebi", 8)
        maker.page.insert_text((at, 60), "Tinea", fontsize=8, fontname="heit")
        for row, words in enumerate(("corporis, sharply", "bordered plaques", "on the trunk.")):
            maker.page.insert_text((40, 70 + 10 * row), words, fontsize=8, fontname="heit")
        maker.body(maker.body(250))
        text = "Tinea corporis, sharply bordered plaques on the trunk."
        wanted.append((number, box, str(number), text))
    check(maker, tmp_path, wanted)


def test_caption_goes_on_in_the_next_column_after_a_full_stop(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        maker.body(50, 100, 36, 205)
        box = maker.image(36, 400, 241, 600)
        first, second = maker.sentence(14), maker.sentence(14)
        maker.set((36, 605, 205), f"Fig. {number}", first)
        y = maker.set((259, 50, 205), "", second)
        maker.body(maker.body(y + 12, 60, 259, 205) + 8, 60, 259, 205)
        wanted.append((number, box, str(number), f"{first} {second}"))
    check(maker, tmp_path, wanted)


def test_numbers_that_stand_nearer_to_the_next_picture(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for plate in (1, 3):
        maker.new_page()
        boxes = []
        for row in range(3):
            for column in range(2):
                x, y = 40 + 215 * column, 60 + 180 * row
                boxes.append(maker.image(x, y, x + 205, y + 164))
                maker.page.insert_text((x + 98, y + 178), f"{plate}{len(boxes)}", fontsize=7)
        maker.new_page()
        y = 60.0
        for index in (1, 3, 2, 4, 6, 5):  # the legends do not keep the order of the pictures
            text = maker.sentence(8)
            y = maker.set((40, y, 420), f"Fig. {plate}{index}", text) + 4
            wanted.append((plate, boxes[index - 1], f"{plate}{index}", text))
        maker.body(y + 40)
    check(maker, tmp_path, wanted)


def test_caption_beside_speaks_for_the_whole_grid(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 5):
        maker.new_page()
        y = 50.0
        boxes = [
            maker.image(x, y + 98 * row, x + 90, y + 98 * row + 94)
            for row in range(2)
            for x in (150, 258, 366)
        ]
        text = "Spectrum. (A) Papule. (B) Plaque. (C) Ulcer. (D) Scar. (E) Bulla. (F) Scale."
        maker.set((40, y, 100), f"Plate {number}", text)
        for box, letter in zip(boxes, "ABCDEF", strict=True):
            maker.page.insert_text((box[0] - 12, box[1] + 10), letter, fontsize=9)
        maker.body(maker.body(270))
        wanted.append((number, (150, 50, 456, 242), str(number), text))
    check(maker, tmp_path, wanted)


@pytest.mark.parametrize("label", ["Fig. 4.{}.", "F{}.", "Fig. 4.{}a."])
def test_label_printed_twice_inside_one_line(tmp_path: Path, label: str) -> None:
    maker, wanted = Maker(), []
    for number in range(1, 6):
        maker.new_page()
        y = maker.body(50)
        text, shown = maker.sentence(12), label.format(number)
        box = maker.image(90, y, 390, y + 170)
        for shift in (0.0, 0.2):
            words = shown[:-1] if not shift else f"{shown} {text}"
            maker.page.insert_text((90 + shift, y + 184), words, fontsize=8)
        wanted.append((number, box, shown.removeprefix("Fig. ").rstrip("."), text))
        maker.body(y + 230)
    check(maker, tmp_path, wanted)
