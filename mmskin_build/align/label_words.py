"""Label words no list knows, learned from a book: numbers that count up at its pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from mmskin_build.align.layout import Style, style_of
from mmskin_build.records import TextLine

LEAST_NUMBERS = 4  # different numbers at pictures
AT_ART_SHARE = 0.6  # of all lines that start this way
RISING_SHARE = 0.8  # of the steps from one number to the next go up
LARGEST = 1.06  # of the body's type size; headings are larger
FOLLOWED_CHARS = 12  # a label stands alone or before some words

_ANY = re.compile(
    r"^(?P<word>(?:[^\W\d_]{1,14}\.?)?)(?P<gap>[\s-]?)"
    r"(?P<number>\d{1,3}(?:[.\-–]\d{1,3}){0,2})[a-z]?(?P<mark>[.:|]?)(?:\s|$)"
)


@dataclass
class _Seen:
    """The lines of a book that start with one word and a number, all set in one style."""

    lines: int = 0
    numbers: list[tuple[int, ...]] = field(default_factory=list)  # at pictures, in page order
    printed: list[str] = field(default_factory=list)


class LabelWords:
    """Watches how lines at pictures begin; knows in the end which beginnings are labels."""

    def __init__(self) -> None:
        """Start without a line."""
        self._seen: dict[tuple[str, Style], _Seen] = {}

    def see(self, line: TextLine, at_art: bool) -> None:
        """Note a line without known label that opens a paragraph."""
        match = _ANY.match(line.text)
        if match is None or 0 < len(line.text) - match.end() < FOLLOWED_CHARS:
            return
        compound = any(mark in match["number"] for mark in ".-–")
        if not match["word"] and not compound:
            return
        seen = self._seen.setdefault((match["word"], style_of(line)), _Seen())
        seen.lines += 1
        if at_art:
            seen.numbers.append(tuple(int(part) for part in re.split(r"[.\-–]", match["number"])))
            seen.printed.append(match["number"])

    def found(self, body: Style) -> list[tuple[str, Style, Sequence[str]]]:
        """Return the label words with the style and numbers of their lines; '' is no word."""
        return [
            (word, style, seen.printed)
            for (word, style), seen in self._seen.items()
            if _counts_up(seen) and style.size <= LARGEST * body.size
        ]


def _counts_up(seen: _Seen) -> bool:
    different = len(set(seen.numbers))
    if different < LEAST_NUMBERS or len(seen.numbers) < AT_ART_SHARE * seen.lines:
        return False
    steps = [b > a for a, b in pairwise(seen.numbers)]
    return sum(steps) >= RISING_SHARE * len(steps)
