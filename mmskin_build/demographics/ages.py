"""Ages of depicted patients in English captions, told apart from durations and populations.

A pattern proposes a mention; what stands before and behind it decides whether it is the age of
the person shown. The patterns are grammar (noun phrase, apposition, 'at the age of', decades),
not a list of examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from mmskin_build.demographics.numbers import (
    NUMBER,
    NUMBER_WORDS,
    OLDEST,
    UNIT,
    in_years,
    number,
    ordinal,
)
from mmskin_build.demographics.people import (
    ANIMALS,
    ELDERS,
    OFFSPRING,
    PERSON,
    THINGS,
    compiled,
    speaks_in_general,
    words_of,
)


@dataclass(frozen=True, slots=True)
class Age:
    """One mention: age range in years, its place in the text, and how it was said."""

    low: float
    high: float
    start: int
    end: int
    kind: str  # 'old', 'aged', 'of', 'decade', 'life', 'letter'


_APPROX = r"(?:about|approximately|approx\.?|around|nearly|almost|circa|c\.|~|some)?\s*"
_RANGE = (
    rf"(?:(?P<btw>between\s+)?(?P<lo>\d{{1,3}}(?:[.,]\d)?|{NUMBER}(?=\s+(?:to|or|and)\b))"
    rf"(?:[\s-]*(?P<lou>{UNIT}))?(?:\s*(?:-|–|—)\s*|\s+(?:to|or|(?(btw)and|to))\s+))?"
)
_MORE = (
    rf"(?:[\s,-]*(?:and\s+)?(?P<n2>{NUMBER})[\s-]*(?P<u2>months?|mths?|mos?|weeks?|wks?|days?))?"
)

# '57-year-old', '10-year, 8-month-old', '3 to 5 years old', '13 days of age', '21 y.o.', '57 yo'
_OLD = compiled(
    rf"(?<![\w.,/×-]){_RANGE}(?P<n>{NUMBER})[\s-]*(?:(?P<u>{UNIT})\.?{_MORE}[\s,-]*"
    # '11 mo female', '5 year girl': without 'old' only right before the person
    r"(?:old\b|of\s+age\b|in\s+age\b|(?=(?:[a-z-]+\s)?(?:male|female|boy|girl|man|woman|infant|baby)\b))|(?P<short>y\s?/\s?o|y\.\s?o\b\.?|yo|m/o|mo/o|yrs?\.?\s?o)\b)",
    0,
)
# 'aged 8 years and 1 month', 'age 43', 'at the age of 15', 'ages 3 and 5 years'
_AGED = compiled(
    rf"\b(?P<word>ages?(?:\s+group)?|aged)\b\s*(?:of|:|=|is|was|at)?\s*{_APPROX}{_RANGE}"
    rf"(?P<n>{NUMBER})(?:[\s-]*(?P<u>{UNIT})\b\.?{_MORE})?(?![\w%]|\.\d)",
    0,
)
# 'a woman of 29', 'Man 42y', '(female, 34 years)'
_OF = compiled(
    rf"\b(?P<person>{PERSON})\b(?:\s+patient)?(?P<link>\s+of\s+|\s*[,(:]\s*|\s+){_APPROX}"
    rf"(?P<n>{NUMBER})(?:[\s-]*(?P<u>years?|yrs?|y|months?|mths?|mos?|weeks?|wks?|days?)\b\.?{_MORE})?"
    r"(?=[\s.,;:)\]/]|$)(?!\s*(?:%|×|x\b|mm\b|cm\b|patients|cases|men|women|to\b|–|-|after\b|post|later\b|before\b|"
    r"following\b|ago\b|prior\b|since\b|history\b|follow|of\s|into\b|earlier\b|duration\b|pregnan|gestation|postpartum))",
    0,
)
# 'M/45', '45/M', '(M, 45)', '45 y F', 'F45'
_LETTER = compiled(
    r"(?<![\w/.])(?:(?P<sex1>[MF])\s?[/,]\s?(?P<n1>\d{1,3})(?:\s?y(?:rs?|ears?)?)?"
    r"|(?P<n2>\d{1,3})\s?(?:/|y(?:rs?|ears?)?\.?[\s,/]+|[\s-]?y/?o\s+)\s?(?P<sex2>[MF])"
    r"|(?<=\()(?P<n3>\d{2})\s?,?\s?(?P<sex3>[MF])(?=[,;)]))(?![\w/%])",
    0,
)
# 'in her sixties', "in my 30s", 'in the third decade', 'a septuagenarian', 'mid-40s'
_DECADE_WORDS = "teens|twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties"
_DECADE = compiled(
    r"\b(?:in\s+(?:(?P<whose>his|her|their|my|the)\s+)?(?:(?P<part>early|mid|middle|late)[\s-]*)?"
    rf"(?:(?P<digits>[1-9]0)[’']?s\b|(?P<word>{_DECADE_WORDS})\b"
    r"|(?P<nth>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d{1,2}(?:st|nd|rd|th))"
    r"\s+decade)"
    r"|(?P<arian>sexagenarian|septuagenarian|octogenarian|nonagenarian|centenarian|quinquagenarian|"
    r"quadragenarian))",
    0,
)
# 'day of life 8', 'third day of life', '2 h after birth', 'on 13 days of age'
_LIFE = compiled(
    rf"\b(?:(?P<unit1>day|week|month)s?\s+of\s+life\s*:?\s*(?P<n1>\d{{1,3}})"
    r"|(?P<nth>first|second|third|fourth|fifth|sixth|seventh|\d{1,2}(?:st|nd|rd|th))\s+"
    r"(?P<unit2>day|week|month|year)s?\s+(?:of|after)\s+(?:life|birth)"
    rf"|(?P<n3>{NUMBER})\s*(?P<unit3>{UNIT})\s+(?:of\s+life|after\s+(?:birth|delivery)|post-?natal(?:ly)?))",
    0,
)
_ARIANS = {"quadr": 40, "quinq": 50, "sexag": 60, "septu": 70, "octog": 80, "nonag": 90}
_DECADES = {w: 10 * i for i, w in enumerate(_DECADE_WORDS.split("|"), 1)}

_BEFORE_THING = compiled(
    rf"\b(?:{THINGS})\b(?:\s*,|\s+(?:is|was|are|were|that (?:is|was)|about|approximately))*\s*$"
)
_THING_AFTER = compiled(
    rf"^[\s-]*(?:(?!(?:{PERSON})\b)[\w’'/-]+\s+){{0,2}}?(?:{THINGS})\b(?!\s+(?:{PERSON})\b)"
)
_ANIMAL_AFTER = compiled(rf"^[\s-]*(?:[\w’'/-]+\s+){{0,4}}?(?:{ANIMALS})\b(?!\s+(?:bite|scratch))")
_ANIMALS_SHOWN = compiled(r"\b(?:mice|mouse|rats?|rabbits?|zebrafish|piglets?|macaques?)\b")
_PERSON_AFTER = compiled(
    r"^[\s,-]*(?:(?!(?:when|with|was|were|is|and|or|in|of|for|the|at|on|by|who|after|before|had|has)\b)"
    rf"[\w’'/-]+\s+){{0,3}}?(?P<head>{PERSON})\b"
)
_ELDER_AFTER = compiled(rf"^[\s,-]*(?:[\w’'-]+\s+){{0,2}}?(?:{ELDERS})\b")
_OFFSPRING_AFTER = compiled(rf"^[\s,-]*(?:{OFFSPRING})\b")
_POSSESSIVE_BEFORE = compiled(r"\b(?:his|her|their|whose|patient[’']s)\s*$")
_RELATIVE_BEFORE = compiled(
    rf"(?<!\bmy )\b(?:{ELDERS}|{OFFSPRING})\b(?:\s*[,(]|\s+(?:was|is|aged|who is))*\s*$"
)
_CARRIED_BEFORE = compiled(
    r"\b(?:f(?:o)?etus(?:es)?|embryos?|placenta|offspring|son|daughter|neonate|newborn|infant|child|"
    r"baby|twins?|abortus|conceptus)\s+(?:of|born\s+to|delivered\s+(?:by|to|from)|from|carried\s+by)"
    r"\s+(?:an?|the)?\s*(?:healthy\s+|pregnant\s+)?$"
)
_LIMIT_BEFORE = compiled(
    r"\b(?:under|over|below|above|than|before|until|till|since|by|at\s+least|up\s+to|onset\s+(?:at|in)|"
    r"(?:began|started|diagnosed|noticed|appeared|present|arose|developed|first\s+seen|operated(?:\s+on)?)"
    r"(?:\s+\w+)?\s+(?:at|in)|follow(?:ed)?[\s-]?up\s+(?:of|for)|for|past|last|after|every|within)"
    r"(?:\s+the)?\s*(?:early\s+|ages?\s+of\s+)?$"
)
_HISTORY_BEFORE = compiled(
    r"\b(?:onset|began|beginning|started|diagnosed|noticed|first\s+seen|operated|treated|menarche)"
    r"(?:\s+\w+){0,2}\s*$"
)
_PLURAL_NEAR = compiled(
    r"\b(?:people|persons|individuals|adults|patients|children|infants|men|women|boys|girls|those|"
    r"males|females|adolescents|neonates|ages|cases)\b"
)
_COUNTED = compiled(r"\b(?:two|three|four|five|six|seven|eight|nine|ten|both|\d+)\s+(?:\w+\s+)?$")
_PAST_EVENT = compiled(
    r"\b(?:had|underwent|undergone|since|began|started|diagnosed|developed|onset)\b"
)
_OLD_WORDS = {"old", "age", "yo", "y", "o", "m", "mo", "yr", "yrs"}
_AGED_WORDS = {"age", "ages", "aged"}
_LIFE_WORDS = {"life", "birth", "postnatal", "postnatally", "delivery", "natal"}
_DECADE_KEYS = {*_DECADES, "s", "decade", *(f"{a}enarian" for a in ("sexag", "octog", "nonag"))} | {
    "septuagenarian", "quinquagenarian", "quadragenarian", "centenarian"
}  # fmt: skip
_PERSON_WORDS = words_of(PERSON)
_DIGIT = re.compile(r"\d")


def find_ages(text: str, low: str, words: Set[str]) -> list[Age]:
    """Return the ages of depicted patients in the order of the text, overlaps resolved.

    ``low`` is the text in lower case, character by character; ``words`` are its words: they tell
    cheaply which patterns can match.
    """
    if not _DIGIT.search(text) and words.isdisjoint(NUMBER_WORDS):
        return []
    found: list[Age] = []
    for age in sorted(_mentions(text, low, words), key=lambda a: (a.start, -a.end)):
        if not found or age.start >= found[-1].end:
            found.append(age)
    if any(a.kind != "decade" for a in found):
        found = [a for a in found if a.kind != "decade"]
    return found


def _mentions(text: str, low: str, words: Set[str]) -> Iterator[Age]:
    if not words.isdisjoint(_OLD_WORDS):
        for m in _OLD.finditer(low):
            if _is_patient(text, m.start(), m.end(), named=_has_person(text, m)):
                yield _ranged(m, "old")
    if not words.isdisjoint(_AGED_WORDS):
        yield from (_ranged(m, "aged") for m in _AGED.finditer(low) if _aged_is_patient(text, m))
    if not words.isdisjoint(_PERSON_WORDS):
        yield from _apposed(text, low)
    if not words.isdisjoint(_DECADE_KEYS):
        yield from (_decade(m) for m in _DECADE.finditer(low) if _decade_is_patient(text, m))
    if not words.isdisjoint(_LIFE_WORDS) and not _ANIMALS_SHOWN.search(text):
        yield from (_life(m) for m in _LIFE.finditer(low))
    if "m" in words or "f" in words:
        yield from _lettered(text)


def _lettered(text: str) -> Iterator[Age]:
    for m in _LETTER.finditer(text):
        value = float(m["n1"] or m["n2"] or m["n3"])
        if 0 < value <= OLDEST:
            yield Age(value, value, m.start(), m.end(), "letter")


def _apposed(text: str, low: str) -> Iterator[Age]:
    for m in _OF.finditer(low):
        value, unit = number(m["n"]), m["u"]
        bare = unit is None
        sure_link = m["link"].strip() in ("of", ",", "(", ":")
        counted = m["person"].lower() in ("case", "patient", "subject", "volunteer", "proband")
        if bare and (not sure_link or counted or not _closes(text, m.end())):
            continue
        if not 0 < in_years(value, unit) <= OLDEST:
            continue
        if not _is_patient(text, m.start(), m.end(), named=True):
            continue
        start = m.start("n") if m["link"].strip() != "of" else m.start("person")
        total = in_years(value, unit) + _second(m)
        yield Age(total, total, start, m.end(), "of")


_CLOSING = compiled(
    r"\s*(?:[.,;:)\]]|$|(?:with|who|whose|that|which|is|was|in|presenting|and|showing|on|from)\b)"
)


def _closes(text: str, end: int) -> bool:
    """Whether a bare number ends its phrase, as an age does ('a man of 67 with …')."""
    return _CLOSING.match(text[end : end + 14]) is not None


def _has_person(text: str, m: re.Match[str]) -> bool:
    return _PERSON_AFTER.match(text[m.end() : m.end() + 60]) is not None


def _is_patient(text: str, start: int, end: int, *, named: bool) -> bool:
    """Decide from the words around a mention whether it is the age of the person shown."""
    before, after = text[max(0, start - 70) : start], text[end : end + 70]
    if _CARRIED_BEFORE.search(before) or _RELATIVE_BEFORE.search(before):
        return False
    if _ELDER_AFTER.match(after) or _BEFORE_THING.search(before) or _ANIMAL_AFTER.match(after):
        return False
    if _OFFSPRING_AFTER.match(after) and _POSSESSIVE_BEFORE.search(before):
        return False
    if not named and (_THING_AFTER.match(after) or _LIMIT_BEFORE.search(before)):
        return False
    if named and re.search(r"\b(?:under|over|than|least)\s*$", before, re.I):
        return False
    return not _is_population(text, start, end)


_PERSON_BEFORE = compiled(rf"\b(?:{PERSON})\b[\s,(:]*$")


def _is_population(text: str, start: int, end: int) -> bool:
    """Whether the sentence speaks of people in general rather than of one patient."""
    begin, finish = sentence_around(text, start, end)
    sentence = text[begin:finish]
    if not speaks_in_general(sentence):
        return False
    singular = re.search(
        r"(?:^|[.:;(]\s*|\b(?:an?|this|the|our|same|his|her)\s+(?:[\w-]+\s+){0,3})$",
        text[max(begin - 2, 0) : start],
        re.I,
    )
    plural = _PLURAL_NEAR.search(sentence)
    if not plural and _PERSON_BEFORE.search(text[max(0, start - 30) : start]):
        return False  # 'Female, 46 years old, mainly on both legs'
    return not (singular and not plural) and (plural is not None or singular is None)


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the sentence that holds ``text[start:end]``."""
    begin = max((m.end() for m in re.finditer(r"[.!?]\s+(?=[A-Z(])", text[:start])), default=0)
    stop = re.search(r"[.!?](?:\s|$)", text[end:])
    return begin, end + stop.end() if stop else len(text)


