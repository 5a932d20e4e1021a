"""Clinic shorthand in which a letter or a sign stands for the sex: 'M/45', '57 yo F', '♀, 32 y'."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from mmskin_build.demographics.mentions import Age
from mmskin_build.demographics.numbers import OLDEST

_YEARS = r"(?:\s?y(?:rs?|ears?)?\b\.?)"
_LETTER = re.compile(
    # 'M/45', '(M, 45)', '♀ 32 y'
    rf"(?<![\w/.])(?:(?P<sex1>[MF])\s?[/,]\s?(?P<n1>\d{{1,3}}){_YEARS}?"
    rf"|(?P<sex4>[♂♀])[\s,]*(?P<n4>\d{{1,3}}){_YEARS}?"
    # '45/M', '45 y F', '57 yo F', '45 ♂'
    r"|(?P<n2>\d{1,3})\s?(?:/|y(?:rs?|ears?)?\.?[\s,/]+|[\s-]?y/?o\s+)\s?(?:W|B|H|AA)?(?P<sex2>[MF♂♀])"
    r"|(?P<n5>\d{1,3})\s?(?P<sex5>[♂♀])"
    # '(45 F)', and between stops 'Psoriasis. 45F.', 'Psoriasis, M 45 yrs.'
    r"|(?<=\()(?P<n3>\d{2})\s?,?\s?(?P<sex3>[MF])(?=[,;)])"
    r"|(?:(?<=[.,;:]\s)|(?<=^))(?P<n6>[1-9]\d)\s?(?P<sex6>[MF])(?=[.,;)]|$|\s+with\b)"
    rf"|(?:(?<=[.,;:]\s)|(?<=^)|(?<=\())(?P<sex7>[MF])\s(?P<n7>[1-9]\d?){_YEARS}?(?=[.,;)]|$)"
    r")(?![\w/%])"
)
_FORM = re.compile(r"\b(?:[Ss]ex|[Gg]ender)\s*[:=]\s*(?P<sex>[MF])\b")
_SIGN = re.compile(r"[♂♀]")


_LETTER_WORDS = {letters + sex for letters in ("", "w", "b", "h", "aa") for sex in "mf"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter or sign for the sex, with the age beside it when there is one."""

    sex: str
    start: int
    end: int
    age: Age | None


def may_be_lettered(text: str, words: Set[str]) -> bool:
    """Whether a text can hold shorthand; ``words`` are its words in lower case."""
    return not words.isdisjoint(_LETTER_WORDS) or "♂" in text or "♀" in text


def find_letters(text: str) -> Iterator[Letter]:
    """Yield the shorthand mentions of a text."""
    found = False
    for m in _LETTER.finditer(text):
        value = float(next(m[f"n{i}"] for i in range(1, 8) if m[f"n{i}"]))
        sign = next(m[f"sex{i}"] for i in range(1, 8) if m[f"sex{i}"])
        if 0 < value <= OLDEST:
            found = True
            age = Age(value, value, m.start(), m.end(), "letter")
            yield Letter(_sex(sign), m.start(), m.end(), age)
    if not found:
        for m in (*_FORM.finditer(text), *_SIGN.finditer(text)):
            yield Letter(_sex(m.group()[-1]), m.start(), m.end(), None)


def _sex(sign: str) -> str:
    return "male" if sign in "M♂" else "female"
