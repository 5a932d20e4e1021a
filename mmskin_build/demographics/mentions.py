"""One mention of an age in a text, and the sentence around a mention."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Age:
    """One mention: age range in years, its place in the text, and how it was said."""

    low: float
    high: float
    start: int
    end: int
    kind: str  # 'old', 'aged', 'of', 'decade', 'life', 'letter'


_SENTENCE_START = re.compile(r"[.!?]\s+(?=[A-Z(])")
_SENTENCE_STOP = re.compile(r"[.!?](?:\s|$)")


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence that holds ``text[start:end]``."""
    begin = max((m.end() for m in _SENTENCE_START.finditer(text[:start])), default=0)
    stop = _SENTENCE_STOP.search(text[end:])
    return begin, end + stop.end() if stop else len(text)
