from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest
from scan_maker import CAPTION, PICTURE, context, dithered, line, pixels_of, scanned, typeset

from mmskin_build.errors import ExitCode, MissingDependencyError
from mmskin_build.geometry import iou
from mmskin_build.memory_context import MemoryContext
from mmskin_build.ocr import recognition, tesseract
from mmskin_build.ocr.settings import OcrSettings
from mmskin_build.records import EmbeddedPage, Graphic, Page, ScanRegion, TextLine
from mmskin_build.reject_reasons import RejectReason
from stages.ocr import STAGE


def pages(found: MemoryContext) -> list[Page]:
    return list(found.rows(Page))


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> MemoryContext:
    folder = tmp_path_factory.mktemp("scan")
    found = context(folder, scanned(folder / "book.pdf", pixels_of(typeset()[0]), 0.8))
    found.run(STAGE, OcrSettings(dpi=200))
    return found


def test_scanned_page_is_read_and_its_tilt_reported(scan: MemoryContext) -> None:
    (page,) = pages(scan)
    assert page.text_source == "ocr"
    assert page.skew_deg == pytest.approx(0.8, abs=0.1)
    assert page.ocr_confidence is not None
    assert page.ocr_confidence > 0.85


def test_columns_are_read_one_after_the_other(scan: MemoryContext) -> None:
    lines = list(scan.rows(TextLine))
    assert [row.line for row in lines] == list(range(len(lines)))
    turn = next(i for i, row in enumerate(lines) if row.bbox[0] > 250)
    assert all(row.bbox[0] < 250 for row in lines[:turn])
    assert all(row.bbox[0] > 250 for row in lines[turn:])
    assert turn == 43


def test_caption_is_a_paragraph_of_its_own_with_its_size(scan: MemoryContext) -> None:
    lines = list(scan.rows(TextLine))
    caption = next(row for row in lines if row.text.startswith("Fig"))
    assert caption.text == CAPTION
    assert [row.block for row in lines].count(caption.block) == 1
    body = next(row for row in lines if len(row.text) > 30)
    assert caption.size_pt < body.size_pt == pytest.approx(10.5, rel=0.1)
    assert caption.origin == "ocr"


def test_picture_of_a_scan_becomes_a_region(scan: MemoryContext) -> None:
    (region,) = scan.rows(ScanRegion)
    assert iou(region.bbox, PICTURE) > 0.85


def test_scan_of_black_and_white_dots_is_read_and_its_picture_found(tmp_path: Path) -> None:
    found = context(tmp_path, dithered(tmp_path / "book.pdf", pixels_of(typeset()[0])))
    found.run(STAGE, OcrSettings(dpi=200))
    assert CAPTION in [row.text for row in found.rows(TextLine)]
    (region,) = found.rows(ScanRegion)
    assert iou(region.bbox, PICTURE) > 0.85


@pytest.mark.parametrize(
    "quarter", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_sideways_scan_is_read_with_its_writing_direction(tmp_path: Path, quarter: int) -> None:
    pixels = np.ascontiguousarray(np.rot90(pixels_of(typeset()[0]), quarter))
    found = context(tmp_path, scanned(tmp_path / "book.pdf", pixels))
    found.run(STAGE, OcrSettings(dpi=200))
    caption = next(row for row in found.rows(TextLine) if row.text.startswith("Fig"))
    assert caption.angle == 90 * quarter
    upright = caption.bbox[2] - caption.bbox[0] > caption.bbox[3] - caption.bbox[1]
    assert upright == (quarter == 2)


def test_good_pages_pass_unchanged_without_tesseract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "check_languages", pytest.fail)
    found = context(tmp_path, scanned(tmp_path / "b.pdf", pixels_of(typeset()[0])), "", 0.4)
    rows = [line("A plaque on the arm", number=0), line("of a patient", number=1)]
    found.add(rows)
    found.run(STAGE, OcrSettings())
    assert pages(found)[0].text_source == "embedded"
    assert [as_dict(row) for row in found.rows(TextLine)] == [as_dict(row) for row in rows]


def as_dict(row: TextLine) -> dict[str, Any]:
    return {f.name: getattr(row, f.name) for f in fields(TextLine)}


