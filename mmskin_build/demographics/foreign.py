"""Plain forms of age and sex in German, French and Spanish captions.

A text counts as foreign only when one of its own words gives it away; other languages stay empty.
"""

from __future__ import annotations

import re

from mmskin_build.demographics.numbers import OLDEST, in_years

Span = tuple[int, int]
Found = tuple[float | None, float | None, str, str, Span | None, Span | None]

_AGE = re.compile(
    r"(?P<n>\d{1,3})(?:\s*[-–]\s*|\s+)?(?:(?P<de>jährige[rnsm]?|Jahren?(?:\s+alte[rnsm]?)?|Monaten?(?:\s+alte[rnsm]?)?|"
    r"Wochen(?:\s+alte[rnsm]?)?|Tagen?(?:\s+alte[rnsm]?)?|monatige[rnsm]?)|(?P<fr>ans|mois|semaines|jours)|"
    r"(?P<es>años?|meses|semanas|días))\b",
    re.I,
)
_AGE_LEAD = re.compile(
    r"(?:âgée?s?\s+d[e’']|\bde|im\s+Alter\s+von|,|\(|\bein(?:e[nrsm]?)?|\bder|\bdie|\bdas|\beines?)\s*$|^$",
    re.I,
)
_UNIT = {"j": "y", "a": "y", "m": "m", "w": "w", "s": "w", "t": "d", "d": "d"}
_MALE = re.compile(
    r"\b(?:Mann(?:es)?|Junge[n]?|Knaben?|männlich\w*|Patient(?:en)?(?=[\s,])|(?i:homme|garçon|hombre|varón|niño|masculino|masculin))\b"
)
_FEMALE = re.compile(
    r"\b(?:Frau|Mädchens?|Patientin|weiblich\w*|(?i:femme|fillette|fille|patiente|mujer|niña|femenin[ao]|féminin))\b"
)
_GROUP = {
    "neonate": re.compile(r"\b(?:Neugeborene[sn]?|nouveau-né|recién\s+nacid[oa])\b", re.I),
    "infant": re.compile(r"\b(?:Säuglings?|nourrisson|lactante)\b", re.I),
    "child": re.compile(r"\b(?:Kind(?:es)?|Kleinkind|(?i:enfant|niñ[oa]|fillette|garçonnet))\b"),
    "adolescent": re.compile(r"\b(?:Jugendliche[rn]?|adolescente?)\b"),
    "elderly": re.compile(
        r"\b(?:ältere[rn]?\s+(?:Mann|Frau|Patient\w*)|âgée?\b(?!\s+de)|ancian[oa])\b"
    ),
}
_MARK = re.compile(
    r"\b(?:jährige[rnsm]?|Jahren?|Mann|Frau|Mädchen|Junge|Säugling|Patientin|Neugeborenes|Kind|"
    r"bei\s+eine[rmn]|(?i:ans|âgée?|homme|femme|garçon|fillette|nourrisson|enfant|chez\s+une?|"
    r"años?|mujer|hombre|varón|niñ[oa]|lactante|paciente\s+de|recién))\b"
)
#: ASCII pieces of the marks above; a text without any of them is not looked at
_HINTS = """
jahr jahre jahren mann mannes frau junge jungen kind kindes hrige hriger hrigen
hriges hrigem dchen ugling patientin neugeborenes neugeborene ans homme femme gar
fillette nourrisson enfant chez mujer hombre var ni lactante paciente reci os bei
monate monaten
"""
FOREIGN_HINTS = frozenset(_HINTS.split())
_STOP = re.compile(
    r"\b(?:der|die|das|und|mit|bei|eine[rnms]?|einem|am|des|un|une|avec|chez|du|la|le|les|de|del|el|los|las|con|en)\b",
    re.I,
)
_ENGLISH = re.compile(r"\b(?:the|of|with|and|shows?|showing|in)\b", re.I)


def find_foreign(text: str) -> Found | None:
    """Return age and sex of a German, French or Spanish caption; None when it is not one."""
    if not _MARK.search(text):
        return None
    if len(_ENGLISH.findall(text)) > len(_STOP.findall(text)):
        return None
    low = high = None
    age_span = sex_span = None
    for m in _AGE.finditer(text):
        lead = text[max(0, m.start() - 20) : m.start()]
        adjective = (m["de"] or "").lower().startswith(("jährig", "monatig")) or "alt" in (
            m["de"] or ""
        )
        years = in_years(float(m["n"]), _UNIT[(m["de"] or m["fr"] or m["es"])[0].lower()])
        if years <= OLDEST and (adjective or _AGE_LEAD.search(lead)) and not _is_duration(lead):
            low = high = years
            age_span = (m.start(), m.end())
            break
    male, female = _MALE.search(text), _FEMALE.search(text)
    first = min((x for x in (male, female) if x), key=lambda x: x.start(), default=None)
    sex = "" if first is None else ("male" if first is male else "female")
    if first is not None:
        sex_span = (first.start(), first.end())
    group = next((g for g, rule in _GROUP.items() if rule.search(text)), "")
    return low, high, group, sex, age_span, sex_span


_DURATION_LEAD = re.compile(
    r"\b(?:seit|nach|vor|depuis|après|pendant|il y a|desde|hace|tras|durante|evolución)"
    r"\s+(?:\w+\s+)?$",
    re.I,
)


def _is_duration(lead: str) -> bool:
    return _DURATION_LEAD.search(lead) is not None
