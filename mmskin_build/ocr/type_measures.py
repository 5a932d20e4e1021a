"""Type size, weight and slant of recognised words, measured on the page image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mmskin_build.geometry import Box
from mmskin_build.ocr.tesseract import Word

Pixels = npt.NDArray[np.uint8]

ASCENDING = frozenset("bdfhkltßABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ÄÖÜÉÈÁÍÓÚÑ!?()[]/&%$|")
DESCENDING = frozenset("gjpqyçQ,;()[]/|$")
LOW_LETTERS = frozenset("acegmnopqrsuvwxyz")  # as high as an x; they tell the size of a word
X_HEIGHT_EM, CAP_HEIGHT_EM, DESCENT_EM = 0.45, 0.68, 0.21  # of common text faces
DENSE_SHARE = 0.5  # of a word's fullest rows: the rows between baseline and x-height
MIN_SIZED_LETTERS = 3
BOLD_RATIO = 1.28  # stroke width against that of ordinary words of about this size
SAME_SIZE = 0.12  # relative difference of words that are asked for the ordinary stroke
MIN_SAME_SIZE_WORDS = 12
SNAP = 0.06  # type sizes closer than this are one size
ITALIC_SLANTS = (-0.05, 0.0, 0.05, 0.1, 0.15, 0.2, 0.25)  # shift per unit of height
ITALIC_FROM = 0.045  # mean over a line's longest words; upright type stays below .03
ITALIC_WORDS = 4
INK_REACH_PX = 15
MIN_CONTRAST = 40  # grey levels between paper and print
MIN_ITALIC_LETTERS = 4


@dataclass(frozen=True, slots=True)
class WordType:
    """The type one word is set in; ``stroke`` is the stem width as a share of the size."""

    size_px: float
    stroke: float


class TypeMeasurer:
    """Measures words of one page image."""

    def __init__(self, grey: Pixels) -> None:
        """Part ink from paper."""
        self._ink = ink_mask(grey)

    def measure(self, word: Word) -> WordType:
        """Return size and stroke of a word."""
        size = self._size(word) or size_from_letters(word.text, word.box[3] - word.box[1])
        part = self._part(word.box)
        # Runs of ink along the rows: each begins where ink follows paper.
        runs = np.count_nonzero(part[:, 1:] & ~part[:, :-1]) + np.count_nonzero(part[:, :1])
        stroke = np.count_nonzero(part) / runs if runs else 0.0
        return WordType(size, stroke / size if size else 0.0)

    def _part(self, box: Box) -> npt.NDArray[np.bool_]:
        x0, y0, x1, y1 = (max(0, round(v)) for v in box)
        return self._ink[y0:y1, x0:x1]

    def _size(self, word: Word) -> float:
        """Return the type size from the dense band of rows that small letters share.

        Tesseract's boxes will not do: they are often as high as the line, or higher.
        """
        x0, y0, x1, y1 = (max(0, round(v)) for v in word.box)
        if sum(c.islower() for c in word.text) < MIN_SIZED_LETTERS or y1 <= y0 or x1 <= x0:
            return 0.0
        rows = self._ink[y0:y1, x0:x1].mean(axis=1)
        dense = np.flatnonzero(rows > DENSE_SHARE * np.sort(rows)[-max(1, len(rows) // 5)])
        return float(dense[-1] - dense[0] + 1) / X_HEIGHT_EM if len(dense) else 0.0

    def slanted(self, words: Sequence[Word]) -> bool:
        """Tell italic words: their stems line up after shearing them back."""
        longest = sorted(words, key=lambda w: -len(w.text))[:ITALIC_WORDS]
        votes = [self._slant(word) for word in longest if len(word.text) >= MIN_ITALIC_LETTERS]
        return bool(votes) and float(np.mean(votes)) >= ITALIC_FROM

    def _slant(self, word: Word) -> float:
        x0, y0, x1, y1 = (max(0, round(v)) for v in word.box)
        part = self._ink[y0:y1, x0:x1].astype(np.float32)
        if part.size == 0:
            return 0.0
        high = part.shape[0]
        margin = high // 3 + 2
        part = cv2.copyMakeBorder(part, 0, 0, margin, margin, cv2.BORDER_CONSTANT)
        # Blurred first, because the interpolation of the shear would blur all but the unsheared.
        part = cv2.GaussianBlur(part, (0, 0), 1.2)
        scores = []
        for slant in ITALIC_SLANTS:
            shear = np.array([[1.0, slant, -slant * high / 2], [0.0, 1.0, 0.0]])
            sheared = cv2.warpAffine(part, shear, (part.shape[1], high), flags=cv2.INTER_CUBIC)
            scores.append(float(np.square(np.diff(sheared.sum(axis=0))).sum()))
        return ITALIC_SLANTS[int(np.argmax(scores))]


def weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    """Return the value below which half of the weight lies; 0 when there is no weight."""
    total, reached = sum(weights), 0.0
    for value, weight in sorted(zip(values, weights, strict=True)):
        reached += weight
        if reached > 0 and reached >= total / 2:
            return value
    return 0.0


def bold_words(types: Sequence[WordType]) -> list[bool]:
    """Tell which words of a page are bold: heavier than most words of about their size."""
    sizes = np.array([kind.size_px for kind in types])
    strokes = np.array([kind.stroke for kind in types])
    known = (strokes > 0) & (sizes > 0)
    if not known.any():
        return [False] * len(types)
    usual = float(np.median(strokes[known]))
    bold = []
    for size, stroke in zip(sizes, strokes, strict=True):
        near = known & (np.abs(sizes - size) <= SAME_SIZE * size)
        many = near.sum() >= MIN_SAME_SIZE_WORDS
        ordinary = float(np.median(strokes[near])) if many else usual
        bold.append(bool(stroke > BOLD_RATIO * ordinary))
    return bold


def snapped(sizes: Sequence[float], letters: Sequence[int]) -> list[float]:
    """Return type sizes with those that differ by measuring errors only made equal."""
    modes: list[float] = []
    for _, size in sorted(zip(letters, sizes, strict=True), reverse=True):
        if not any(abs(size - mode) <= SNAP * mode for mode in modes):
            modes.append(size)
    return [min(modes, key=lambda mode: abs(mode - size)) for size in sizes]


def ink_mask(grey: Pixels) -> npt.NDArray[np.bool_]:
    """Return where the page is darker than half-way between its paper and its ink nearby."""
    near = np.ones((INK_REACH_PX, INK_REACH_PX), np.uint8)
    paper = cv2.blur(cv2.dilate(grey, near), (2 * INK_REACH_PX, 2 * INK_REACH_PX))
    ink = cv2.erode(grey, near)
    clear = cv2.compare(cv2.subtract(paper, ink), MIN_CONTRAST, cv2.CMP_GT)
    # Nearer to ink than to paper; 8 bits will do, because a difference below 0 becomes 0.
    to_ink, to_paper = cv2.subtract(grey, ink), cv2.subtract(paper, grey)
    del paper, ink
    dark = cv2.compare(to_ink, to_paper, cv2.CMP_LT)
    return np.asarray(cv2.bitwise_and(dark, clear) > 0, np.bool_)


def size_from_letters(text: str, high: float) -> float:
    """Return the type size of a word from its height and the letters it is made of."""
    letters = [c for c in text if c.isalnum()]
    if not letters:
        return 0.0
    up = CAP_HEIGHT_EM if any(c in ASCENDING for c in text) else X_HEIGHT_EM
    down = DESCENT_EM if any(c in DESCENDING for c in text) else 0.0
    return high / (up + down)