def _aged_is_patient(text: str, m: re.Match[str]) -> bool:
    value, unit = number(m["n"]), m["u"]
    if not 0 <= in_years(value, unit) <= OLDEST:
        return False
    before = text[max(0, m.start() - 40) : m.start()]
    if re.search(
        r"\b(?:gestational|bone|mean|median|average|lesion|paternal|maternal)\s*$", before, re.I
    ):
        return False
    between = "between" in m.group().lower()
    counted = m["word"].lower() != "ages" or _COUNTED.search(before)
    if not counted and (between or _is_population(text, m.start(), m.end())):
        return False
    named = re.search(rf"\b(?:{PERSON})\b\W*$", before, re.I) is not None
    start = m.start()
    lead = re.search(
        r"\b(?:at|by|from|since|before|after|until)\s+(?:the\s+|an\s+)?$", before, re.I
    )
    if lead and lead.group().lower().startswith(
        ("since", "before", "after", "until", "from", "by")
    ):
        return False
    if lead and _HISTORY_BEFORE.search(before[: lead.start()]):
        return False
    if lead:
        start -= len(lead.group())
    return _is_patient(text, start, m.end(), named=named)


def _decade_is_patient(text: str, m: re.Match[str]) -> bool:
    begin, finish = sentence_around(text, m.start(), m.end())
    if m["arian"]:
        return not _is_population(text, m.start(), m.end())
    if m["digits"] and m["whose"] in (None, "the") and not m["part"]:
        return False  # 'in the 80s' is a date
    if m["whose"] == "the" and m["word"]:
        return False
    if _PAST_EVENT.search(text[begin : m.start()]):
        return False
    plural = m["whose"] in ("their",) or m["nth"]
    return not (plural and speaks_in_general(text[begin:finish]))


