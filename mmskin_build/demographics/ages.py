"""Ages of depicted patients in English captions, told apart from durations and populations.

A pattern proposes a mention; what stands before and behind it decides whether it is the age of
the person shown. The patterns are grammar (noun phrase, apposition, 'at the age of', decades),
not a list of examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from mmskin_build.demographics.decades import find_days_of_life, find_decades
from mmskin_build.demographics.letters import find_letters, may_be_lettered
from mmskin_build.demographics.mentions import Age, sentence_around
from mmskin_build.demographics.numbers import NUMBER, NUMBER_WORDS, OLDEST, UNIT, in_years, number
from mmskin_build.demographics.people import (
    ANIMALS,
    ELDERS,
    FEMALE,
    MALE,
    OFFSPRING,
    PERSON,
    THINGS,
    Kind,
    compiled,
    kinds_in,
    matches_at,
    speaks_in_general,
    words_of,
)

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
    rf"(?<![\w.,/×-]){_RANGE}(?P<n>{NUMBER})[\s-]*(?:(?P<u>{UNIT})[.’']?{_MORE}[\s,-]*"
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
    rf"\b(?P<person>{PERSON})\b(?:\s+patient)?(?P<link>\s+of\s+|\s*[,(:]\s*|\s+[–—-]\s+|\s+){_APPROX}"
    rf"(?P<n>{NUMBER})(?:[\s-]*(?P<u>years?|yrs?|y|months?|mths?|mos?|weeks?|wks?|days?)\b\.?{_MORE})?"
    r"(?=[\s.,;:)\]/]|$)(?!\s*(?:%|×|x\b|mm\b|cm\b|patients|cases|men|women|to\b|–|-|after\b|post|later\b|before\b|"
    r"following\b|ago\b|prior\b|since\b|history\b|follow|of\s|into\b|earlier\b|duration\b|pregnan|gestation|postpartum))",
    0,
)
# 'Teenage (14) boy'
_BRACKETED = compiled(rf"(?<=\w)\s+\((?P<n>\d{{1,3}})\)\s+(?:{MALE}|{FEMALE}|(?:fe)?male)\b", 0)

_ITEM = re.compile(rf"(?P<n>{NUMBER})(?:[\s-]*(?P<u>{UNIT})\b)?")
_ONE = rf"{NUMBER}(?:\s*{UNIT}\b)?"
_LIST_BEFORE = re.compile(
    rf"\b(?:at|aged)\s+(?P<items>(?:{_ONE}\s*,\s*)*{_ONE}\s*,?)\s*(?:and|&)\s+(?:at\s+)?$"
)
_LIST_AFTER = re.compile(
    rf"(?P<items>(?:\s*,\s*{_ONE})*\s*,?\s*(?:and|&)\s+(?:at\s+)?{NUMBER})(?:[\s-]*(?P<unit>{UNIT})\b)?"
    r"(?=\s*(?:[.,;:)]|$|(?:with|of\s+age|old|who|respectively|showing)\b))"
)

_BEFORE_THING = compiled(
    rf"\b(?:{THINGS})\b(?:\s*,|\s+(?:is|was|are|were|that (?:is|was)|about|approximately))*\s*$"
)
_THING_AFTER = compiled(
    rf"^[\s-]*(?:(?!(?:{PERSON})\b)[\w’'/-]+\s+){{0,2}}?(?:{THINGS})\b(?!\s+(?:{PERSON})\b)"
)
_ANIMAL_AFTER = compiled(rf"^[\s-]*(?:[\w’'/-]+\s+){{0,4}}?(?:{ANIMALS})\b(?!\s+(?:bite|scratch))")
_ANIMALS_SHOWN = words_of("mice|mouse|rats?|rabbits?|zebrafish|piglets?|macaques?")
_PERSON_AFTER = compiled(
    r"^[\s,-]*(?:(?!(?:when|with|was|were|is|and|or|in|of|for|the|at|on|by|who|after|before|had|has)\b)"
    rf"[\w’'/-]+\s+){{0,3}}?(?P<head>{PERSON})\b"
)
_ELDER_AFTER = compiled(
    rf"^[\s,-]*(?:(?!(?:{PERSON}|whose|with|and|who|or)\b)[\w’'-]+\s+){{0,2}}?(?:{ELDERS})\b"
)
_SHOWN_BEFORE = compiled(
    r"(?:^|[.:]\s+)(?:the\s+|a\s+)?(?:(?:patient[’']s|his|her)\s+)?$|\b(?:of|in)\s+(?:the|an?)\s+(?:patient[’']s\s+)?$"
)
_REMEMBERED = compiled(
    r"\bwhen\s+(?:\w+\s+){1,3}?(?:was|were)\s+(?:only\s+)?(?:about\s+|around\s+)?$"
)
_RELATIVE_CLAUSE = compiled(rf"\b(?:whose|his|her|their)\s+(?:{ELDERS}|{OFFSPRING})\b[^,.;]*$")
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
    r"(?:\s+\w+)?\s+(?:at|in)|follow(?:ed)?[\s-]?up\s+(?:of|for)|for|past|last|after|every|within|childhood\s*\()"
    r"(?:\s+the)?\s*(?:early\s+|ages?\s+of\s+)?$"
)
_LIMIT_BEFORE_PERSON = compiled(r"\b(?:under|over|than|least)\s*$")
_HISTORY_BEFORE = compiled(
    r"\b(?:onset|began|beginning|started|diagnosed|noticed|first\s+seen|operated|treated|menarche|"
    r"sustained|acquired|occurred|removed|excised|(?:originally|initially|first)\s+presented)"
    r"(?:\s+\w+){0,2}\s*$"
)
_PLURAL_NEAR = compiled(
    r"\b(?:people|persons|individuals|adults|patients|children|infants|men|women|boys|girls|those|"
    r"males|females|adolescents|neonates|ages|cases)\b"
)
_COUNTED = compiled(r"\b(?:two|three|four|five|six|seven|eight|nine|ten|both|\d+)\s+(?:\w+\s+)?$")
_OLD_WORDS = {"old", "age", "yo", "y", "o", "m", "mo", "yr", "yrs", "year", "month", "week", "day"}
_AGED_WORDS = {"age", "ages", "aged"}
_PERSON_WORDS = words_of(PERSON)
_DIGIT = re.compile(r"[0-9½]")
_NUMBER_START = re.compile(r"[0-9½]+")
_STARTING_WORDS = NUMBER_WORDS | {"between"}


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
        yield from _old(text, low, words)
    if not words.isdisjoint(_AGED_WORDS):
        yield from _aged(text, low)
    if not words.isdisjoint(_PERSON_WORDS):
        yield from _apposed(text, low, words)
    yield from find_decades(text, low, words)
    if words.isdisjoint(_ANIMALS_SHOWN):
        yield from find_days_of_life(text, low, words)
    if may_be_lettered(text, words):
        yield from (letter.age for letter in find_letters(text) if letter.age is not None)
    if "(" in text:
        yield from _bracketed(low)


def _numbered(pattern: re.Pattern[str], low: str, words: Set[str]) -> Iterator[re.Match[str]]:
    """Yield what a pattern that begins with a number matches, looking only at numbers."""
    starts = set(_NUMBER_START.findall(low)) | (words & _STARTING_WORDS)
    yield from matches_at(pattern, low, starts)


def _old(text: str, low: str, words: Set[str]) -> Iterator[Age]:
    for m in _numbered(_OLD, low, words):
        said_old = low.endswith(("old", "age", "o", "o."), m.start(), m.end())
        named = said_old and _has_person(text, m)  # 'for 4 years Female, …' is a duration
        if _is_patient(text, m.start(), m.end(), named=named):
            yield _listed(low, _ranged(m, "old"))


def _aged(text: str, low: str) -> Iterator[Age]:
    for m in _AGED.finditer(low):
        if _aged_is_patient(text, m):
            yield _continued(low, m, _ranged(m, "aged"))


def _bracketed(low: str) -> Iterator[Age]:
    for m in _BRACKETED.finditer(low):
        if 0 < float(m["n"]) <= OLDEST:
            yield Age(float(m["n"]), float(m["n"]), m.start("n"), m.end("n"), "old")


def _apposed(text: str, low: str, words: Set[str]) -> Iterator[Age]:
    for m in matches_at(_OF, low, words & _PERSON_WORDS):
        value, unit = number(m["n"]), m["u"]
        bare = unit is None
        sure_link = m["link"].strip() in ("of", ",", "(", ":")
        counted = m["person"] in _NUMBERED
        if bare and (not sure_link or counted or not _closes(text, m.end())):
            continue
        if m["person"] == "smoker" and m["link"].strip() == "of":
            continue
        if not 0 < in_years(value, unit) <= OLDEST:
            continue
        if not _is_patient(text, m.start(), m.end(), named=True):
            continue
        start = m.start("n") if m["link"].strip() != "of" else m.start("person")
        total = in_years(value, unit) + _second(m)
        yield Age(total, total, start, m.end(), "of")


_NUMBERED = {"case", "patient", "subject", "volunteer", "proband", "recipient", "donor"}
_CLOSING = compiled(
    r"\s*(?:[.,;:)\]]|$|(?:with|who|whose|that|which|is|was|in|presenting|and|showing|on|from|"
    r"after|before|during|at|by|found|known|seen|shown|taken|\w{3,}(?:ed|ing))\b)"
)


def _closes(text: str, end: int) -> bool:
    """Whether a bare number ends its phrase, as an age does ('a man of 67 with …')."""
    return _CLOSING.match(text[end : end + 24]) is not None


def _has_person(text: str, m: re.Match[str]) -> bool:
    return _PERSON_AFTER.match(text[m.end() : m.end() + 60]) is not None


def _is_patient(text: str, start: int, end: int, *, named: bool) -> bool:
    """Decide from the words around a mention whether it is the age of the person shown."""
    before, after = text[max(0, start - 70) : start], text[end : end + 70]
    kinds = kinds_in(f"{before} {after}".lower())
    if kinds & Kind.CHILD and _CARRIED_BEFORE.search(before):
        return False
    if kinds & Kind.KIN and _is_of_kin(before, after, named=named):
        return False
    if kinds & Kind.ANIMAL and _ANIMAL_AFTER.match(after):
        return False
    if kinds & Kind.THING and (
        _BEFORE_THING.search(before) or (not named and _THING_AFTER.match(after))
    ):
        return False
    limit = _LIMIT_BEFORE_PERSON if named else _LIMIT_BEFORE
    if limit.search(before) or _REMEMBERED.search(before):
        return False
    return not _is_population(text, start, end)


def _is_of_kin(before: str, after: str, *, named: bool) -> bool:
    """Whether the age is that of a relative who is not the one shown."""
    if _RELATIVE_BEFORE.search(before) or (not named and _RELATIVE_CLAUSE.search(before)):
        return True
    if _ELDER_AFTER.match(after) and not _SHOWN_BEFORE.search(before):
        return True
    return bool(_OFFSPRING_AFTER.match(after) and _POSSESSIVE_BEFORE.search(before))


_OLD_PERSON = compiled(
    r".*?(?:old|y\.?\s?/?\s?o\.?|yo)[\s-]+(?:[\w-]+\s+){0,2}?(?:man|woman|boy|girl|lady|gentleman|(?:fe)?male)\b"
)
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
    if _OLD_PERSON.match(text[start : end + 40]):
        return False  # 'a 13 y/o female': one person, whatever else the sentence says
    plural = _PLURAL_NEAR.search(sentence)
    if not plural and _PERSON_BEFORE.search(text[max(0, start - 30) : start]):
        return False  # 'Female, 46 years old, mainly on both legs'
    return not (singular and not plural) and (plural is not None or singular is None)


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


def _ranged(m: re.Match[str], kind: str) -> Age:
    groups = m.groupdict()
    short = groups.get("short") or ""
    unit = groups.get("u") or ("m" if short.lower().startswith("m") else None)
    high = in_years(number(m["n"]), unit) + _second(m)
    low = in_years(number(m["lo"]), groups.get("lou") or unit) if groups.get("lo") else high
    if low > high:
        low = high
    return Age(low, high, m.start(), m.end(), kind)


def _listed(low: str, age: Age) -> Age:
    """Add the ages before the last of a list: 'at 2, 6 and 12 months of age'."""
    m = _LIST_BEFORE.search(low[max(0, age.start - 60) : age.start])
    if m is None:
        return age
    last = _ITEM.search(low[age.start : age.end])
    unit = last["u"] if last else None
    values = [in_years(number(i["n"]), i["u"] or unit) for i in _ITEM.finditer(m["items"])]
    return Age(min(age.low, *values), max(age.high, *values), age.start, age.end, age.kind)


def _continued(low: str, m: re.Match[str], age: Age) -> Age:
    """Add the ages behind the first of a list: 'aged 3, 5 and 9 years'."""
    more = _LIST_AFTER.match(low[age.end : age.end + 60])
    if more is None:
        return age
    unit = more["unit"] or m["u"]
    values = [in_years(number(i["n"]), i["u"] or unit) for i in _ITEM.finditer(more["items"])]
    first = in_years(number(m["n"]), m["u"] or unit) + _second(m) if m["lo"] is None else age.low
    values += [first, age.high if m["lo"] else first]
    return Age(min(values), max(values), age.start, age.end + more.end(), age.kind)


def _second(m: re.Match[str]) -> float:
    """Return the second part of '6 years 11 months', in years."""
    return in_years(number(m["n2"]), m["u2"]) if m.groupdict().get("n2") else 0.0
