"""What is learned from a book: label words no list knows, bare numbers, captions without label."""

from pathlib import Path

import pytest
from page_maker import Maker
from test_layouts import check


@pytest.mark.parametrize("label", ["{}.{}", "F{}.{}:"])
def test_numbers_in_a_column_beside_the_pictures_are_labels(tmp_path: Path, label: str) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        for index, y in enumerate((50, 380)):
            box = maker.image(40, y, 340, y + 270)
            shown, text = label.format(7, 2 * page + index - 1), maker.sentence(18)
            maker.set((352, y, 108), shown, text)
            wanted.append((page, box, shown.rstrip(":"), text))
    maker.new_page()
    maker.body(maker.body(50))
    check(maker, tmp_path, wanted)


def test_number_alone_over_a_long_caption_near_the_page_foot_is_a_label(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 6):
        maker.new_page()
        y = maker.body(40, 60 + page)
        box = maker.image(40, y, 460, 610)
        maker.page.insert_text((40, 646), f"3.{page}", fontsize=8, fontname="hebi")
        text = maker.sentence(16)
        maker.set((40, 648, 420), "", text)
        wanted.append((page, box, f"3.{page}", text))
    check(maker, tmp_path, wanted)


def test_numbers_under_pictures_are_no_captions_where_legends_repeat_them(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for plate in (1, 3, 5):
        maker.new_page()
        boxes = [maker.image(40, y, 460, y + 250) for y in (50, 360)]
        for index, box in enumerate(boxes):
            shown = f"17.{plate + index}"
            maker.page.insert_text((240, box[3] + 12), shown, fontsize=6)
        maker.new_page()
        y = 60.0
        for index, box in enumerate(boxes):
            number, text = f"17.{plate + index}", maker.sentence(9)
            y = maker.set((40, y, 420), number, text) + 4
            wanted.append((plate, box, number, text))
        maker.body(maker.body(y + 30))
    check(maker, tmp_path, wanted)


def test_captions_without_label_far_under_pictures_made_of_strips(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 8):
        maker.new_page()
        y = maker.body(50)
        for strip in range(6):
            maker.image(120, y + 30 * strip, 380, y + 30 * strip + 30)
        text = maker.sentence(9)
        end = maker.set((120, y + 206, 260), "", text, 8, ("heit", "heit"))
        maker.body(maker.body(end + 14))
        wanted.append((page, (120, y, 380, y + 180), "", text))
    check(maker, tmp_path, wanted)


def test_note_in_a_tinted_box_under_a_picture_is_no_caption(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 6):
        maker.new_page()
        box = maker.image(40, 50, 300, 230)
        text = maker.sentence(14)
        maker.set((310, 50, 150), f"Figure {page}.", text)
        maker.page.draw_rect((40, 252, 460, 300), fill=(0.9, 0.94, 1), color=None)
        maker.set((50, 258, 400), "", maker.sentence(24))
        maker.body(maker.body(330))
        wanted.append((page, box, str(page), text))
    check(maker, tmp_path, wanted)


def test_credit_line_between_picture_and_caption_is_not_the_caption(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 5):
        maker.new_page()
        y = maker.body(50)
        box = maker.image(90, y, 390, y + 170)
        credit = f"Source: Photographs taken by the clinic of site {page}, with permission"
        maker.set((90, y + 173, 300), "", credit, 6.5)
        text = maker.sentence(14)
        maker.set((90, y + 185, 300), f"FIGURE {page}:", text, 7.5)
        maker.body(maker.body(y + 230))
        wanted.append((page, box, str(page), text))
    check(maker, tmp_path, wanted)


def test_heads_of_short_sections_are_no_captions_of_pictures_under_them(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 11):
        maker.new_page()
        even = page % 2 == 0
        head = (
            "CHAPTER 7. DISEASES OF THE SKIN" if even else f"7.{page} {maker.sentence(3).upper()}"
        )
        maker.page.insert_text((40, 34), head, fontsize=9, fontname="tibo")
        box = maker.image(40, 50, 460, 240)
        text = maker.sentence(14)
        y = maker.set((40, 244, 420), f"Figure {page}.", text) if even else 250.0
        maker.body(maker.body(y + 14))
        if even:
            wanted.append((page, box, str(page), text))
    check(maker, tmp_path, wanted)


def test_captions_beside_pictures_at_the_foot_do_not_run_on_to_the_next_page(
    tmp_path: Path,
) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 8):
        maker.new_page()
        for y in (40, 520):
            box = maker.image(40, y, 300, y + 150)
            text = maker.sentence(12)
            maker.set((310, y, 150), "", text, 8, ("heit", "heit"))
            wanted.append((page, box, "", text))
        maker.body(maker.body(220))
    check(maker, tmp_path, wanted)
