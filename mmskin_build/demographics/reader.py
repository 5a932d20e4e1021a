"""Age, age group and sex of the person a caption shows, each with the span that proves it."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

from mmskin_build.demographics.ages import find_ages
from mmskin_build.demographics.foreign import FOREIGN_HINTS, find_foreign
from mmskin_build.demographics.groups import find_group
from mmskin_build.demographics.mentions import Age
from mmskin_build.demographics.numbers import NUMBER, number
from mmskin_build.demographics.people import compiled
from mmskin_build.demographics.sexes import SexMention, find_sexes

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stated:
    """What a text states of the depicted patient. Ages in years; '' and None: not stated."""

    age_low: float | None = None
    age_high: float | None = None
    age_group: str = ""
    sex: str = ""
    age_span: Span | None = None
    sex_span: Span | None = None
    gestational_weeks: float | None = None
    skin_type: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether neither age nor sex is stated."""
        return self.age_low is None and not self.age_group and not self.sex


_GESTATION = compiled(
    rf"(?P<n>{NUMBER})(?:\s*\+\s*(?P<d>[0-6]))?[\s-]*(?:weeks?|wks?|wk)(?:\s*(?:and\s+)?(?P<d2>[0-6])\s*days?)?[\s’'-]*"
    r"(?:of\s+)?(?:gestation(?:al)?(?:\s+age)?|pregnan\w+|prematur\w*|preterm|amenorrh\w+|ga\b)"
    rf"|gestational\s+age\s*(?:of|:|was)?\s*(?P<n2>{NUMBER})",
    0,
)
_WORD = re.compile(r"[a-z]+")
_SPACED = {code: " " for code in range(128) if not chr(code).isalpha()}
_GESTATION_WORDS = frozenset({"week", "weeks", "wk", "wks", "gestational"})
_SKIN_TYPE = re.compile(
    r"(?:\bFitzpatrick(?:['’]s)?\s+(?:skin\s+)?(?:photo)?-?\s?(?:type|phototype)?s?|\b[Ss]kin\s+(?:photo)?types?|"
    r"\bphototypes?)\s*:?\s*(VI|IV|V|I{1,3}|[1-6])\b"
)
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V", "6": "VI"}
_PREMATURE = re.compile(
    r"[\s-]*(?:[a-z]+\s)?(?:newborn|neonate|infant|baby|foetus|fetus|premature|preterm)"
)
_UNBORN = compiled(r"\b(?:f(?:o)?etus(?:es)?|fetal|foetal|prenatal|in utero|antenatal)\b")


def read_demographics(text: str) -> Stated:
    """Return what a caption states of the person it shows.

    Several ages of one picture give the range from the lowest to the highest; several sexes give
    'mixed'. Durations, scars, populations, relatives and diagnoses ('male-pattern alopecia') give
    nothing. English; plain forms of German, French and Spanish.
    """
    low = text.lower()
    if len(low) != len(text):  # a letter such as 'İ' that grows in lower case
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    words = frozenset(low.translate(_SPACED).split() if low.isascii() else _WORD.findall(low))
    foreign = find_foreign(text) if not words.isdisjoint(FOREIGN_HINTS) else None
    if foreign is not None:
        return Stated(*foreign)
    ages, sexes = find_ages(text, low, words), find_sexes(text, low, words)
    gestation = _gestation(low, words)
    ages = [a for a in ages if not _is_gestational(text, a)]
    if not ages and _only_unborn(text, sexes):
        sexes = []
    group = find_group(text, low, words)
    youngest, oldest, age_span = _range_of(ages)
    if age_span is None and group is not None:
        age_span = (group[1], group[2])
    sex, sex_span = _sex_of(sexes)
    return Stated(
        youngest,
        oldest,
        group[0] if group else "",
        sex,
        age_span,
        sex_span,
        gestation,
        _skin_type(text),
    )


def _range_of(ages: list[Age]) -> tuple[float | None, float | None, Span | None]:
    if not ages:
        return None, None, None
    low, high = min(a.low for a in ages), max(a.high for a in ages)
    return round(low, 3), round(high, 3), (ages[0].start, ages[0].end)


def _sex_of(sexes: list[SexMention]) -> tuple[str, Span | None]:
    if not sexes:
        return "", None
    said = {s.sex for s in sexes}
    first = sexes[0]
    return (said.pop() if len(said) == 1 else "mixed"), (first.start, first.end)


def _gestation(low: str, words: Set[str]) -> float | None:
    m = _GESTATION.search(low) if not words.isdisjoint(_GESTATION_WORDS) else None
    if m is None:
        return None
    weeks = number(m["n"] or m["n2"]) + float(m["d"] or m["d2"] or 0) / 7
    return round(weeks, 2) if 4 <= weeks <= 45 else None


def _is_gestational(text: str, age: Age) -> bool:
    """A '30-week-old newborn' and '24 weeks of gestation' give no age."""
    after = text[age.end : age.end + 25].lower()
    before = text[max(0, age.start - 25) : age.start].lower()
    if "gestat" in after[:14] or "gestat" in before:
        return True
    said = text[age.start : age.end].lower()
    if "week" not in said and "wk" not in said:
        return False
    weeks = age.high * 365.25 / 7
    return weeks >= 20 and _PREMATURE.match(after) is not None


def _only_unborn(text: str, sexes: list[SexMention]) -> bool:
    """A pronoun or noun beside a fetus is the mother's."""
    return bool(sexes) and _UNBORN.search(text) is not None and " with " not in text[:60]


def _skin_type(text: str) -> str:
    m = _SKIN_TYPE.search(text) if "ype" in text or "itzpatrick" in text else None
    return _ROMAN.get(m[1], m[1]) if m else ""
