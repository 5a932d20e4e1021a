import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from large_scans import large_scan

from mmskin_build.geometry import iou
from mmskin_build.memory_context import MemoryContext
from mmskin_build.pdf.reading import read_source
from mmskin_build.pdf.settings import ExtractSettings
from mmskin_build.records import EmbeddedLine, EmbeddedPage, Graphic, Record, Reject, Source


def photo(seed: int, width: int = 60, height: int = 40) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    pixmap = pymupdf.Pixmap(pymupdf.csRGB, width, height, noise.tobytes(), False)
    return bytes(pixmap.tobytes("png"))


def read(
    document: pymupdf.Document,
    folder: Path,
    enter: Callable[[int], bool] | None = None,
    **settings: float,
) -> list[Record]:
    path = folder / "book.pdf"
    document.save(path)
    return read_file(path, folder, enter=enter, **settings)


def read_file(
    path: str | Path,
    folder: Path,
    passwords: tuple[str, ...] = (),
    enter: Callable[[int], bool] | None = None,
    **settings: float,
) -> list[Record]:
    context = MemoryContext(folder, [Source("book", str(path), "")])
    if enter is not None:
        context.enter_page = enter  # type: ignore[method-assign]
    tuned = ExtractSettings(passwords=passwords, **settings)  # type: ignore[arg-type]
    return list(read_source(context, tuned))


def only(rows: list[Record], kind: type) -> list:
    return [row for row in rows if type(row) is kind]


def test_lines_carry_what_a_reader_sees(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 100), "Fig. 1", fontname="hebo", fontsize=8, color=(1, 0, 0))
    page.insert_text((100, 100), "Bullous pemphigoid of the arm.", fontname="helv", fontsize=8)
    (line,) = only(read(document, tmp_path), EmbeddedLine)
    assert line.text == "Fig. 1 Bullous pemphigoid of the arm."
    assert (line.size_pt, line.bold, line.lead_bold) == (8, False, True)
    assert (line.color, line.lead_color) == (0, 0xFF0000)


def test_text_printed_twice_is_read_once(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    for shift in (0.0, 0.3):
        page.insert_text((72 + shift, 100), "Shadowed heading", fontsize=12)
    assert len(only(read(document, tmp_path), EmbeddedLine)) == 1


def test_columns_are_not_joined(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 100), "left column", fontsize=10)
    page.insert_text((72 + 80, 100), "right column", fontsize=10)
    assert len(only(read(document, tmp_path), EmbeddedLine)) == 2


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_are_those_of_the_page_as_displayed(tmp_path: Path, rotation: int) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=600)
    page.insert_image(pymupdf.Rect(50, 60, 200, 160), stream=photo(1))
    page.draw_circle((300, 500), 40)
    page.set_cropbox(pymupdf.Rect(20, 30, 380, 580))
    page.set_rotation(rotation)
    matrix = page.rotation_matrix
    shown = [pymupdf.Rect(30, 30, 180, 130) * matrix, pymupdf.Rect(240, 430, 320, 510) * matrix]
    rows = only(read(document, tmp_path), Graphic)
    assert [row.kind for row in rows] == ["raster", "vector"]
    for row, box in zip(rows, shown, strict=True):
        assert iou(row.bbox, tuple(box.normalize())) > 0.9


def test_same_sized_images_keep_their_own_objects(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    for index in range(4):
        page.insert_image(pymupdf.Rect(50, 50 + 90 * index, 170, 130 + 90 * index),
                          stream=photo(index))  # fmt: skip
    rows = only(read(document, tmp_path), Graphic)
    saved = pymupdf.open(tmp_path / "book.pdf")
    known = {
        tuple(round(v) for v in i["bbox"]): i["xref"] for i in saved[0].get_image_info(xrefs=True)
    }
    assert {tuple(round(v) for v in row.bbox): row.xref for row in rows} == known
    assert len({row.digest for row in rows}) == 4


def test_a_frame_clips_its_picture(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=400)
    page.insert_image(pymupdf.Rect(50, 50, 250, 250), stream=photo(3, 50, 50))
    drawn = page.read_contents()
    xref = page.get_contents()[-1]
    document.update_stream(xref, b"q 50 200 200 100 re W n " + drawn + b" Q")
    (row,) = only(read(document, tmp_path), Graphic)
    assert iou(row.bbox, (50, 100, 250, 200)) > 0.98


def test_the_clip_of_a_column_is_not_that_of_its_picture(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=400)
    page.insert_image(pymupdf.Rect(50, 50, 250, 250), stream=photo(3, 50, 50))
    drawn = page.read_contents()
    clips = b"q 50 130 200 230 re W n q 50 200 200 100 re W n "
    document.update_stream(page.get_contents()[-1], clips + drawn + b" Q Q")
    (row,) = only(read(document, tmp_path), Graphic)
    assert iou(row.bbox, (50, 100, 250, 200)) > 0.98


def test_lines_of_a_font_that_lies_about_its_height_are_as_high_as_their_type(
    tmp_path: Path,
) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 100), "aaaa", fontname="helv", fontsize=9)
    letter = document.get_new_xref()
    document.update_object(letter, "<<>>")
    document.update_stream(letter, b"500 0 d0 0 0 400 450 re f")
    font = page.get_fonts()[0][0]
    document.update_object(
        font,
        "<</Type/Font/Subtype/Type3/FontBBox[0 -2000 1000 4000]/FontMatrix[.001 0 0 .001 0 0]"
        f"/CharProcs<</a {letter} 0 R>>/Encoding<</Type/Encoding/Differences[97/a]>>"
        "/FirstChar 97/LastChar 97/Widths[500]/Resources<<>>>>",
    )
    (line,) = only(read(document, tmp_path), EmbeddedLine)
    assert line.text == "aaaa"
    assert line.bbox[3] - line.bbox[1] < 1.5 * line.size_pt
    assert line.bbox[1] < 96 < 100 < line.bbox[3]


