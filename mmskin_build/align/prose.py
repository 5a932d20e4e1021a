"""Join caption lines into the text a reader would transcribe."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

FULL_STOPS = (".", "!", "?", ")", "]", "”", "»", "'", '"')
# Words no caption ends with, in the languages whose labels are known.
_BEFORE_MORE = re.compile(
    r" (?:an|and|as|at|by|for|from|in|into|is|of|on|or|the|to|was|were|with|which|after|before|"
    r"der|die|das|des|dem|den|ein(?:e[nmrs]?)?|und|oder|mit|von|vom|im|am|zur|zum|"
    r"l[aeo]s?|du|de|et|ou|une?|aux?|avec|dans|sur|el|del|con|en|por|una|al|il|gli|dei|delle|"
    r"della|di|da|nella?|sulla?|uma?|dos?|n[ao]s?|com|em|os)$"
)
VOCABULARY_LIMIT = 200_000  # distinct words remembered of one book
_WORD = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)*")
_LAST_PART = re.compile(r"([^\W\d_]+)[-‐]$")
_FIRST_PART = re.compile(r"[^\W\d_]+")
_SPACES = re.compile(r"\s+")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st",
                            "ﬆ": "st", "\u00a0": " ", "\u2009": " ", "\u200b": ""})  # fmt: skip


def is_finished(text: str) -> bool:
    """Tell whether a text ends as a sentence does."""
    return text.rstrip().endswith(FULL_STOPS)


def breaks_off(text: str) -> bool:
    """Tell whether a text surely goes on: it ends with a hyphen, a comma or a word like 'of'."""
    return text.endswith(("-", "‐", ",", ";")) or bool(_BEFORE_MORE.search(text))


class Vocabulary:
    """The words of a book: decides whether a hyphen at a line end belongs to the word."""

    def __init__(self) -> None:
        """Start without words."""
        self._counts: Counter[str] = Counter()

    def learn(self, lines: Iterable[str]) -> None:
        """Count the words inside lines; words cut by a line end are left out."""
        found: list[str] = []
        for text in lines:
            inside = _WORD.findall(text)
            if inside and text.endswith(("-", "‐", "\u00ad")):
                inside.pop()
            found += inside
        words = [word.lower() for word in found]
        if len(self._counts) + len(words) > VOCABULARY_LIMIT:
            words = [word for word in words if word in self._counts]
        self._counts.update(words)

    def keeps_hyphen(self, left: str, right: str) -> bool:
        """Tell whether the hyphen between two parts of a broken word is real."""
        left, right = left.lower(), right.lower()
        joined = self._counts.get(left + right, 0)
        hyphened = self._counts.get(f"{left}-{right}", 0)
        if joined or hyphened:
            return hyphened > joined
        # Both parts are words of their own and neither is a mere syllable.
        return (
            len(left) > 2
            and len(right) > 2
            and self._counts.get(left, 0) > 1
            and self._counts.get(right, 0) > 1
        )


def join_lines(texts: Sequence[str], vocabulary: Vocabulary) -> str:
    """Return the running text of lines, dehyphenated, ligatures expanded."""
    result = ""
    for text in texts:
        part = text.translate(_LIGATURES).strip()
        if not part:
            continue
        result = _append(result, part, vocabulary)
    return _SPACES.sub(" ", result.replace("\u00ad", "")).strip()


def _append(result: str, part: str, vocabulary: Vocabulary) -> str:
    if not result:
        return part
    if result.endswith("\u00ad"):
        return result[:-1] + part
    left = _LAST_PART.search(result)
    if left:
        right = _FIRST_PART.match(part)
        if right is None:
            return result + part if part[0].isdigit() else f"{result} {part}"
        if part[0].isupper() or vocabulary.keeps_hyphen(left[1], right[0]):
            return result + part
        return result[:-1] + part
    if result[-1] in "–—/" or (result[-1] == "-" and not result.endswith(" -")):
        return result + part
    return f"{result} {part}"
