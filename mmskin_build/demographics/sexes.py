"""Sex of depicted patients in English captions: nouns, adjectives, letters, then pronouns."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

from mmskin_build.demographics.letters import find_letters, may_be_lettered
from mmskin_build.demographics.mentions import sentence_around
from mmskin_build.demographics.people import (
    ANIMALS,
    ELDERS,
    FEMALE,
    FEMALE_PLURAL,
    MALE,
    MALE_PLURAL,
    NEUTRAL,
    OFFSPRING,
    RELATIVE_SEX,
    Kind,
    compiled,
    kinds_in,
    matches_at,
    speaks_in_general,
    words_of,
)


@dataclass(frozen=True, slots=True)
class SexMention:
    """One word that tells the sex of a depicted patient."""

    sex: str
    start: int
    end: int


_NOUN = compiled(
    rf"\b(?:(?P<m>{MALE})|(?P<f>{FEMALE})|(?P<mp>{MALE_PLURAL})|(?P<fp>{FEMALE_PLURAL})"
    r"|(?P<adj>(?:fe)?males?))\b(?P<poss>[’']s)?",
    0,
)
_PRONOUN = re.compile(
    r"\b(?:(?P<m>(?:[Hh]is|[Hh]im|he|He(?=\s+(?:had|was|has|is|also|presented|underwent|did|received|"
    r"developed|reported|denied|died)\b))\b)|(?P<f>(?:[Ss]he|[Hh]ers?)\b))(?<!/she)(?<!/her)(?<!/he)(?![\s-]?\d|\s*[/-]\s*\w)"
)
_PATIENT_RELATIVE = compiled(
    rf"(?:\bof\s+(?:the\s+)?(?:patient|proband|(?:index )?case)[’']s\s+|"
    rf"\bof\s+(?:the\s+)?(?:older\s+|younger\s+)|\d+[\s-]year[\s-]old\s+|^(?:the\s+)?(?:patient[’']s|his|her)\s+)"
    rf"(?P<rel>(?:twin\s+)?(?:{OFFSPRING}|father|mother))\b(?!\s+(?:had|was|were|has|also))"
)
_KIN = "|".join(RELATIVE_SEX)
# 'My daughter is 10 months old', 'A grandmother with scabies', 'in two sisters'
_RELATIVE_SHOWN = compiled(
    rf"(?:\bmy\s+|(?:^an?\s+|\bin\s+an?\s+)(?!maternal|paternal))(?:[\w-]+\s+)?"
    rf"(?P<rel>(?:{OFFSPRING}|wife|husband)\b|(?:{_KIN})\b(?=[’']s\s+\w|\s*[,(]|\s+(?:is|was|has|had|with|"
    r"aged|got|suffers?|suffered|developed|experiences?)\b))"
    r"(?!-in-law|\s+(?:of\s+(?:an?|the)|and|or)\b)"
)
_RELATIVES_SHOWN = compiled(
    r"(?:\b(?:of|in|from)\s+|^|[.:]\s+)(?:an?\s+|the\s+)?"
    r"(?:(?:two|three|four|five|both)\s+(?:[\w-]+\s+)?(?P<rel3>sister|brother|son|daughter)s\b"
    rf"|(?P<rel>{_KIN})\s+and\s+(?:her\s+|his\s+|the\s+)?(?:[\w-]+\s+)?(?P<rel2>{_KIN})\b)"
)
_AFTER_ADJECTIVE = compiled(
    rf"\s*(?:$|[.,;:)(\]/]|(?:with|who|whose|aged?|in|of|from|at|on|after|before|presenting|presented|"
    rf"presents|showing|shows|having|has|had|and|undergoing|diagnosed|suffering|affected|was|is|"
    rf"following|\d|due|treated|complaining|referred|admitted|receiving|known|living|born|"
    rf"(?:[\w-]+\s+)?(?:{NEUTRAL}|{OFFSPRING}|smokers?|twins))\b)"
)
_ANIMAL = compiled(rf"\b(?:{ANIMALS})\b(?![\s-]+(?:bites?|scratch|dander|hair))")
_OLD_BEFORE = re.compile(r"\b(?:old|yo|y/o|y\.\s?o\.?|\dyo|\dy/o|\dy\.o\.?)[\s,-]*$", re.I)
_AGE_BEFORE = re.compile(
    r"(?:old|y/?o|yrs?|years?|yo|y\.o\.?|month|months|elderly|young|adult)[\s,-]*$", re.I
)
_PATTERN_AFTER = re.compile(
    r"[\s-]*(?:-?pattern|[\s-]?type|to[\s-](?:fe)?male|:\s*(?:fe)?male)", re.I
)
_COMPARISON = re.compile(
    r"\b(?:both\s+)?(?:males?|men)\s+and\s+(?:females?|women)\b|\bmale[\s-]*(?:to|:|/)[\s-]*female",
    re.I,
)
_COUNT_BEFORE = re.compile(
    r"\b(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|both|these|the|twin|\d{1,2})\s+)(?:[\w-]+\s+){0,2}$",
    re.I,
)
_SERIES_BEFORE = re.compile(
    r"\b(?:series|group|cohort|of)\s+(?:of\s+)?\d+\s+(?:[\w-]+\s+)?(?:men\s+and\s+\d+\s+)?$", re.I
)
_BORN_BEFORE = compiled(
    r"\b(?:f(?:o)?etus(?:es)?|embryos?|placenta|offspring|neonate|newborn|infant|child|baby|twins?)\s+"
    r"(?:of|born\s+to|delivered\s+(?:by|to)|carried\s+by)\s+(?:an?|the)?\s*(?:[\w-]+\s+){0,2}$"
)
_ARTIST_BEFORE = re.compile(
    r"\b(?:portrait|painting|sketch|statue|drawing|model|phantom|mannequin)\b", re.I
)
_BOTH = compiled(
    r"\b(?:brother\s+and\s+sister|sister\s+and\s+brother|boy\s+and\s+(?:an?\s+)?girl|"
    r"girl\s+and\s+(?:an?\s+)?boy|man\s+and\s+(?:an?\s+)?woman|"
    r"woman\s+and\s+(?:an?\s+)?man|both\s+sexes\s+are\s+shown|"
    r"male\s+and\s+female\s+(?:patients|twins|siblings|infants))\b"
)
_NOUN_WORDS = words_of(f"{MALE}|{FEMALE}|{MALE_PLURAL}|{FEMALE_PLURAL}|male|female")
_BOTH_WORDS = frozenset({"brother", "boy", "man", "male"})
_RELATIVE_WORDS = frozenset(RELATIVE_SEX) | {"sisters", "brothers", "sons", "daughters"}
_PRONOUN_WORDS = frozenset({"his", "him", "he", "she", "her", "hers"})


def find_sexes(text: str, low: str, words: Set[str]) -> list[SexMention]:
    """Return the mentions that tell the sex of the patient; pronouns only when no noun does.

    ``low`` is the text in lower case, character by character; ``words`` are its words: they tell
    cheaply which patterns can match.
    """
    found: list[SexMention] = []
    if not words.isdisjoint(_NOUN_WORDS):
        found = _nouns(text, low, words)
    if "and" in words and not words.isdisjoint(_BOTH_WORDS):
        found.extend(SexMention("mixed", m.start(), m.end()) for m in _BOTH.finditer(text))
    if may_be_lettered(text, words):
        found.extend(SexMention(x.sex, x.start, x.end) for x in find_letters(text))
    if not found and not words.isdisjoint(_RELATIVE_WORDS):
        found = _relatives(text)
    if not found and not words.isdisjoint(_PRONOUN_WORDS):
        found = _pronouns(text)
    return sorted(found, key=lambda mention: mention.start)


def _relatives(text: str) -> list[SexMention]:
    """A relative counts when the picture is said to be of them ('of the patient's brother')."""
    for rule in (_PATIENT_RELATIVE, _RELATIVES_SHOWN, _RELATIVE_SHOWN):
        m = rule.search(text)
        if m:
            kin = [k for k in m.groupdict().values() if k]
            sexes = {RELATIVE_SEX[_last(k)] for k in kin if _last(k) in RELATIVE_SEX}
            if sexes:
                sex = sexes.pop() if len(sexes) == 1 else "mixed"
                return [SexMention(sex, m.start(m.lastgroup or 0), m.end())]
    return []


def _last(words: str) -> str:
    return words.lower().split()[-1]


def _nouns(text: str, low: str, words: Set[str]) -> list[SexMention]:
    found = []
    animals = kinds_in(low) & Kind.ANIMAL != 0
    for m in matches_at(_NOUN, low, words & _NOUN_WORDS):
        if _inside_compound(low, m):
            continue
        if m["m"] or m["f"]:
            sex, fits = ("male" if m["m"] else "female"), _noun_fits(text, m)
        elif m["mp"] or m["fp"]:
            sex, fits = ("male" if m["mp"] else "female"), _plural_fits(text, m)
        else:
            sex = "female" if m["adj"].lower().startswith("fe") else "male"
            fits = _adjective_fits(text, m, animals)
        if fits:
            found.append(SexMention(sex, m.start(), m.end()))
    return found


def _inside_compound(low: str, m: re.Match[str]) -> bool:
    """'ar-man-ee' and 'man-made' are no men; '30-year-old-man' is one."""
    before = low[max(0, m.start() - 5) : m.start()]
    if before.endswith("-") and not before.endswith(("old-", "aged-", "yo-")):
        return before[-2:-1].isalpha()
    return re.match(r"-[a-z]", low[m.end() : m.end() + 2]) is not None and not m["adj"]


_SINGULAR_BEFORE = compiled(
    r"(?:^|[.:;(,]\s*|\b(?:an?|this|the|our|same|old|aged|y/?o)[\s-]+(?:[\w-]+\s+){0,4})$"
)


def _noun_fits(text: str, m: re.Match[str]) -> bool:
    before = text[max(0, m.start() - 60) : m.start()]
    if _BORN_BEFORE.search(before) or _ARTIST_BEFORE.search(before):
        return False
    begin, end = sentence_around(text, m.start(), m.end())
    generic = speaks_in_general(text[begin:end])
    singular = _SINGULAR_BEFORE.search(before)
    return not generic or singular is not None


def _plural_fits(text: str, m: re.Match[str]) -> bool:
    """Men and women count when they are these men and women, not mankind."""
    before = text[max(0, m.start() - 40) : m.start()]
    if m["poss"]:
        return False  # 'the women's hospital'
    if _COMPARISON.search(text[max(0, m.start() - 12) : m.end() + 14]) or _SERIES_BEFORE.search(
        before
    ):
        return False
    begin, end = sentence_around(text, m.start(), m.end())
    return _COUNT_BEFORE.search(before) is not None and not speaks_in_general(text[begin:end])


def _adjective_fits(text: str, m: re.Match[str], animals: bool) -> bool:
    before, after = text[max(0, m.start() - 60) : m.start()], text[m.end() : m.end() + 50]
    if _PATTERN_AFTER.match(after) or _BORN_BEFORE.search(before):
        return False
    if m["adj"].lower().endswith("s"):
        return False
    if _COMPARISON.search(text[max(0, m.start() - 14) : m.end() + 14]):
        return False
    if re.match(r"\s*of\b", after):
        return False
    if _OLD_BEFORE.search(before):
        return True
    if animals and _ANIMAL.search(text):
        return False
    begin, end = sentence_around(text, m.start(), m.end())
    if begin == m.start() and after[:1] in (",", ".", ":", ";"):
        return True  # 'Male, 46: lesions that commonly …'
    if speaks_in_general(text[begin:end]) and not re.search(
        r"\b(?:an?|this|the|old)\b[\w\s/-]*$", before, re.I
    ):
        return False
    return _AGE_BEFORE.search(before) is not None or _AFTER_ADJECTIVE.match(after) is not None


_OWNER_IS_RELATIVE = compiled(
    rf"\b(?:{ELDERS}|{OFFSPRING}|doctor|physician|professor|author)\b[^.;]*$"
)


def _pronouns(text: str) -> list[SexMention]:
    found: list[SexMention] = []
    for m in _PRONOUN.finditer(text):
        if m["m"] == "He" and m.start() and not re.search(r"[.:;]\s*$", text[: m.start()]):
            continue
        begin, _ = sentence_around(text, m.start(), m.end())
        if _OWNER_IS_RELATIVE.search(text[begin : m.start()]):
            continue
        found.append(SexMention("male" if m["m"] else "female", m.start(), m.end()))
    return found[:1]
