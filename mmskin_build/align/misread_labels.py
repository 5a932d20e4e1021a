"""Label words that OCR misread, known by the other labels of their book.

"Pate 1.4" at a picture is "Plate 1.4" in a book that labels its figures so and has a Plate 1.3 or
1.5 but no other 1.4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from mmskin_build.records import TextLine

LEAST_LABELS = 3  # that are printed with a word before others may be misread for it
SHORT_WORD = 5  # letters up to which one letter may be wrong, in longer words two
GAP = 2  # to the next number that was read: the one between may be lost

_START = re.compile(
    r"^(?P<word>[^\W_]{2,14})\.?\s?(?P<number>\d{1,3}(?:[.\-–]\d{1,3}){0,2})(?!\d|%)"
)
_PARTS = re.compile(r"[.\-–]")


class MisreadLabels:
    """Watches how recognised lines at pictures begin; knows in the end which words are misread."""

    def __init__(self) -> None:
        """Start without a line."""
        self._seen: set[tuple[str, str]] = set()

    def see(self, line: TextLine) -> None:
        """Note a line without known label that opens a paragraph at a picture."""
        match = _START.match(line.text) if line.origin == "ocr" else None
        if match is not None and match["word"][0].isupper() and not match["word"].isdigit():
            self._seen.add((match["word"], match["number"]))

    def found(self, words: Mapping[str, int], numbers: Collection[str]) -> dict[str, str]:
        """Return the label word that was meant, by misread word.

        Args:
            words: how often each label word of the book was read well.
            numbers: the numbers of these labels.
        """
        known = sorted((w for w, n in words.items() if n >= LEAST_LABELS), key=lambda w: -words[w])
        read = {_parts(number) for number in numbers}
        meant = {}
        for word, number in sorted(self._seen):
            like = next((w for w in known if _misread(word, w)), "")
            if like and _fits(_parts(number), read):
                meant[word] = like
        return meant


def _misread(word: str, meant: str) -> bool:
    from rapidfuzz.distance import Levenshtein

    most = 1 if len(meant) <= SHORT_WORD else 2
    return 0 < Levenshtein.distance(word.lower(), meant.lower()) <= most


def _parts(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in _PARTS.split(number) if part.isdigit())


def _fits(number: tuple[int, ...], read: Collection[tuple[int, ...]]) -> bool:
    """Tell a number that is missing among others: the next one before or after it was read."""
    if not number or number in read:
        return False
    near = range(number[-1] - GAP, number[-1] + GAP + 1)
    return any((*number[:-1], last) in read for last in near)
