"""Ages said as decades ('in her sixties', 'a septuagenarian') and as days of life."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from mmskin_build.demographics.mentions import Age, sentence_around
from mmskin_build.demographics.numbers import NUMBER, UNIT, in_years, number, ordinal
from mmskin_build.demographics.people import compiled, speaks_in_general

# 'in her sixties', "in my 30s", 'in his late 50s or early 60s', 'in the third decade',
# 'a septuagenarian', 'a 50-something man'
_TENS = "teens|twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties"
_PART = r"(?:(?:early|mid|middle|late)(?:\s*(?:to|or|/|-|–)\s*(?:early|mid|late)\b)?[\s-]*)"
_NTH = r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d{1,2}(?:st|nd|rd|th)"
_DECADE = compiled(
    rf"\b(?:in\s+(?:(?P<whose>his|her|their|my|the)\s+)?(?P<part>{_PART})?"
    rf"(?:(?P<digits>[1-9]0)[’']?s\b|(?P<word>{_TENS})\b|(?P<nth>{_NTH})\s+decade)"
    rf"(?:\s*(?:to|or|and|-|–)\s*{_PART}?(?:(?P<digits2>[1-9]0)[’']?s\b|(?P<word2>{_TENS})\b))?"
    r"|(?P<arian>sexagenarian|septuagenarian|octogenarian|nonagenarian|centenarian|quinquagenarian|"
    r"quadragenarian)|(?P<something>[2-9]0)-something)",
    0,
)
# 'day of life 8', 'third day of life', '2 h after birth', 'on 13 days of age'
_LIFE = compiled(
    rf"\b(?:(?P<unit1>day|week|month)s?\s+of\s+life\s*:?\s*(?P<n1>\d{{1,3}})"
    rf"|(?P<nth>{_NTH})\s+(?P<unit2>day|week|month|year)s?\s+(?:of|after)\s+(?:life|birth)"
    rf"|(?P<n3>{NUMBER})\s*(?P<unit3>{UNIT})\s+"
    r"(?:of\s+life|after\s+(?:birth|delivery)|post-?natal(?:ly)?))",
    0,
)
_ARIANS = {"quadr": 40, "quinq": 50, "sexag": 60, "septu": 70, "octog": 80, "nonag": 90}
_DECADES = {w: 10 * i for i, w in enumerate(_TENS.split("|"), 1)}
_PAST_EVENT = compiled(
    r"\b(?:had|underwent|undergone|since|began|started|diagnosed|developed|onset)\b"
)
_BEGINNING_BEFORE = compiled(
    r"\b(?:since|from|until|before|after|began|begun|beginning|started?|starting|onset|noticed|"
    r"appear(?:ed|ing)?|developed|arose|diagnosed|treated|within|during|first\s+seen)"
    r"(?:\s+(?:at|on|in|by|about|around|the|her|his))*\s*$"
)
_LIFE_WORDS = {"life", "birth", "postnatal", "postnatally", "delivery", "natal"}
_DECADE_KEYS = {
    *_DECADES, "s", "decade", "something", "sexagenarian", "octogenarian", "nonagenarian",
    "septuagenarian", "quinquagenarian", "quadragenarian", "centenarian",
}  # fmt: skip


def find_decades(text: str, low: str, words: Set[str]) -> Iterator[Age]:
    """Yield decades of life said of the patient; ``low`` is the text in lower case."""
    if not words.isdisjoint(_DECADE_KEYS):
        yield from (_decade(m) for m in _DECADE.finditer(low) if _is_patient(text, m))


def find_days_of_life(text: str, low: str, words: Set[str]) -> Iterator[Age]:
    """Yield ages counted from birth; 'since the first day of life' is the history."""
    if not words.isdisjoint(_LIFE_WORDS):
        for m in _LIFE.finditer(low):
            if not _BEGINNING_BEFORE.search(text[max(0, m.start() - 40) : m.start()]):
                yield _life(m)


def _is_patient(text: str, m: re.Match[str]) -> bool:
    begin, finish = sentence_around(text, m.start(), m.end())
    if m["arian"] or m["something"]:
        return not speaks_in_general(text[begin:finish])
    if m["digits"] and m["whose"] in (None, "the") and not m["part"]:
        return False  # 'in the 80s' is a date
    if m["whose"] == "the" and m["word"]:
        return False
    if _PAST_EVENT.search(text[begin : m.start()]):
        return False
    plural = m["whose"] == "their" or m["nth"]
    return not (plural and speaks_in_general(text[begin:finish]))


def _decade(m: re.Match[str]) -> Age:
    if m["arian"]:
        low = float(_ARIANS.get(m["arian"][:5], 100))
    elif m["nth"]:
        low = 10.0 * (ordinal(m["nth"]) - 1)
    else:
        low = _tens(m["digits"] or m["something"], m["word"])
    last = _tens(m["digits2"], m["word2"]) if m["digits2"] or m["word2"] else low
    first = 13.0 if low == 10 and m["word"] else low  # the teens begin at thirteen
    return Age(first, max(low, last) + 9, m.start(), m.end(), "decade")


def _tens(digits: str | None, word: str | None) -> float:
    return float(digits) if digits else float(_DECADES[word or "teens"])


def _life(m: re.Match[str]) -> Age:
    if m["n1"]:
        value, unit = float(m["n1"]), m["unit1"]
    elif m["nth"]:
        value, unit = float(ordinal(m["nth"]) - 1), m["unit2"]
    else:
        value, unit = number(m["n3"]), m["unit3"]
    years = in_years(value, unit)
    return Age(years, years, m.start(), m.end(), "life")
