"""Into which figures the pictures of a page are divided."""

from pathlib import Path

from page_maker import Maker
from test_layouts import check


def test_stack_of_panels_is_cut_where_the_captions_beside_it_start(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        y = 50.0
        for index, rows in enumerate((1, 2, 2)):
            number, foot = f"{3 * page + index - 2}", y + 96.0 * rows - 10
            for row in range(rows):
                for x in (170, 325):
                    maker.image(x, y + 96 * row, x + 135, y + 96 * row + 86)
            text = maker.sentence(14)
            maker.set((40, y, 110), f"Plate {number}", text)
            wanted.append((page, (170.0, y, 460.0, foot), number, text))
            y = foot + 14
    maker.new_page()
    maker.body(maker.body(50))
    check(maker, tmp_path, wanted)


def test_legend_of_another_page_takes_no_panel_of_a_figure(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in (1, 3, 5):
        maker.new_page()
        plate = maker.image(40, 50, 460, 560)
        maker.new_page()
        text, other = maker.sentence(14), maker.sentence(14)
        y = maker.set((40, 50, 420), f"Figure {page}:", text)
        y = maker.body(maker.body(y + 10))
        y = maker.set((150, y, 200), f"Figure {page + 1}:", other) + 6
        for row in range(2):
            for x in (160, 262):
                maker.image(x, y + 96 * row, x + 84, y + 96 * row + 90)
        wanted.append((page, plate, str(page), text))
        wanted.append((page + 1, (160, y, 346, y + 186), str(page + 1), other))
        maker.body(y + 210)
    check(maker, tmp_path, wanted)


def test_list_of_captions_over_one_that_stands_at_its_own_picture(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        boxes = [maker.image(40, 50, 245, 170), maker.image(255, 50, 460, 170)]
        y = maker.body(185) + 10
        boxes.append((110.0, y + 52, 390.0, y + 200))
        for box in boxes:
            number, text = str(len(wanted) + 1), maker.sentence(8)
            y = maker.set((40, y, 420), f"Figure {number}", text) + 4
            wanted.append((page, box, number, text))
        maker.image(*boxes[-1])
        maker.body(boxes[-1][3] + 12)
    check(maker, tmp_path, wanted)


def test_numbered_plate_above_running_text_is_split_into_its_pictures(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in (1, 3, 5):
        maker.new_page()
        y = 50.0
        for index in range(4):
            text = maker.sentence(10)
            y = maker.set((40, y, 420), f"Fig. {10 * page + index}.", text) + 4
            x, top = 40 + 215 * (index % 2), 50 + 190 * (index // 2)
            box = (x, top, x + 205.0, top + 170.0)
            wanted.append((page + 1, box, f"{10 * page + index}", text))
        maker.body(maker.body(y + 10))
        maker.new_page()
        for _, box, number, _ in wanted[-4:]:
            maker.image(*box)
            maker.page.insert_text((box[0] + 98, box[3] + 12), number, fontsize=7)
        maker.body(maker.body(maker.body(440)))
    check(maker, tmp_path, wanted)


def test_label_at_the_margin_over_centred_panels_with_the_text_below(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 5):
        maker.new_page()
        y = maker.body(50)
        maker.page.insert_text((40, y + 8), f"Figure {page}", fontsize=8, fontname="hebo")
        top = y + 16
        for row in range(2):
            for x in (140, 252):
                maker.image(x, top + 96 * row, x + 108, top + 96 * row + 92)
        text = maker.sentence(24)
        maker.set((40, top + 200, 420), "", text)
        maker.body(maker.body(top + 240))
        wanted.append((page, (140, top, 360, top + 188), str(page), text))
    check(maker, tmp_path, wanted)


def test_caption_in_the_cell_of_a_table_ends_where_another_typeface_goes_on(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 5):
        maker.new_page()
        y = maker.body(50)
        box = maker.image(44, y + 4, 456, y + 154)
        text = maker.sentence(14)
        foot = maker.set((44, y + 162, 410), f"Fig. {page}.", text, 10)
        for row in ((y, y + 158), (y + 159, foot + 2), (y - 1, foot + 3)):
            maker.page.draw_rect((40, row[0], 460, row[1]), color=(0.4, 0.4, 0.4), width=0.6)
            for inset in (1.0, 2.0):
                corners = (40 + inset, row[0] + inset, 460 - inset, row[1] - inset)
                maker.page.draw_rect(corners, color=(0.4, 0.4, 0.4), width=0.3)
        maker.body(maker.body(foot))  # close under the table, in the same size
        wanted.append((page, box, str(page), text))
    check(maker, tmp_path, wanted)


def test_two_rows_of_pictures_each_with_a_list_of_captions_under_it(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        y = 50.0
        for _ in range(2):
            boxes = [maker.image(40, y, 220, y + 110), maker.image(230, y, 410, y + 110)]
            y += 112
            for box in boxes:
                number, text = str(len(wanted) + 1), maker.sentence(5)
                y = maker.set((40, y, 420), f"Figure {number}:", text)
                wanted.append((page, box, number, text))
            y = maker.body(maker.body(y + 10)) + 10
    check(maker, tmp_path, wanted)
