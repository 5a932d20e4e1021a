"""Two book pages on one scan: find the fold between them.

A landscape page with a white strip in its middle may be a spread of two pages or one page in two
columns. It is a spread when the fold shows as a band of shadow or light from the head to the foot,
when both sides carry folios that follow each other, or when the strip is as wide as the inner
margins of two pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mmskin_build.geometry import Box, area, union
from mmskin_build.ocr.tesseract import Word
from mmskin_build.ocr.word_cleaning import by_line

Pixels = npt.NDArray[np.uint8]
Profile = npt.NDArray[np.float64]

SPREAD_ASPECT = 1.15  # width against height of two pages side by side, at least
MIDDLE = (0.42, 0.58)  # of the width: where the fold lies
CENTRE = (0.46, 0.54)  # where the white between two pages has its middle
MIN_STRIP = 0.012  # of the width: white between both pages, where the fold shows
MIN_SIDE_WORDS = 8
MIN_SIDE_PICTURE = 0.02  # of the scan's area
FOLD_PX = 600  # height at which the fold is looked for
FOLD_BANDS = 10  # a page is looked at in bands; the first and the last are its margins
FOLD_SHARE = 0.5  # of the bands; beside pictures the fold does not show
FOLD_CONTRAST = 0.05  # of the brightness of the paper on both sides
FOLD_REACH = 0.08  # of the width: from the fold to paper without its shadow
MIN_FOLD_PX = 3  # a printed rule or a streak of the scanner is thinner
PAPER_PERCENTILE = 80
BARE_BANDS = 0.9  # quantile of the bands' brightness that is paper
CROSSING = 0.01  # of the width: what reaches further over the fold lies on both pages
CROSSING_LETTERS = 0.02  # of all, misread in the shadow
EDGE = 0.12  # of the height: where folios stand
INNER_MARGINS = 0.65  # of both outer margins: width of the white between two pages
MIN_INNER = 0.05  # of the width
MIN_OUTER = 0.03
OUTERMOST = 0.02  # of words and pictures may stand further out than the margin
MIN_COLUMN_WORDS = 40  # on each side, to measure margins

_FOLIO = re.compile(r"^\W*(\d{1,4})\W*$")


@dataclass(frozen=True, slots=True)
class Fold:
    """A band of shadow or light down the middle of a scan, in shares of its width."""

    x: float
    shade: Profile  # brightness of the paper from x - FOLD_REACH to x + FOLD_REACH, at most 1

    def shade_of(self, wide: int) -> Profile:
        """Return the brightness of the paper in every column of an image."""
        places = np.linspace(self.x - FOLD_REACH, self.x + FOLD_REACH, len(self.shade))
        return np.interp((np.arange(wide) + 0.5) / wide, places, self.shade, 1.0, 1.0)


def find_fold(grey: Pixels) -> Fold | None:
    """Return the fold that shows on an upright scan; None without one.

    A rule between two columns is dark as well, but ends with the text: a fold goes on through
    the margins at the head and the foot of the page.
    """
    high, wide = grey.shape
    if wide < SPREAD_ASPECT * high:
        return None
    size = (round(wide * FOLD_PX / high), FOLD_PX)
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    bands = np.array_split(small, FOLD_BANDS)
    paper = np.stack([np.percentile(band, PAPER_PERCENTILE, axis=0) for band in bands])
    reach = round(FOLD_REACH * size[0])
    columns = np.arange(round(MIDDLE[0] * size[0]), round(MIDDLE[1] * size[0]))
    sides = np.stack([paper[:, columns - reach], paper[:, columns + reach]])
    for dark in (True, False):
        level = sides.min(axis=0) if dark else sides.max(axis=0)
        apart = paper[:, columns] / np.maximum(level, 1.0) - 1
        shows = (-apart if dark else apart) > FOLD_CONTRAST
        through = (shows.mean(axis=0) >= FOLD_SHARE) & shows[0] & shows[-1]
        run = _longest_run(through)
        if run[1] - run[0] >= MIN_FOLD_PX:
            middle = int(columns[0]) + (run[0] + run[1]) // 2
            shade = _shade(paper, middle, reach)
            return Fold((middle + 0.5) / size[0], shade if dark else np.ones_like(shade))
    return None


def _longest_run(flags: npt.NDArray[np.bool_]) -> tuple[int, int]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    runs = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))


def _shade(paper: Profile, middle: int, reach: int) -> Profile:
    """Return the brightness of the paper about the fold; in most bands pictures may hide it."""
    part = paper[:, middle - reach : middle + reach + 1]
    level = np.maximum(part[:, :1], part[:, -1:])
    return np.minimum(1.0, np.quantile(part / np.maximum(level, 1.0), BARE_BANDS, axis=0))


def find_gutter(
    fold: Fold | None, shape: tuple[int, int], words: Sequence[Word], pictures: Sequence[Box]
) -> float | None:
    """Return the x between two pages on an upright scan; None on every other scan.

    A picture or words across the middle make the scan one page: what spans the fold belongs
    to both sides.

    Args:
        fold: what shows of the fold.
        shape: height and width of the scan in pixels.
        words: what was read on it.
        pictures: the boxes of the pictures on it.
    """
    high, wide = shape
    if wide < SPREAD_ASPECT * high:
        return None
    if fold is not None and _both_sides(fold.x * wide, words, pictures, high * wide):
        return None if _crossed(fold.x * wide, words, pictures, wide) else fold.x * wide
    strip = _white_strip([*(w.box for w in words), *pictures], wide)
    if strip is None:
        return None
    middle = (strip[0] + strip[1]) / 2
    if not CENTRE[0] * wide < middle < CENTRE[1] * wide:
        return None
    if not _both_sides(middle, words, pictures, high * wide):
        return None
    two = _folios_follow(words, strip, high) or _inner_margins(words, pictures, strip, wide)
    return middle if two else None


def _crossed(x: float, words: Sequence[Word], pictures: Sequence[Box], wide: int) -> bool:
    reach = CROSSING * wide
    if any(box[0] < x - reach and box[2] > x + reach for box in pictures):
        return True
    letters = sum(len(word.text) for word in words)
    over = sum(len(w.text) for w in words if w.box[0] < x - reach and w.box[2] > x + reach)
    return over > CROSSING_LETTERS * letters


def _white_strip(boxes: Sequence[Box], wide: int) -> tuple[float, float] | None:
    """Return the widest strip about the middle that no box reaches into."""
    first, last = MIDDLE[0] * wide, MIDDLE[1] * wide
    edges = sorted((box[0], box[2]) for box in boxes)
    reached, best = 0.0, (0.0, 0.0)
    for left, right in [*edges, (float(wide), float(wide))]:
        start, end = max(reached, first), min(left, last)
        if end - start > best[1] - best[0]:
            best = (start, end)
            whole = (reached, left)
        reached = max(reached, right)
    return whole if best[1] - best[0] >= MIN_STRIP * wide else None


def _both_sides(middle: float, words: Sequence[Word], pictures: Sequence[Box], size: float) -> bool:
    """Tell whether there is something to read or see on both sides."""
    for side in (False, True):
        read = sum((word.box[0] > middle) == side for word in words)
        seen = sum(area(box) for box in pictures if (box[0] + box[2] > 2 * middle) == side)
        if read < MIN_SIDE_WORDS and seen < MIN_SIDE_PICTURE * size:
            return False
    return True


def _folios_follow(words: Sequence[Word], strip: tuple[float, float], high: int) -> bool:
    """Tell whether numbers at the head or the foot of both sides follow each other."""
    sides: tuple[set[int], set[int]] = (set(), set())
    for line in _in_sides(words, strip):
        box = union(word.box for word in line)
        if EDGE * high < box[3] and box[1] < (1 - EDGE) * high:
            continue
        for word in (line[0], line[-1]):
            number = _FOLIO.match(word.text)
            if number:
                sides[int(box[0] > strip[0])].add(int(number[1]))
    return any(number + 1 in sides[1] for number in sides[0])


def _in_sides(words: Sequence[Word], strip: tuple[float, float]) -> list[list[Word]]:
    """Return the lines of the words, those that go on over the strip cut there."""
    found = []
    for line in by_line(words):
        for side in (False, True):
            part = [word for word in line if (word.box[0] > strip[0]) == side]
            if part:
                found.append(sorted(part, key=lambda word: word.box[0]))
    return found


def _inner_margins(
    words: Sequence[Word], pictures: Sequence[Box], strip: tuple[float, float], wide: int
) -> bool:
    """Tell a strip as wide as two inner margins from the white between two columns."""
    sides = [sum((w.box[0] > strip[0]) == side for w in words) for side in (False, True)]
    if min(sides) < MIN_COLUMN_WORDS:
        return False
    boxes = [*(word.box for word in words), *pictures]
    left = float(np.quantile([box[0] for box in boxes], OUTERMOST))
    right = wide - float(np.quantile([box[2] for box in boxes], 1 - OUTERMOST))
    inner = strip[1] - strip[0]
    outer = max(left, MIN_OUTER * wide) + max(right, MIN_OUTER * wide)
    return inner >= MIN_INNER * wide and inner >= INNER_MARGINS * outer
