"""Numbers and time units as captions write them, turned into years."""

from __future__ import annotations

import re

DAYS_A_YEAR = 365.25
OLDEST = 115.0  # nobody older is believed; larger numbers are not ages

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {w: float(i) for i, w in enumerate(_ONES)} | {
    w: float(10 * i) for i, w in enumerate(_TENS, 2)
}

_ONE = "|".join(sorted(_ONES, key=len, reverse=True))
_TEN = "|".join(_TENS)
#: a number in digits ('3', '2.5', '1½') or in English words ('eighty-three', 'two and a half')
NUMBER = (
    r"(?:\d{1,3}(?:\s1/2\b|[\s-]and[\s-](?:an?[\s-])?half\b|(?:[.,]\d{1,2})?\s?½?)|½"
    r"|(?<!and )(?<!and-)(?<!and a )(?<!and-a-)half(?:[\s-]an?)?"
    rf"|(?:(?:{_TEN})(?:[\s-](?:{_ONE}))?|{_ONE}|one hundred)"
    r"(?:[\s-]and[\s-](?:an?[\s-])?half)?)"
)
#: a time unit; single letters only count where a pattern asks for them in a safe place
UNIT = r"(?:years?|yrs?|y|months?|mths?|mos?|weeks?|wks?|wk|days?|hours?|hrs?|h|d)"

_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
]
_DECADE_NAMES = [
    "teens",
    "twenties",
    "thirties",
    "forties",
    "fifties",
    "sixties",
    "seventies",
    "eighties",
    "nineties",
]
_ARIANS = ["quadrage", "quinquage", "sexage", "septuage", "octoge", "nonage", "cente"]
#: a text without digits and without any of these holds no number
NUMBER_WORDS = frozenset(
    [
        *_ONES,
        *_TENS,
        *_ORDINALS,
        *_DECADE_NAMES,
        "hundred",
        "half",
        *(f"{a}narian" for a in _ARIANS),
    ]
)

_UNIT_YEARS = {"y": 1.0, "m": 1 / 12, "w": 7 / DAYS_A_YEAR, "d": 1 / DAYS_A_YEAR}


_HALF = re.compile(r"\s?(?:½|\s1/2|[\s-]and[\s-](?:an?[\s-])?half)$|^½$")


def number(text: str) -> float:
    """Return the value of a NUMBER match: ``number('eighty-three') == 83``."""
    text = text.lower().strip()
    if text.startswith("half"):
        return 0.5
    text, half_sign = _HALF.subn("", text)
    half = 0.5 if half_sign else 0.0
    if not text:
        return half
    if text[0].isdigit():
        return float(text.replace(",", ".")) + half
    if text == "one hundred":
        return 100.0
    return sum(_WORDS[w] for w in re.split(r"[\s-]+", text)) + half


def in_years(value: float, unit: str | None) -> float:
    """Return a span of time in years, rounded to a tenth of a day; no unit means years."""
    letter = (unit or "y").lower()[0]
    if letter == "h":
        return round(value / 24 / DAYS_A_YEAR, 4)
    return round(value * _UNIT_YEARS[letter], 4)


def ordinal(text: str) -> int:
    """Return 3 for 'third' or '3rd', 0 when it is no ordinal known here."""
    if text.lower() in _ORDINALS:
        return _ORDINALS.index(text.lower()) + 1
    digits = re.match(r"\d+", text)
    return int(digits.group()) if digits else 0
