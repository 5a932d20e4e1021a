"""The size of a line, from words of which some are hard to measure."""

from mmskin_build.ocr.line_building import MeasuredLine
from mmskin_build.ocr.tesseract import Word
from mmskin_build.ocr.type_measures import WordType


def test_words_full_of_tall_letters_do_not_decide_the_size_of_a_line() -> None:
    words = (Word((0, 0, 70, 20), "Discoid", 0.95, 0), Word((80, 0, 130, 20), "lupus", 0.95, 0))
    line = MeasuredLine(words, (WordType(12.8, 0.1), WordType(9.1, 0.1)))
    assert line.size_px == 9.1
