"""Names, hospital numbers and dates of a person standing in a caption."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r"[A-Z][a-zà-ÿ'’-]+"
_INITIAL = r"[A-Z]\."
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_NUMBER = r"[A-Z]{0,3}[\d/ -]{4,}\d"

# 'Mr Smith' is a patient; 'Dr' and 'Professor' are authors and are left alone.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("name", re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mstr|Herr|Frau)\.? (?:{_INITIAL} ?)*{_NAME}")),
    (
        "name",
        re.compile(
            rf"\b(?:[Pp]atient(?:'s)?(?: name)?|[Nn]ame of (?:the )?patient|Name) ?: ?"
            rf"(?:{_INITIAL} ?|{_NAME} )+(?:{_NAME}|{_INITIAL})"
        ),
    ),
    ("name", re.compile(rf"\b[Pp]atient (?:{_INITIAL} ?){{2,3}}(?=[\s,;)]|$)")),
    ("name", re.compile(rf"\b[Pp]atient,? (?:named|called) {_NAME}")),
    (
        "number",
        re.compile(
            rf"\b(?:MRN|NHS|UHID|[Hh]osp(?:ital|\.)?|[Mm]edical record|[Pp]atient|[Rr]ecord"
            rf"|[Cc]hart|[Aa]dmission|[Aa]ccession|[Ss]ocial security|SSN)"
            rf"(?: (?:ID|[Ii]dentification|[Nn]o\.?|[Nn]umber|#))?[ :.#]*{_NUMBER}\b"
        ),
    ),
    ("birth", re.compile(r"\b(?:DOB|D\.O\.B\.|[Dd]ate of birth|[Bb]irth ?date)\b")),
    (
        "birth",
        re.compile(rf"\b[Bb]orn (?:on )?(?:the )?\d{{1,2}}(?:st|nd|rd|th)?[ ./-](?:\d|{_MONTH})"),
    ),
    ("date", re.compile(r"\b(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:19|20)\d\d\b")),
    ("date", re.compile(r"\b(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b")),
    (
        "date",
        re.compile(
            rf"\b\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH},? (?:19|20)\d\d\b"
            rf"|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?, (?:19|20)\d\d\b"
        ),
    ),
    ("contact", re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b")),
)


@dataclass(frozen=True, slots=True)
class PersonalDatum:
    """One finding: kind (name, number, birth, date, contact) and the words."""

    kind: str
    text: str


def find_personal_data(caption: str) -> tuple[PersonalDatum, ...]:
    """Return what in a caption could identify a person, in reading order."""
    hits = [(m.start(), kind, m.group()) for kind, p in _PATTERNS for m in p.finditer(caption)]
    return tuple(PersonalDatum(kind, text.strip()) for _, kind, text in sorted(hits))
