"""Label words no list knows, and bare numbers, learned from a book: they count up at pictures."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mmskin_build.align.layout import Style, style_of
from mmskin_build.records import TextLine

LEAST_NUMBERS = 4  # different numbers at pictures
LEAST_LEVELS = 3  # different heights at which they stand
AT_ART_SHARE = 0.6  # of all lines that start this way
RISING_SHARE = 0.8  # of the steps from one number to the next go up
LARGEST = 1.06  # of the body's type size; headings are larger
LONELY_SHARE = 0.5  # of the lines have nothing after the number
BARE_PARTS = 2  # of a number without word: 4 counts anything, 4.12.1 a section
FOLLOWED_CHARS = 12  # a label stands alone or before some words

_ANY = re.compile(
    r"^(?P<word>(?:[^\W\d_]{1,14}\.?)?)(?P<gap>[\s-]?)"
    r"(?P<number>\d{1,3}(?:[.\-–]\d{1,3}){0,2})[a-z]?(?P<mark>[.:|]?)(?:\s|$)"
)
_PARTS = re.compile(r"[.\-–]")

RunningKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Start:
    """How a line starts that may begin with a label.

    Attributes:
        word: the label word; '' for a bare number, which may have one capital before it: F4.7.
        printed: the number as printed.
        alone: nothing follows in the line.
    """

    word: str
    printed: str
    alone: bool

    @property
    def number(self) -> tuple[int, ...]:
        """Return the number as something that counts up."""
        return tuple(
            int(part) for part in _PARTS.split(self.printed.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        )


def start_of(text: str) -> Start | None:
    """Return how a line starts when that may be a label."""
    match = _ANY.match(text)
    if match is None or 0 < len(text) - match.end() < FOLLOWED_CHARS:
        return None
    word, number = match["word"], match["number"]
    if len(word) == 1 and word.isupper() and word.isascii() and not match["gap"]:
        word, number = "", word + number
    elif not word and len(_PARTS.split(number)) != BARE_PARTS:
        return None
    return Start(word, number, match.end() == len(text))


@dataclass(frozen=True, slots=True)
class _Seen:
    start: Start
    at_art: bool
    lonely: bool  # nothing follows in its block
    running: RunningKey | None
    level: tuple[int, float]  # its page and baseline


@dataclass(frozen=True, slots=True)
class LabelHabit:
    """A way in which labels of a book begin: the word, how they are set, their numbers."""

    word: str
    style: Style
    numbers: Sequence[str]


class LabelWords:
    """Watches how lines at pictures begin; knows in the end which beginnings are labels."""

    def __init__(self) -> None:
        """Start without a line."""
        self._seen: dict[tuple[str, Style], list[_Seen]] = {}

    def see(
        self, line: TextLine, start: Start, where: tuple[bool, bool], running: RunningKey | None
    ) -> None:
        """Note a line without known label that opens a paragraph.

        Args:
            line: the line.
            start: how it begins.
            where: whether it stands at a picture; whether nothing follows in its block.
            running: what would repeat if it were a running head.
        """
        at_art, lonely = where
        seen = self._seen.setdefault((start.word, style_of(line)), [])
        seen.append(_Seen(start, at_art, lonely, running, (line.page, line.bbox[3])))

    def found(self, body: Style, running: Collection[RunningKey]) -> list[LabelHabit]:
        """Return the label words with the style and numbers of their lines; '' is no word."""
        kept = {
            key: [s for s in seen if s.running is None or s.running not in running]
            for key, seen in self._seen.items()
        }
        marked = {s.start.printed for seen in kept.values() for s in seen if s.at_art and s.lonely}
        habits = []
        for (word, style), seen in kept.items():
            if style.size > LARGEST * body.size or not _counts_up(seen, marked):
                continue
            if len({s.level for s in seen}) < LEAST_LEVELS:
                continue  # the ticks of an axis, the heads of a table
            if sum(s.lonely for s in seen) > LONELY_SHARE * len(seen):
                continue  # numbers that name pictures; their captions stand elsewhere
            habits.append(LabelHabit(word, style, [s.start.printed for s in seen]))
        return habits


def _counts_up(seen: Sequence[_Seen], marked: Collection[str]) -> bool:
    """Tell whether the numbers at pictures, or repeated at one, are most of them and rise."""
    close = [s for s in seen if s.at_art or (not s.lonely and s.start.printed in marked)]
    numbers = [s.start.number for s in close]
    if len(set(numbers)) < LEAST_NUMBERS or len(close) < AT_ART_SHARE * len(seen):
        return False
    steps = [b > a for a, b in pairwise(numbers)]
    return sum(steps) >= RISING_SHARE * len(steps)
