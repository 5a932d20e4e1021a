"""The words of one book: the authority on hyphens and OCR slips in its captions.

General word lists do not know dermatofibroma; the book that writes of it does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_TRAILING = re.compile(r"[^\W\d_]+-$")
MAX_WORDS = 400_000  # a book has 20,000 to 60,000; bounds the memory on endless input


class Vocabulary:
    """Counts of the words of a book, hyphenated ones kept whole, case ignored."""

    def __init__(self) -> None:
        """Start empty."""
        self._counts: Counter[str] = Counter()

    @classmethod
    def of(cls, lines: Iterable[str]) -> Vocabulary:
        """Return the vocabulary of text lines; words broken at a line's end are left out."""
        vocabulary = cls()
        for line in lines:
            vocabulary.add(line)
        return vocabulary

    def add(self, line: str) -> None:
        """Count the words of one line, but not its last one when a hyphen breaks it off."""
        text = _TRAILING.sub("", line.strip())
        if len(self._counts) < MAX_WORDS:
            self._counts.update(word.lower() for word in _WORD.findall(text))

    def count(self, word: str) -> int:
        """Return how often the book has a word."""
        return self._counts[word.lower()]
