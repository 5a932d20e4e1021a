"""Two book pages on one scan: find the fold between them.

A landscape page with a white strip in its middle may be a spread of two pages or one page in two
columns. It is a spread when the fold shows as a band of shadow or light, when both sides carry
folios that follow each other, or when the strip is as wide as the inner margins of two pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mmskin_build.geometry import Box, area, union
from mmskin_build.ocr.tesseract import Word
from mmskin_build.ocr.word_cleaning import by_line

Pixels = npt.NDArray[np.uint8]

SPREAD_ASPECT = 1.15  # width against height of two pages side by side, at least
MIDDLE = (0.42, 0.58)  # of the width: where the fold lies
CENTRE = (0.46, 0.54)  # where the white between two pages has its middle
MIN_STRIP = 0.012  # of the width: white between both pages, where the fold shows
MIN_SIDE_WORDS = 8
MIN_SIDE_PICTURE = 0.02  # of the scan's area
FOLD_PX = 600  # height at which the fold is looked for
FOLD_BANDS = 10  # a page is looked at in bands; the fold goes through nearly all
FOLD_SHARE = 0.8
FOLD_CONTRAST = 0.05  # of the paper's brightness
FOLD_REACH = 0.03  # of the width, beyond the middle, in which its paper is measured
STRIP_EDGE_PX, MIN_FOLD_PX = 2, 5
PAPER_PERCENTILE = 80
EDGE = 0.12  # of the height: where folios stand
INNER_MARGINS = 0.65  # of both outer margins: width of the white between two pages
MIN_INNER = 0.05  # of the width
MIN_OUTER = 0.03
OUTERMOST = 0.02  # of words and pictures may stand further out than the margin
MIN_COLUMN_WORDS = 40  # on each side, to measure margins

_FOLIO = re.compile(r"^\W*(\d{1,4})\W*$")


def find_gutter(grey: Pixels, words: Sequence[Word], pictures: Sequence[Box]) -> float | None:
    """Return the x of the fold on an upright scan of two pages; None on every other scan.

    A picture or a word across the middle makes the scan one page: what spans the fold belongs
    to both sides.
    """
    high, wide = grey.shape
    if wide < SPREAD_ASPECT * high:
        return None
    strip = _white_strip([*(w.box for w in words), *pictures], wide)
    if strip is None or not _both_sides(strip, words, pictures, high * wide):
        return None
    fold = _fold(grey, strip)
    if fold is not None:
        return fold
    middle = (strip[0] + strip[1]) / 2
    if not CENTRE[0] * wide < middle < CENTRE[1] * wide:
        return None
    two = _folios_follow(words, strip, high) or _inner_margins(words, pictures, strip, wide)
    return middle if two else None


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


def _both_sides(
    strip: tuple[float, float], words: Sequence[Word], pictures: Sequence[Box], size: float
) -> bool:
    """Tell whether there is something to read or see on both sides of a strip."""
    middle = (strip[0] + strip[1]) / 2
    for side in (0, 1):
        read = sum((word.box[0] > middle) == bool(side) for word in words)
        seen = sum(area(box) for box in pictures if (box[0] > middle) == bool(side))
        if read < MIN_SIDE_WORDS and seen < MIN_SIDE_PICTURE * size:
            return False
    return True


def _fold(grey: Pixels, strip: tuple[float, float]) -> float | None:
    """Return where the shadow or the light of a fold runs down through the strip.

    A rule between two columns is dark as well, but ends with the text: a fold goes on through
    the margins at the head and the foot of the page.
    """
    factor = FOLD_PX / grey.shape[0]
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    wide = small.shape[1]
    first = round(max(strip[0] * factor, (MIDDLE[0] - FOLD_REACH) * wide)) + STRIP_EDGE_PX
    last = round(min(strip[1] * factor, (MIDDLE[1] + FOLD_REACH) * wide)) - STRIP_EDGE_PX
    if last - first < MIN_FOLD_PX:
        return None
    bands = np.array_split(small[:, first:last], FOLD_BANDS)
    paper = np.stack([np.percentile(band, PAPER_PERCENTILE, axis=0) for band in bands])
    usual = np.median(paper, axis=1, keepdims=True)
    apart = paper / np.maximum(usual, 1.0) - 1
    for sign in (-1, 1):
        shows = sign * apart > FOLD_CONTRAST
        through = (shows.mean(axis=0) >= FOLD_SHARE) & shows[0] & shows[-1]
        if through.any():
            strength = np.where(through, sign * apart.mean(axis=0), 0.0)
            return float((first + int(np.argmax(strength)) + 0.5) / factor)
    return None


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
