"""Order pieces of lines as a reader would: columns, headings across them, then paragraphs.

Works on any boxes with a type size, y downwards; nothing here knows about pixels or points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mmskin_build.geometry import Box, height, union, width

MIN_GUTTER_EM = 0.2  # white between two columns
REJOIN_GAP_EM = 3.0  # pieces of one line, in one column, are closer than this
MIN_STRETCH = 3  # lines a stretch with two columns has at least
PARAGRAPH_LEADING = 1.3  # a gap this much above the usual one starts a paragraph
PARAGRAPH_SIZE_RATIO = 1.22
MIN_COLUMN_EM = 5.0  # width of a column of text
MIN_COLUMN_LINES = 1.7  # height of a column in lines: more than one
MIN_LEVEL_LINES = 3  # lines level with each other in narrower columns
MIN_SIZED_EM = 4.0  # shorter lines tell little about their type size
GUTTER_CANDIDATES = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to be put in order; ``indexes`` are its numbers in the caller's list.

    What ``starts`` a caption goes on with nothing left of it.
    """

    box: Box
    size: float
    indexes: tuple[int, ...]
    starts: bool = False


def ordered(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces in reading order, as paragraphs; pieces of one line become one."""
    if not pieces:
        return []
    return [
        paragraph
        for column in _columns(list(pieces))
        for paragraph in _paragraphs(_rejoined(column))
    ]


def _columns(pieces: list[Piece]) -> list[list[Piece]]:
    """Return stretches of lines that stand under each other, in reading order."""
    gutter = _gutter(pieces)
    if gutter is None:
        return [_downwards(pieces)]
    found: list[list[Piece]] = []
    for band in _bands(pieces, gutter):
        left = [piece for piece in band if _middle_of(piece) <= gutter]
        right = [piece for piece in band if _middle_of(piece) > gutter]
        if len(band) == len(pieces) and not (left and right):
            return [_downwards(band)]
        if any(_parts(piece, gutter, pieces) for piece in band):
            found.append(_downwards(band))
            continue
        found += [column for side in (left, right) if side for column in _columns(side)]
    return found


def _downwards(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces line by line, each line from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=_level):
        if rows and _same_level(rows[-1][-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [piece for row in rows for piece in sorted(row, key=lambda p: p.box[0])]


def _level(piece: Piece) -> float:
    return (piece.box[1] + piece.box[3]) / 2


def _middle_of(piece: Piece) -> float:
    return (piece.box[0] + piece.box[2]) / 2


def _parts(piece: Piece, gutter: float, pieces: Sequence[Piece]) -> bool:
    """Tell a line across the gutter from one set between two columns that go on beside it."""
    if not _crosses(piece, gutter):
        return False
    level = [other for other in pieces if other is not piece and _same_level(piece, other)]
    before = any(other.box[2] <= piece.box[0] for other in level)
    after = any(other.box[0] >= piece.box[2] for other in level)
    return not (before and after)


def _crosses(piece: Piece, gutter: float) -> bool:
    return piece.box[0] < gutter < piece.box[2]


def _bands(pieces: list[Piece], gutter: float) -> list[list[Piece]]:
    """Cut at the lines across the gutter; those that follow each other stay together."""
    bands: list[list[Piece]] = []
    across_before: bool | None = None
    for piece in sorted(pieces, key=_level):
        across = _parts(piece, gutter, pieces)
        if across_before and not across and _ends_paragraph(piece, bands[-1], pieces):
            bands[-1].append(piece)
            continue
        if across != across_before:
            bands.append([])
            across_before = across
        bands[-1].append(piece)
    return bands


def _ends_paragraph(piece: Piece, band: list[Piece], pieces: list[Piece]) -> bool:
    """Tell the short last line of a paragraph that runs across the columns."""
    last = band[-1]
    size = max(last.size, 1e-6)
    follows = 0.5 * size < piece.box[1] - last.box[1] < 1.7 * size
    aligned = abs(piece.box[0] - last.box[0]) < 1.5 * size or _is_centred(piece, last)
    alone = not any(_same_level(piece, other) for other in pieces if other is not piece)
    return follows and aligned and alone


def _is_centred(piece: Piece, over: Piece) -> bool:
    offset = (piece.box[0] + piece.box[2] - over.box[0] - over.box[2]) / 2
    return abs(offset) < over.size


def _same_level(a: Piece, b: Piece) -> bool:
    shared = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    return shared > 0.4 * min(height(a.box), height(b.box))


def _rejoined(column: list[Piece]) -> list[Piece]:
    """Return the column with pieces of one line put together again.

    Loosely justified lines were cut like column gaps; within a column they are whole.
    """
    rows: list[Piece] = []
    for piece in column:
        if rows and _same_level(rows[-1], piece):
            first, second = sorted((rows[-1], piece), key=lambda p: p.box[0])
            gap = second.box[0] - first.box[2]
            if gap < REJOIN_GAP_EM * max(first.size, second.size) and not second.starts:
                box = union((first.box, second.box))
                size = max((first, second), key=lambda p: width(p.box)).size
                rows[-1] = Piece(box, size, first.indexes + second.indexes, first.starts)
                continue
        rows.append(piece)
    return rows


def _gutter(pieces: list[Piece]) -> float | None:
    """Return the x of the white strip that parts most lines to its two sides, if there is one.

    Lines may cross it: they part the stretch into bands, and only bands with lines on both
    sides count. A picture with its caption beside a few lines of a page is such a band.
    """
    if len(pieces) < MIN_STRETCH:
        return None
    left = np.array([piece.box[0] for piece in pieces])
    right = np.array([piece.box[2] for piece in pieces])
    size = float(np.median([piece.size for piece in pieces]))
    best, best_score = None, 0.0
    for start in _candidates(left):
        x = start - MIN_GUTTER_EM * size / 2
        score = sum(_parted(band, x) for band in _bands(pieces, x))
        if score > best_score:
            best, best_score = _middle(left, right, x), score
    return best


def _parted(band: list[Piece], x: float) -> float:
    """Return the height of lines on the lesser side of a gutter; 0 when it is none here."""
    left = [piece for piece in band if piece.box[2] <= x]
    right = [piece for piece in band if piece.box[0] >= x]
    if not left or not right or len(left) + len(right) < max(MIN_STRETCH, len(band)):
        return 0.0
    if not _side_by_side(left, right):
        return 0.0
    return min(sum(height(p.box) for p in side) for side in (left, right))


def _candidates(left: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
    """Return the left edges that lines share most, as possible starts of a column."""
    edges = np.unique(np.round(left, 0))[1:]
    step = max(1, len(edges) // GUTTER_CANDIDATES)
    return [float(edge) for edge in edges[::step]]


def _middle(
    left: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    right: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    x: float,
) -> float:
    start = float(left[left >= x].min())
    end = float(right[right <= x].max())
    return (start + end) / 2 if end < start else x


def _side_by_side(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Tell columns from indents and from the ends of loosely set lines.

    Columns are wide and share some height; narrow ones, as in tables, have lines level with
    each other.
    """
    a, b = union(p.box for p in left), union(p.box for p in right)
    line = float(np.median([height(p.box) for p in (*left, *right)]))
    if min(a[3], b[3]) <= max(a[1], b[1]) or min(height(a), height(b)) < MIN_COLUMN_LINES * line:
        return False
    wide = min(float(np.median([_letters_wide(p) for p in side])) for side in (left, right))
    if wide >= MIN_COLUMN_EM:
        return True
    return sum(any(_same_level(p, q) for q in right) for p in left) >= MIN_LEVEL_LINES


def _paragraphs(column: list[Piece]) -> list[list[Piece]]:
    gaps = [b.box[1] - a.box[1] for a, b in pairwise(column)]
    paragraphs = [[column[0]]]
    for before, piece, gap in zip(column, column[1:], gaps, strict=False):
        if _starts_paragraph(before, piece, gap, _usual(gaps, column, piece.size)):
            paragraphs.append([])
        paragraphs[-1].append(piece)
    return paragraphs


def _letters_wide(piece: Piece) -> float:
    return width(piece.box) / max(piece.size, 1e-6)


def _usual(gaps: Sequence[float], column: Sequence[Piece], size: float) -> float:
    """Return the usual distance of lines of about this size in the column."""
    near = [
        gap
        for gap, piece in zip(gaps, column[1:], strict=True)
        if 0.85 < piece.size / max(size, 1e-6) < 1.18 and 0.7 * size < gap < 2.2 * size
    ]
    return float(np.median(near)) if near else 1.25 * size


def _starts_paragraph(before: Piece, piece: Piece, gap: float, usual: float) -> bool:
    ratio = piece.size / max(before.size, 1e-6)
    differs = max(ratio, 1 / max(ratio, 1e-6)) > PARAGRAPH_SIZE_RATIO
    if differs and min(_letters_wide(before), _letters_wide(piece)) > MIN_SIZED_EM:
        return True
    if gap > PARAGRAPH_LEADING * usual:
        return True
    shared = min(before.box[2], piece.box[2]) - max(before.box[0], piece.box[0])
    return shared <= 0 and width(piece.box) > 0 and gap > 0.5 * usual
