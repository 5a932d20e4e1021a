"""From recognised words to text lines in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from mmskin_build.geometry import Box, union
from mmskin_build.ocr.page_image import PageImage
from mmskin_build.ocr.reading_order import Piece, ordered
from mmskin_build.ocr.tesseract import Word
from mmskin_build.ocr.type_measures import (
    LOW_LETTERS,
    TypeMeasurer,
    WordType,
    bold_words,
    snapped,
    weighted_median,
)
from mmskin_build.ocr.word_cleaning import by_line, mended, starts_caption
from mmskin_build.records import TextLine

SPLIT_GAP_EM = 1.6  # white between words of one line; more is a column gap or a table
GUTTER_GAP_EM = 0.8  # white that may be a gutter when other lines begin at its end
GUTTER_GAP_RATIO = 1.8  # the same, against the usual blank of the line
ALIGNED_EM = 0.4  # how exactly lines of a column begin under each other
ALIGNED_REACH_EM = 6.0  # how far up and down lines are asked
LEVEL_SHARE = 0.7  # of the height of pictures that stand side by side
GUTTER_PASSES = 2  # a line that was cut tells its neighbours where their column begins
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

    def starts_caption(self, index: int = 0) -> bool:
        """Tell whether a printed label such as 'Fig. 3' stands at a word of the line."""
        pair = self.words[index : index + 2]
        return len(pair) == 2 and starts_caption(pair[0].text, pair[1].text)

    @property
    def letters(self) -> int:
        """The number of characters."""
        return sum(len(word.text) for word in self.words)

    @property
    def size_px(self) -> float:
        """The usual type size of the words; those with small letters tell it best."""
        sizes = [kind.size_px for kind in self.types]
        weights = [sum(c in LOW_LETTERS for c in word.text) + 0.1 for word in self.words]
        return weighted_median(sizes, weights) or (self.box[3] - self.box[1])

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


def measured_lines(
    words: Sequence[Word], measurer: TypeMeasurer, pictures: Sequence[Box] = ()
) -> list[MeasuredLine]:
    """Return tesseract's lines, cut where the white between words is a column gap.

    Wide gaps are cut; narrow ones only where other lines, or a picture and another line, begin
    at the same place: the gutter of a book may be hardly wider than a loosely set blank.
    """
    lines = []
    for line in by_line(words):
        members = sorted(line, key=lambda w: w.box[0])
        whole = MeasuredLine(tuple(members), tuple(measurer.measure(w) for w in members))
        limit = SPLIT_GAP_EM * whole.size_px
        lines += _cut(whole, [i for i, gap in enumerate(_gaps(whole), 1) if gap > limit])
    for _ in range(GUTTER_PASSES):
        starts = [(line.box[0], line.box[1]) for line in lines]
        starts += [(line.words[i].box[0], line.box[1]) for line in lines for i in _broad(line)]
        lines = [piece for line in lines for piece in _cut(line, _gutters(line, starts, pictures))]
    return lines


def _gaps(line: MeasuredLine) -> list[float]:
    return [b.box[0] - a.box[2] for a, b in pairwise(line.words)]


def _cut(line: MeasuredLine, starts: Sequence[int]) -> list[MeasuredLine]:
    edges = [0, *starts, len(line.words)]
    return [MeasuredLine(line.words[a:b], line.types[a:b]) for a, b in pairwise(edges)]


def _broad(line: MeasuredLine) -> list[int]:
    """Return the words of a line before which there is more white than in the rest of it."""
    gaps = _gaps(line)
    if not gaps:
        return []
    limit = max(GUTTER_GAP_EM * line.size_px, GUTTER_GAP_RATIO * float(np.median(gaps)))
    return [i for i, gap in enumerate(gaps, 1) if gap >= limit]


def _gutters(
    line: MeasuredLine, starts: Sequence[tuple[float, float]], pictures: Sequence[Box]
) -> list[int]:
    """Return the words of a line that begin another column."""
    size, broad = line.size_px, _broad(line)
    reach = ALIGNED_REACH_EM * size
    close = [b for b in pictures if b[1] - reach < line.box[3] and line.box[1] < b[3] + reach]
    between = _between(close)
    found = []
    for i in range(1, len(line.words)):
        x, top = line.words[i].box[0], line.box[1]
        near = sum(
            abs(start - x) < ALIGNED_EM * size and 0 < abs(y - top) < ALIGNED_REACH_EM * size
            for start, y in starts
        )
        at_picture = any(abs(box[0] - x) < 2 * ALIGNED_EM * size for box in close)
        white = (line.words[i - 1].box[2], x)
        labelled = line.starts_caption(i)
        slack = GUTTER_GAP_EM * size if labelled else 0.0
        parted = (i in broad or labelled) and any(
            white[0] - slack < middle < white[1] + slack for middle in between
        )
        if (near >= 2 and i in broad) or (near >= 1 and at_picture) or parted:
            found.append(i)
    return found


def _between(pictures: Sequence[Box]) -> list[float]:
    """Return the middles of the gaps between pictures that stand side by side."""
    middles = []
    for a in pictures:
        for b in pictures:
            level = min(a[3], b[3]) - max(a[1], b[1])
            if a[2] <= b[0] and level > LEVEL_SHARE * min(a[3] - a[1], b[3] - b[1]):
                middles.append((a[2] + b[0]) / 2)
    return middles


def text_lines(
    place: tuple[str, int],
    image: PageImage,
    found: tuple[Sequence[Word], Sequence[Box]],
    gutter: float | None = None,
) -> list[TextLine]:
    """Return the page's lines in reading order.

    Args:
        place: the source_id and the page.
        image: the upright page.
        found: the words and the boxes of pictures on it, in pixels.
        gutter: x of the fold when the image shows two book pages: the left one is read first.
    """
    measurer = TypeMeasurer(image.grey)
    lines = measured_lines(found[0], measurer, found[1])
    pieces = [
        Piece(line.box, line.size_px, (i,), line.starts_caption()) for i, line in enumerate(lines)
    ]
    paragraphs = [
        [joined([lines[i] for i in piece.indexes]) for piece in paragraph]
        for side in _sides(pieces, gutter)
        for paragraph in ordered(side)
    ]
    styles = _styles(paragraphs, measurer)
    angle = round(image.writing_angle() / 90) * 90 % 360
    rows: list[TextLine] = []
    for block, paragraph in enumerate(paragraphs):
        for line in paragraph:
            style = replace(styles[len(rows)], angle=angle)
            rows.append(_row((*place, len(rows), block), line, image, style))
    return rows


def _sides(pieces: Sequence[Piece], gutter: float | None) -> list[list[Piece]]:
    if gutter is None:
        return [list(pieces)]
    sides: list[list[Piece]] = [[], []]
    for piece in pieces:
        sides[int(piece.box[0] + piece.box[2] > 2 * gutter)].append(piece)
    return sides


@dataclass(frozen=True, slots=True)
class LineStyle:
    """How one line is set."""

    size_px: float
    bold: bool
    lead_bold: bool
    italic: bool
    angle: int = 0


def _styles(
    paragraphs: Sequence[Sequence[MeasuredLine]], measurer: TypeMeasurer
) -> list[LineStyle]:
    """Return the style of every line; lines of one paragraph have one size."""
    sizes = [
        weighted_median([line.size_px for line in p], [float(line.letters) for line in p])
        for p in paragraphs
    ]
    sizes = snapped(sizes, [sum(line.letters for line in p) for p in paragraphs])
    heavy = iter(bold_words([t for p in paragraphs for line in p for t in line.types]))
    styles = []
    for size, paragraph in zip(sizes, paragraphs, strict=True):
        for line in paragraph:
            bold = [next(heavy) for _ in line.words]
            whole = sum(bold) > BOLD_WORD_SHARE * len(bold)
            lead = all(bold[:LEAD_WORDS])
            styles.append(LineStyle(size, whole, lead, measurer.slanted(line.words)))
    return styles


def _row(
    place: tuple[str, int, int, int], line: MeasuredLine, image: PageImage, style: LineStyle
) -> TextLine:
    return TextLine(
        source_id=place[0],
        page=place[1],
        line=place[2],
        block=place[3],
        bbox=image.box_in_points(line.box),
        text=line.text,
        font="",
        size_pt=round(style.size_px / image.px_per_pt, 1),
        bold=style.bold,
        italic=style.italic,
        color=0,
        lead_bold=style.lead_bold,
        lead_color=0,
        angle=style.angle,
        origin="ocr",
        confidence=round(line.confidence, 3),
    )
