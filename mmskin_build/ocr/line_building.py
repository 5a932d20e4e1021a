"""From recognised words to text lines in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mmskin_build.geometry import Box, union
from mmskin_build.ocr.page_image import PageImage
from mmskin_build.ocr.reading_order import Piece, ordered
from mmskin_build.ocr.tesseract import Word
from mmskin_build.ocr.type_measures import BOLD_RATIO, TypeMeasurer, WordType
from mmskin_build.ocr.word_cleaning import by_line, mended
from mmskin_build.records import TextLine

SPLIT_GAP_EM = 1.6  # white between words of one line; more is a column gap or a table
LEAD_WORDS = 2
BOLD_WORD_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class MeasuredLine:
    """The words of one line on the upright image, with their types."""

    words: tuple[Word, ...]
    types: tuple[WordType, ...]

    @property
    def box(self) -> Box:
        """The box around the words, in pixels."""
        return union(word.box for word in self.words)

    @property
    def size_px(self) -> float:
        """The usual type size of the words."""
        sizes = [t.size_px for t in self.types if t.size_px]
        return float(np.median(sizes)) if sizes else (self.box[3] - self.box[1])

    @property
    def confidence(self) -> float:
        """Mean confidence, weighted by the length of the words."""
        weights = [len(word.text) for word in self.words]
        return float(np.average([word.confidence for word in self.words], weights=weights))

    @property
    def text(self) -> str:
        """The words with blanks between them."""
        return mended([word.text for word in self.words])


def joined(lines: Sequence[MeasuredLine]) -> MeasuredLine:
    """Return pieces of one line as one line."""
    return MeasuredLine(
        tuple(word for line in lines for word in line.words),
        tuple(kind for line in lines for kind in line.types),
    )


def measured_lines(words: Sequence[Word], measurer: TypeMeasurer) -> list[MeasuredLine]:
    """Return tesseract's lines, cut where the white between words is a column gap."""
    lines = []
    for line in by_line(words):
        members = sorted(line, key=lambda w: w.box[0])
        whole = MeasuredLine(tuple(members), tuple(measurer.measure(w) for w in members))
        lines += _cut(whole)
    return lines


def _cut(line: MeasuredLine) -> list[MeasuredLine]:
    limit = SPLIT_GAP_EM * line.size_px
    starts = [
        i
        for i in range(1, len(line.words))
        if line.words[i].box[0] - line.words[i - 1].box[2] > limit
    ]
    edges = [0, *starts, len(line.words)]
    return [MeasuredLine(line.words[a:b], line.types[a:b]) for a, b in pairwise(edges)]


def text_lines(place: tuple[str, int], image: PageImage, words: Sequence[Word]) -> list[TextLine]:
    """Return the page's lines in reading order; ``place`` is the source_id and the page."""
    measurer = TypeMeasurer(image.grey)
    lines = measured_lines(words, measurer)
    pieces = [Piece(line.box, line.size_px, (i,)) for i, line in enumerate(lines)]
    strokes = [t.stroke for line in lines for t in line.types if t.stroke]
    bold_from = BOLD_RATIO * float(np.median(strokes)) if strokes else float("inf")
    angle = round(image.writing_angle() / 90) * 90 % 360
    rows: list[TextLine] = []
    for block, paragraph in enumerate(ordered(pieces)):
        for piece in paragraph:
            line = joined([lines[i] for i in piece.indexes])
            rows.append(_row((*place, len(rows), block), line, image, (bold_from, measurer, angle)))
    return rows


def _row(
    place: tuple[str, int, int, int],
    line: MeasuredLine,
    image: PageImage,
    style: tuple[float, TypeMeasurer, int],
) -> TextLine:
    bold_from, measurer, angle = style
    heavy = [t.stroke > bold_from for t in line.types]
    lead = heavy[:LEAD_WORDS]
    return TextLine(
        source_id=place[0],
        page=place[1],
        line=place[2],
        block=place[3],
        bbox=image.box_in_points(line.box),
        text=line.text,
        font="",
        size_pt=round(line.size_px / image.px_per_pt, 1),
        bold=sum(heavy) > BOLD_WORD_SHARE * len(heavy),
        italic=measurer.slanted(line.words),
        color=0,
        lead_bold=all(lead),
        lead_color=0,
        angle=angle,
        origin="ocr",
        confidence=round(line.confidence, 3),
    )