def _decade(m: re.Match[str]) -> Age:
    if m["arian"]:
        low = float(_ARIANS.get(m["arian"].lower()[:5], 100))
    elif m["digits"]:
        low = float(m["digits"])
    elif m["word"]:
        low = float(_DECADES[m["word"].lower()])
    else:
        low = 10.0 * (ordinal(m["nth"]) - 1)
    if m["word"] and m["word"].lower() == "teens":
        low = 13.0
        return Age(low, 19.0, m.start(), m.end(), "decade")
    return Age(low, low + 9, m.start(), m.end(), "decade")


def _life(m: re.Match[str]) -> Age:
    if m["n1"]:
        value, unit = float(m["n1"]), m["unit1"]
    elif m["nth"]:
        value, unit = float(ordinal(m["nth"]) - 1), m["unit2"]
    else:
        value, unit = number(m["n3"]), m["unit3"]
    years = in_years(value, unit)
    return Age(years, years, m.start(), m.end(), "life")


def _ranged(m: re.Match[str], kind: str) -> Age:
    groups = m.groupdict()
    short = groups.get("short") or ""
    unit = groups.get("u") or ("m" if short.lower().startswith("m") else None)
    high = in_years(number(m["n"]), unit) + _second(m)
    low = in_years(number(m["lo"]), groups.get("lou") or unit) if groups.get("lo") else high
    if low > high:
        low = high
    return Age(low, high, m.start(), m.end(), kind)


def _second(m: re.Match[str]) -> float:
    """Return the second part of '6 years 11 months', in years."""
    return in_years(number(m["n2"]), m["u2"]) if m.groupdict().get("n2") else 0.0
