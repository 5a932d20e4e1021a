"""Text near pictures that is no caption, and captions set in several ways at once."""

from pathlib import Path

import pymupdf
from page_maker import Maker
from test_layouts import check
from test_two_pages import line

from mmskin_build.align.labels import parse_label
from mmskin_build.align.layout import PageContent
from mmskin_build.records import Page


def test_heading_of_a_case_takes_no_picture_from_the_caption_beside(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        y = maker.set((40, 40, 420), f"Case {page}", "", 13) + 2
        y = maker.body(y, 30) + 6
        for row in range(2):
            for x in (170, 320):
                maker.image(x, y + 104 * row, x + 146, y + 104 * row + 100)
        text, other = maker.sentence(24), maker.sentence(12)
        maker.set((40, y + 145, 115), f"Fig. {2 * page - 1}", text)
        lower = maker.image(170, y + 218, 466, y + 388)
        maker.set((40, y + 355, 115), f"Fig. {2 * page}", other)
        wanted.append((page, (170.0, y, 466.0, y + 204), str(2 * page - 1), text))
        wanted.append((page, lower, str(2 * page), other))
        maker.body(y + 400)
    check(maker, tmp_path, wanted)


def test_letters_of_all_panels_behind_the_number_are_no_caption_text() -> None:
    label = parse_label("Abb. 10 a–c. Psoriasis vulgaris")
    assert label is not None
    assert (label.number, label.rest) == ("10", "Psoriasis vulgaris")
    single = parse_label("Figure 3 A papule")
    assert single is not None and single.rest == "A papule"


def test_title_in_the_colour_of_the_label_is_followed_by_black_text(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        box = maker.image(90, 50, 390, 220)
        bold, plain = pymupdf.Font("hebo"), pymupdf.Font("helv")
        for color, font, x, y, text in (
            ((0, 0.3, 0.6), bold, 90.0, 234.0, f"Figure 12.{page}. Chronic plaque of the leg"),
            ((0, 0, 0), plain, 90.0, 244.0, "with scale and a network of vessels on an"),
            ((0, 0, 0), plain, 90.0, 254.0, "acute border."),
        ):
            writer = pymupdf.TextWriter(maker.page.rect, color=color)
            writer.append((x, y), text, font=font, fontsize=8)
            writer.write_text(maker.page)
        text = "Chronic plaque of the leg with scale and a network of vessels on an acute border."
        wanted.append((page, box, f"12.{page}", text))
        maker.body(maker.body(280))
    check(maker, tmp_path, wanted)


def test_mention_torn_into_words_by_wide_spacing_is_one_line() -> None:
    page = Page("book", 1, 500.0, 700.0, 0, "embedded", None, 0.0)
    words = [
        line(0, 3, (187.0, 277.0, 223.0, 286.0), "Fig. 31"),
        line(1, 3, (234.0, 277.0, 271.0, 286.0), "muestra"),
        line(2, 3, (282.0, 277.0, 323.0, 286.0), "placas"),
        line(3, 4, (336.0, 277.0, 472.0, 286.0), "El tratamiento es sobre todo"),
    ]
    content = PageContent(page, words, [])
    assert [item.text for item in content.lines] == [
        "Fig. 31 muestra placas",
        "El tratamiento es sobre todo",
    ]


def test_table_with_picture_and_caption_in_cells_is_no_part_of_the_figure(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        y = maker.body(50) + 10
        for cell in ((40, y, 300, y + 180), (300, y, 460, y + 180)):
            maker.page.draw_rect(pymupdf.Rect(cell), color=(0, 0, 0), width=0.7)
        for x in (40, 300, 459):
            maker.page.draw_line((x, y), (x, y + 180), color=(0, 0, 0), width=0.7)
        for rule in (y, y + 179):
            maker.page.draw_line((40, rule), (460, rule), color=(0, 0, 0), width=0.7)
        box = maker.image(46, y + 6, 294, y + 174)
        text = maker.sentence(14)
        maker.set((306, y + 6, 145), f"Fig. {page}.", text)
        wanted.append((page, box, str(page), text))
        maker.body(y + 200)
    check(maker, tmp_path, wanted)


def test_body_half_a_point_larger_right_under_a_caption_is_no_part_of_it(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        y = maker.set((40, 50, 420), "", maker.sentence(60), 9, ("tiro", "tiro"))
        box = maker.image(90, y + 5, 390, y + 175)
        text = maker.sentence(16)
        y = maker.set((40, y + 178, 420), f"Fig. {page}.", text, 8.5, ("tibo", "tiro"))
        maker.set((40, y - 1, 420), "", maker.sentence(90), 9, ("tiro", "tiro"))
        wanted.append((page, box, str(page), text))
    check(maker, tmp_path, wanted)


def test_band_across_the_head_of_slides_is_no_part_of_their_figures(tmp_path: Path) -> None:
    maker, wanted = Maker(size=(500.0, 375.0)), []
    for page in range(1, 7):
        maker.new_page()
        maker.page.draw_rect(pymupdf.Rect(0, 0, 500, 60), color=None, fill=(0.2, 0.2, 0.6))
        for x in (20, 60):
            maker.page.draw_rect(pymupdf.Rect(x, 5, x + 30, 12), color=None, fill=(0.1, 0.1, 0.4))
        maker.set((20, 20, 460), "", "Chronic plaque", 20, ("hebo", "hebo"))
        box = maker.image(150, 75, 350, 225)
        text = maker.sentence(12)
        maker.set((60, 235, 380), f"Figure {page}:", text, 12)
        wanted.append((page, box, str(page), text))
    check(maker, tmp_path, wanted)


def test_running_text_level_with_a_caption_in_another_type_family(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        box = maker.image(40, 60, 240, 200)
        text = "Plaque of the leg with a network of vessels and some scale at its border."
        maker.set((40, 205, 200), f"Figure {page}.", text, 10, ("helv", "helv"))
        maker.set((252, 60, 208), "", maker.sentence(60), 10, ("tiro", "tiro"))
        maker.set((252, 205, 208), "", maker.sentence(14), 10, ("tiro", "tiro"))
        maker.body(maker.body(250))
        wanted.append((page, box, str(page), text))
    check(maker, tmp_path, wanted)


def test_panel_letter_level_with_a_label_in_the_margin(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        box = maker.image(150, 60, 460, 260)
        maker.set((130, 60, 20), "", "(i)", 8)
        text = maker.sentence(9)
        y = maker.set((40, 60, 85), f"FIGURE 17-{page}", "", 9)
        maker.set((40, y - 1, 85), "", text, 10, ("tiro", "tiro"))
        maker.body(maker.body(280))
        wanted.append((page, box, f"17-{page}", text))
    check(maker, tmp_path, wanted)


def test_title_over_the_picture_and_text_under_it_are_one_caption(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 5):
        maker.new_page()
        y = maker.body(50)
        title, text = maker.sentence(4), maker.sentence(16)
        y = maker.set((90, y + 8, 300), f"Figure {page}. {title}", "", 8, ("hebo", "hebo"))
        box = maker.image(90, y + 4, 390, y + 174)
        y = maker.set((90, y + 178, 300), "", text)
        wanted.append((page, box, str(page), f"{title} {text}"))
        maker.body(maker.body(y + 14))
    check(maker, tmp_path, wanted)


def test_body_right_under_a_short_caption_is_no_part_of_it(tmp_path: Path) -> None:
    maker, wanted = Maker(), []
    for page in range(1, 4):
        maker.new_page()
        y = maker.set((40, 50, 420), "", maker.sentence(60), 10.5, ("tiro", "tiro"))
        box = maker.image(90, y + 5, 390, y + 175)
        y = maker.set((40, y + 178, 420), f"FIGURA 12.{page}:", "Granuloma annulare.", 8.5)
        maker.set((40, y - 1, 420), "", maker.sentence(90), 10.5, ("tiro", "tiro"))
        wanted.append((page, box, f"12.{page}", "Granuloma annulare."))
    check(maker, tmp_path, wanted)


def test_label_that_has_lost_the_space_behind_it() -> None:
    label = parse_label("FIG. 28.1Lichen planus")
    assert label is not None and (label.number, label.rest) == ("28.1", "Lichen planus")
    assert parse_label("Plate 1mm thick") is None