def test_scan_with_a_hidden_layer_is_read_again_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = scanned(
        tmp_path / "b.pdf", pixels_of(typeset()[0]), hidden="stale hidden words of a layer"
    )
    monkeypatch.setattr(
        recognition,
        "read_words",
        lambda *_: [tesseract.Word((100, 100, 300, 130), "fresh", 0.9, 0)],
    )
    texts = []
    for reread in (True, False):
        found = context(tmp_path, pdf, "")
        found.add([line("stale hidden words of a layer")])
        found.run(STAGE, OcrSettings(dpi=100, reread_scans=reread))
        texts.append([row.text for row in found.rows(TextLine)])
    assert texts == [["fresh"], ["stale hidden words of a layer"]]


def test_visible_text_over_a_background_picture_is_no_scan(tmp_path: Path) -> None:
    pdf = scanned(tmp_path / "b.pdf", pixels_of(typeset()[0]))
    document = pymupdf.open(pdf)
    document[0].insert_text((60, 60), "A slide with words on a picture", fontsize=20)
    document.save(tmp_path / "slide.pdf")
    found = context(tmp_path, tmp_path / "slide.pdf", "")
    found.add([line("A slide with words on a picture")])
    found.run(STAGE, OcrSettings())
    assert pages(found)[0].text_source == "embedded"
    assert not list(found.rows(ScanRegion))


def test_blank_page_has_no_text_and_needs_no_tesseract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "check_languages", pytest.fail)
    blank = np.full((1000, 700, 3), 255, np.uint8)
    found = context(tmp_path, scanned(tmp_path / "b.pdf", blank))
    found.run(STAGE, OcrSettings())
    assert pages(found)[0].text_source == "none"
    assert not found.rejects


def test_failing_page_is_kept_and_rejected_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_: object) -> None:
        raise tesseract.RecognitionError("Tesseract process timeout")

    monkeypatch.setattr(recognition, "read_words", give_up)
    found = context(tmp_path, scanned(tmp_path / "b.pdf", pixels_of(typeset()[0])))
    found.run(STAGE, OcrSettings(dpi=100))
    assert pages(found)[0].text_source == "none"
    (reject,) = found.rejects
    assert (reject.record_id, reject.reason) == ("book:p1", RejectReason.OCR_FAILED)
    assert "timeout" in reject.detail


def test_huge_stored_image_is_never_decoded(tmp_path: Path) -> None:
    found = context(tmp_path, scanned(tmp_path / "b.pdf", pixels_of(typeset()[0])))
    box = (0.0, 0.0, 540.0, 720.0)
    found.add([Graphic("book", 1, box, "raster", "", 60000, 60000, 5, False)])
    found.run(STAGE, OcrSettings())
    assert [r.reason for r in found.rejects] == [RejectReason.OCR_FAILED]
    assert "3600 million" in found.rejects[0].detail


def test_page_that_broke_a_worker_is_left_without_text(tmp_path: Path) -> None:
    found = context(tmp_path, scanned(tmp_path / "b.pdf", pixels_of(typeset()[0])))
    found.enter_page = lambda page: False  # type: ignore[method-assign]
    found.run(STAGE, OcrSettings())
    assert pages(found)[0].text_source == "none"


def test_missing_program_and_language_name_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MissingDependencyError, match="apt-get install tesseract-ocr-xyz-abc"):
        tesseract.check_languages(("xyz_abc",))
    monkeypatch.setenv("PATH", str(tmp_path))
    tesseract._installed_languages.cache_clear()
    with pytest.raises(MissingDependencyError, match="apt-get install tesseract-ocr`") as error:
        tesseract.check_languages(("eng",))
    assert error.value.exit_code is ExitCode.DEPENDENCY
    tesseract._installed_languages.cache_clear()


@pytest.mark.parametrize(
    "wrong",
    [{"languages": ()}, {"dpi": 10}, {"max_megapixels": 0}, {"min_word_confidence": 1.0}],
)
def test_impossible_settings_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        OcrSettings(**wrong)


def test_pages_without_rows_before_them_stay_in_step(tmp_path: Path) -> None:
    found = MemoryContext(tmp_path)
    found.sources = context(tmp_path, scanned(tmp_path / "b.pdf", pixels_of(typeset()[0]))).sources
    found.add(EmbeddedPage("book", n, 540, 720, 0, "", 0.0) for n in (1, 2, 3))
    found.add(
        [
            line("only the third page has a line").__class__(
                **{**as_dict(line("only the third page has a line")), "page": 3}
            )
        ]
    )
    found.run(STAGE, OcrSettings())
    assert [row.page for row in found.rows(TextLine)] == [3]
    assert [page.page for page in pages(found)] == [1, 2, 3]
