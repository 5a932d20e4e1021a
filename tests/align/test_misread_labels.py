"""Labels that OCR misread are known by the other labels of their book."""

from pathlib import Path

import pytest

from mmskin_build.align.settings import AlignSettings
from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import Page, Pair, ScanRegion, Source, TextLine
from stages.align import STAGE

BOX = (60.0, 100.0, 360.0, 300.0)
CAPTION = "Red plaques with silvery scale over both elbows."


def line(page: int, text: str, top: float, origin: str) -> TextLine:
    box = (60.0, top, 60.0 + 5 * len(text), top + 9)
    style = ("", 9.0, False, False, 0, False, 0, 0)
    return TextLine("book", page, 0, 0, box, text, *style, origin, 0.95)


def pairs(
    folder: Path, starts: list[str], origin: str = "ocr", caption: str = CAPTION
) -> list[Pair]:
    """Pair a book with one picture a page, its caption below beginning as given."""
    found = MemoryContext(folder, [Source("book", str(folder / "book.pdf"), "0" * 64)])
    for page, start in enumerate(starts, 1):
        found.add([Page("book", page, 420.0, 600.0, 0, "ocr", 0.95, 0.0, None)])
        found.add([ScanRegion("book", page, BOX, 0.9)])
        found.add([line(page, f"{start} {caption}", 306.0, origin)])
    found.run(STAGE, AlignSettings(write_images=False))
    return list(found.rows(Pair))


def labels(folder: Path, starts: list[str], origin: str = "ocr") -> list[str]:
    found = pairs(folder, starts, origin)
    return [pair.label for pair in found if pair.caption == CAPTION]


@pytest.mark.parametrize("read", ["Pate 1.4.", "Piate 1.4.", "Plale 1.4.", "Flate 1.4."])
def test_a_misread_label_is_one_where_its_number_is_missing(tmp_path: Path, read: str) -> None:
    starts = ["Plate 1.1.", "Plate 1.2.", "Plate 1.3.", read, "Plate 1.5."]
    assert labels(tmp_path, starts) == ["1.1", "1.2", "1.3", "1.4", "1.5"]


@pytest.mark.parametrize("read", ["Pate 7.4.", "Pate 1.3.", "Page 1.4.", "Cause 1.4."])
def test_other_words_and_numbers_out_of_order_are_no_label(tmp_path: Path, read: str) -> None:
    starts = ["Plate 1.1.", "Plate 1.2.", "Plate 1.3.", read, "Plate 1.5."]
    assert labels(tmp_path, starts) == ["1.1", "1.2", "1.3", "1.5"]


def test_printed_text_is_taken_as_it_is(tmp_path: Path) -> None:
    starts = ["Plate 1.1.", "Plate 1.2.", "Plate 1.3.", "Pate 1.4.", "Plate 1.5."]
    assert "1.4" not in labels(tmp_path, starts, origin="embedded")


def test_a_comma_at_the_end_of_a_scanned_caption_is_its_full_stop(tmp_path: Path) -> None:
    starts = [f"Plate {number}." for number in range(1, 6)]
    read = pairs(tmp_path, starts, caption=f"{CAPTION[:-1]},")
    assert min(pair.score for pair in read) > 0.9
    printed = pairs(tmp_path, starts, "embedded", f"{CAPTION[:-1]},")
    assert max(pair.score for pair in printed) < 0.8
