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
