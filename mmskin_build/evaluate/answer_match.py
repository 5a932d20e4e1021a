"""When a free-text answer to a closed or a choice question counts as right."""

from __future__ import annotations

import re

_YES_NO = ("yes", "no")


def normalised(answer: str) -> str:
    """Return the answer in lower case, without punctuation at its borders or doubled spaces."""
    words = re.findall(r"\w+(?:[-'./]\w+)*", answer.lower())
    return " ".join(words)


def is_right(kind: str, predicted: str, reference: str) -> bool:
    """Judge one answer.

    A yes/no answer is judged by its first word; every other answer must be the reference, or
    begin with it. A reference found somewhere inside a longer answer does not count: "not a
    naevus" must not score for "naevus".
    """
    ours, theirs = normalised(predicted), normalised(reference)
    first = theirs.split(" ")[0]
    if kind == "closed" and first in _YES_NO:
        return ours.split(" ")[0] == first
    if not theirs:
        return not ours
    return ours == theirs or (kind != "open" and ours.startswith(theirs + " "))