def test_white_fills_and_page_backgrounds_leave_no_graphic(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.draw_rect(page.rect, fill=(0.9, 0.9, 1), color=None)
    page.draw_rect((100, 100, 200, 200), fill=(1, 1, 1), color=None)
    assert only(read(document, tmp_path), Graphic) == []


def pages(*texts: str) -> pymupdf.Document:
    document = pymupdf.open()
    for text in texts:
        document.new_page().insert_text((72, 72), text)
    return document


def test_a_skipped_page_leaves_a_bare_row_and_others_go_on(tmp_path: Path) -> None:
    rows = read(pages("one", "two", "three"), tmp_path, enter=lambda page: page != 2)
    found = [(row.page, row.text_problem) for row in only(rows, EmbeddedPage)]
    assert found == [(1, ""), (2, "unreadable"), (3, "")]
    assert [line.text for line in only(rows, EmbeddedLine)] == ["one", "three"]


def test_a_page_too_large_is_rejected_and_the_rest_read(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page(width=20_000, height=100)
    document.new_page().insert_text((72, 72), "text")
    rows = read(document, tmp_path)
    (reject,) = only(rows, Reject)
    assert (reject.record_id, reject.reason) == ("book:p1", "page_too_large")
    assert [row.text_problem for row in only(rows, EmbeddedPage)] == ["unreadable", ""]


def test_of_a_document_over_the_limit_the_first_pages_are_read(tmp_path: Path) -> None:
    rows = read(pages("one", "two", "three"), tmp_path, max_pages=2)
    assert [line.text for line in only(rows, EmbeddedLine)] == ["one", "two"]
    (reject,) = only(rows, Reject)
    assert (reject.record_id, reject.reason) == ("book:file", "too_many_pages")


def test_a_page_tree_that_names_one_page_many_times_is_read_once(tmp_path: Path) -> None:
    document = pages("one", "two")
    path = tmp_path / "tree.pdf"
    document.save(path)
    second = f"{document.page_xref(1)} 0 R"
    kids = path.read_bytes().replace(second.encode() + b"]", f"{second} ".encode() * 50 + b"]")
    path.write_bytes(kids.replace(b"/Count 2", b"/Count 51"))
    rows = read_file(path, tmp_path, max_pages=20)
    assert [line.text for line in only(rows, EmbeddedLine)] == ["one", "two"]


def test_pages_that_vanish_while_reading_make_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "count.pdf"
    pages("one", "two").save(path)
    path.write_bytes(path.read_bytes().replace(b"/Kids", b"/Kudz").replace(b"trailer", b"trauler"))
    (last,) = only(read_file(path, tmp_path), Reject)[-1:]
    assert (last.record_id, last.reason) == ("book", "damaged")


def nested_forms(levels: int, draws: int) -> pymupdf.Document:
    """A page with forms that draw each other: ``draws`` ** ``levels`` squares."""
    document = pages("honest text")
    page = document[0]
    resources = int(document.xref_get_key(page.xref, "Resources")[1].split()[0])
    inner = 0
    for level in range(levels + 1):
        xref = document.get_new_xref()
        named = f"/Resources<</XObject<</X {inner} 0 R>>>>" if level else ""
        document.update_object(xref, f"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]{named}>>")
        document.update_stream(xref, b"/X Do " * draws if level else b"0 0 1 1 re f ")
        inner = xref
    document.xref_set_key(resources, "XObject", f"<</X {inner} 0 R>>")
    document.update_stream(page.get_contents()[0], page.read_contents() + b" /X Do")
    return document


def test_forms_that_draw_each_other_without_end_are_not_run(tmp_path: Path) -> None:
    (reject,) = only(read(nested_forms(levels=10, draws=10), tmp_path), Reject)
    assert (reject.record_id, reject.reason) == ("book:p1", "page_too_complex")
    honest = read(nested_forms(levels=2, draws=10), tmp_path)
    assert not only(honest, Reject)
    assert only(honest, EmbeddedLine)[0].text == "honest text"


def packed_content(megabytes: int, layers: int) -> pymupdf.Document:
    """A page whose few stored bytes unpack to megabytes of drawing instructions."""
    document = pages("small")
    data = b"1 1 5 5 re n\n" * (megabytes * 1_000_000 // 13)
    for _ in range(layers):
        data = zlib.compress(data, 9)
    xref = document[0].get_contents()[0]
    document.update_stream(xref, data, compress=False)
    document.xref_set_key(xref, "Filter", f"[{'/FlateDecode' * layers}]")
    return document


def test_content_that_unpacks_beyond_the_limit_is_not_run(tmp_path: Path) -> None:
    for layers in (1, 2):
        rows = read(packed_content(9, layers), tmp_path, max_content_mb=8)
        (reject,) = only(rows, Reject)
        assert (reject.reason, "8 MB" in reject.detail) == ("page_too_complex", True)
    assert not only(read(packed_content(2, 2), tmp_path, max_content_mb=8), Reject)


def test_neither_another_packing_nor_a_name_elsewhere_hides_the_size(tmp_path: Path) -> None:
    document = packed_content(1, 1)
    xref = document[0].get_contents()[0]
    run_lengths = zlib.compress(b"\x81 " * 70_000, 9)  # 128 blanks for two bytes
    document.update_stream(xref, run_lengths, compress=False)
    document.xref_set_key(xref, "Filter", "[/FlateDecode/RunLengthDecode]")
    (reject,) = only(read(document, tmp_path, max_content_mb=8), Reject)
    assert reject.reason == "page_too_complex"
    document = packed_content(9, 1)
    names = document.get_new_xref()
    document.update_object(names, "[/FlateDecode]")
    document.xref_set_key(document[0].get_contents()[0], "Filter", f"{names} 0 R")
    (reject,) = only(read(document, tmp_path, max_content_mb=8), Reject)
    assert reject.reason == "page_too_complex"


def test_parts_of_a_page_that_are_missing_are_passed_over(tmp_path: Path) -> None:
    document = pages("honest text")
    xref = document[0].get_contents()[0]
    document.xref_set_key(document[0].xref, "Contents", f"[{xref} 0 R null 999 0 R (x)]")
    rows = read(document, tmp_path)
    assert not only(rows, Reject)
    assert [line.text for line in only(rows, EmbeddedLine)] == ["honest text"]


def test_forms_nested_without_end_are_too_complex(tmp_path: Path) -> None:
    (reject,) = only(read(nested_forms(levels=1500, draws=1), tmp_path), Reject)
    assert (reject.record_id, reject.reason) == ("book:p1", "page_too_complex")


def test_the_parts_of_a_page_count_together(tmp_path: Path) -> None:
    document = packed_content(3, 1)
    xref = document[0].get_contents()[0]
    document.xref_set_key(document[0].xref, "Contents", f"[{f'{xref} 0 R ' * 4}]")
    (reject,) = only(read(document, tmp_path, max_content_mb=8), Reject)
    assert reject.reason == "page_too_complex"


def test_a_scan_of_2160_points_at_600_dpi_is_read(tmp_path: Path) -> None:
    rows = read(large_scan(side_pt=2160, dpi=600), tmp_path)
    (graphic,) = only(rows, Graphic)
    assert (graphic.width_px, only(rows, Reject)) == (18_000, [])


def test_an_unreadable_document_is_one_reject(tmp_path: Path) -> None:
    rejects = only(read_file("nowhere.pdf", tmp_path), Reject)
    assert [(row.record_id, row.reason) for row in rejects] == [("book", "file_missing")]


def test_encrypted_corpus_file_opens_with_its_password(corpus: Path, tmp_path: Path) -> None:
    rows = read_file(corpus / "features" / "enc_docling_pw.pdf", tmp_path, ("1234",))
    assert only(rows, EmbeddedLine)
    assert not only(rows, Reject)


def test_settings_name_the_bad_field() -> None:
    with pytest.raises(ValueError, match="max_pages"):
        ExtractSettings(max_pages=0)
