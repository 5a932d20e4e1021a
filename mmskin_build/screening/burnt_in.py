"""Personal data written into a picture: names, hospital numbers and dates of birth or of the shot.

Few pictures carry text, so tesseract runs only where components stand in rows as letters do, on
those rows alone, and on several pictures at once: its start takes longer than its reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmskin_build.ocr.tesseract import Layout, RecognitionError, latin_language, read_pictures
from mmskin_build.screening.marks import look_at
from mmskin_build.screening.personal_data import find_personal_data
from mmskin_build.screening.writing import Writing, writing_of

TIMEOUT_S = 20.0  # for one picture; a batch gets BATCH_S more for each further one
BATCH_S = 2.0
UNREAD = "unread"

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_NAMED = r"(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*"
_GAP = r" ?[./\-:] ?"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # No calendar is asked: a misread digit still leaves the shape of a date.
    ("date", re.compile(r"(?<![\d.])\d{1,2}([./\-]) ?\d{1,2} ?\1 ?(?:\d{4}|\d\d)(?![\d.])")),
    ("date", re.compile(r"(?<![\d.])\d{1,2}[./\-:]\d{1,2}[./\-:](?:19|20)\d\d(?!\d)")),
    ("date", re.compile(rf"(?<!\d){_YEAR}{_GAP}{_MONTH}{_GAP}{_DAY}(?!\d)")),
    ("date", re.compile(rf"(?<!\d){_YEAR}([./\-])\d{{1,2}}\1\d{{1,2}}(?!\d)")),
    ("date", re.compile(rf"(?<!\d){_DAY}[ .-]?{_NAMED}[ .,'-]*(?:{_YEAR}|\d\d)(?!\d)", re.I)),
    ("date", re.compile(rf"\b{_NAMED}[ .]*{_DAY},? *{_YEAR}(?!\d)", re.I)),
    ("date", re.compile(rf"(?<!\d)'\d\d +{_MONTH} +{_DAY}(?!\d)")),  # a camera's stamp
    ("birth", re.compile(r"\b(?:D\.?O\.?B|birth|geb(?:oren)?\.?(?= ?\d))", re.I)),
    (
        "number",
        re.compile(
            r"\b(?:MRN|UHID|NHS|SSN|I[Dd]|Pat(?:ient)?|Hosp(?:ital)?|Acc(?:ession)?|Case|Reg|Chart"
            r"|File)\b\.?(?: ?(?:[Ii][Dd]|[Nn]o\.?|[Nn]r\.?|[Nn]umber|#))?[ :.#]*"
            r"[A-Z]{0,3}-?\d[\d/ -]{2,}\d"
        ),
    ),
    # Ending in three zeros it is a number at an axis.
    ("number", re.compile(r"(?<![\d.,])(?!\d+000(?!\d))\d{7,10}(?![\d.,])")),
    ("number", re.compile(r"(?<![\d.,])\d{4,}[ ,/]+(?:[MF]\b|\d{1,3} ?[Yy](?:[rs]|ea|\b))")),
    ("name", re.compile(r"\b(?:Patient(?:'?s)? ?)?[Nn]ame ?[:=] ?[A-Z][A-Za-z]+")),
    ("name", re.compile(r"\bPat(?:ient)? ?[:=] ?[A-Z][A-Za-z]+")),
    ("number", re.compile(r"\bN[or]\b\.?[ :.#]*[§$S]?\d{5,}")),  # whatever word stands before it
    ("name", re.compile(r"\bPat(?:ient)? [A-Z][a-z]+, ?[A-Z]")),
    # As DICOM viewers write it; the caret is read as an apostrophe, an asterisk and so on.
    ("name", re.compile(r"\b[A-Z]{2,}(?:\^|(?<=[A-Z]{3})[*'‘’“”\"`\\])[A-Z]{2,}")),
)


@dataclass(frozen=True, slots=True)
class BurntIn:
    """Kinds of personal data found, sorted, and where all the text that was read stands.

    The kind UNREAD says that there is writing which could not be read.
    """

    kinds: tuple[str, ...] = ()
    boxes: tuple[tuple[int, int, int, int], ...] = ()  # x0, y0, x1, y1 in pixels


def read_burnt_in(image: np.ndarray) -> BurntIn:
    """Read what is written into a BGR picture and say which personal data it holds.

    The words themselves are not returned: a table that quoted a name would publish it.
    """
    return read_writing(writing_of(image, look_at(image)))


def read_writing(writing: Writing | None) -> BurntIn:
    """Read the writing of one picture; what cannot be read is UNREAD."""
    if writing is None:
        return BurntIn()
    try:
        return read_writings([writing])[0]
    except RecognitionError:  # too slow or failed: nobody can say that it holds no name
        return BurntIn((UNREAD,), writing.boxes)


def read_writings(writings: Sequence[Writing]) -> list[BurntIn]:
    """Read the writing of several pictures, each as if it were alone.

    Raises:
        RecognitionError: one of them, nobody knows which, is too slow or cannot be read.
    """
    if not writings:
        return []
    layout = Layout(latin_language(), 150, column=True)
    timeout = TIMEOUT_S + BATCH_S * (len(writings) - 1)
    read = read_pictures([w.strips for w in writings], layout, timeout)
    found = []
    for writing, words in zip(writings, read, strict=True):
        lines: dict[int, list[str]] = {}
        for word in words:
            lines.setdefault(word.line, []).append(word.text)
        kinds = personal_kinds([" ".join(line) for line in lines.values()])
        found.append(BurntIn(kinds, writing.boxes if kinds else ()))
    return found


def personal_kinds(lines: list[str]) -> tuple[str, ...]:
    """Return the kinds of personal data in lines of text from a picture, sorted."""
    text = "\n".join(lines)
    found = {kind for kind, pattern in _PATTERNS if pattern.search(text)}
    found |= {p.kind for line in lines for p in find_personal_data(line)} - {"contact"}
    return tuple(sorted(found))
