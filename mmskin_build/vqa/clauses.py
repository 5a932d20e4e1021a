"""A caption cut into clauses: its title, and what else it says, with places in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BREAK = re.compile(
    r"(?:[.!?](?=\s+[\"“(]?[^\sa-z])|(?<=[a-z]{4})[.!?](?=\s+[a-z])|;(?=\s)|[.!?]\s*$)"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|approx|Dr|Prof|Mr|Mrs|Ms|Fig|Figs|No|ca|spp|sp|var|St|al|orig|mag"
    r"|magn|resp|incl|St)|\b[A-Z])$"
)
_TITLE_END = re.compile(r":(?=\s)|\s[–—-](?=\s)|\.(?=\s)")
_SHOWING = re.compile(
    r",?\s(?:showing|demonstrating|displaying|revealing|exhibiting|consisting of|composed of|"
    r"characteri[sz]ed by|presenting as|manifesting as|manifested by|appearing as|with|"
    r"note the|there (?:is|are))\s",
    re.I,
)
_PERSON = (
    r"(?:(?!\b(?:with|of|in|on|who)\b)[\w'’½,-]+\s){0,7}?(?:man|woman|boy|girl|gentleman|lady|"
    r"patients?|child|infant|neonate|newborn|baby|toddler|adolescent|teenager|adult|widow|widower|"
    r"worker|male|female|youth|person|individual|\w+genarian|teenager|student|farmer)\b"
    r"(?:,?\s(?:aged?(?: of)?|of|in (?:his|her)|between)\s[\w\s-]{1,28}?(?:years?(?: of age| old)?"
    r"|months?(?: of age| old)?|weeks?(?: old)?|days?(?: old)?|\d+|fifties|sixties|seventies"
    r"|eighties|nineties|forties|thirties|twenties|teens))?"
)
#: 'A 40-year-old man with …', 'A male patient with …'
WHO_HAS = re.compile(
    rf"^(?:an?|the|this)\s{_PERSON},?\s(?:with|having|suffering from|who (?:has|had))\s", re.I
)
#: '… in a toddler', '… in an 8-year-old girl', '… (M, 45)'
IN_WHOM = re.compile(
    rf"\s(?:in|on|of|from)\s(?:an?|the|this|two|three|several)?\s?{_PERSON}"
    r"|\s\((?:[MF]|male|female)[,;]?\s\d+[^)]*\)",
    re.I,
)


#: a first sentence that only says how the picture was made
_HEADER = re.compile(
    r"\W*(?:dermoscopy|dermatoscopy|dermoscopic (?:image|view)|clinical (?:photograph|picture|view|"
    r"image)|histology|histopathology|microscopy|photomicrograph|close-?up(?: view)?)\W*$",
    re.I,
)
#: 'A, …', '(b) …', 'C, D, …' at the start of a clause
PANEL_MARK = re.compile(
    r"\s*(?:\(?[A-Ha-h](?:\)[,:]?|[,:.])\s?|[A-H]\s(?:and|&)\s[A-H][,:.]\s?)+(?=\S)"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a caption, characters ``start`` to ``end``."""

    start: int
    end: int
    text: str
    title: bool  # it names the picture rather than describing it


def describes_panels(text: str) -> bool:
    """Tell whether a caption speaks of several panels one after the other."""
    marks = re.findall(r"(?:^|[.;:,]\s)\(?([A-Ha-h])(?:\)|[,:](?=\s))", text)
    marks += re.findall(r"(?:^|[.;:]\s+)([A-H])(?=\s[A-Z][a-z])", text)
    marks += re.findall(r"\(([A-H])(?:,[^()]*)?\)", text)
    sides = _SIDES.findall(text)
    return len({mark.upper() for mark in marks}) >= 2 or len({s.lower() for s in sides}) >= 2


_SIDES = re.compile(r"\((left|right|top|bottom|upper|lower|centre|center|middle|inset)\b", re.I)


def split_clauses(text: str) -> list[Clause]:
    """Return the clauses of a caption, its title first."""
    clauses: list[Clause] = []
    titled = False
    for start, end in sentences(text):
        if not titled and not _HEADER.match(text[start:end]):
            titled = True
            clauses += _split_title(text, start, end)
        else:
            clauses += _split_colon(text, start, end)
    return [c for c in clauses if c.text]


def _split_colon(text: str, start: int, end: int) -> list[Clause]:
    """Return the clauses on the two sides of a colon: 'Sister Mary Joseph nodule: glands …'."""
    cut = re.compile(r":(?=\s)").search(text, start, end)
    if cut is None:
        return [_clause(text, start, end, title=False)]
    return [
        _clause(text, start, cut.start(), title=False),
        _clause(text, cut.end(), end, title=False),
    ]


def sentences(text: str) -> list[tuple[int, int]]:
    """Return start and end of each sentence; abbreviations and parentheses end none."""
    spans, start, depth = [], 0, 0
    closes = {m.start() for m in _BREAK.finditer(text)}
    for at, letter in enumerate(text):
        depth = max(0, depth + (letter in "([") - (letter in ")]"))
        if at in closes and depth == 0 and not _ABBREVIATION.search(text[start:at]):
            spans.append((start, at))
            start = at + 1
    spans.append((start, len(text)))
    return [(a, b) for a, b in spans if text[a:b].strip(" .;")]


def _split_title(text: str, start: int, end: int) -> list[Clause]:
    """Return the title and, after a colon, a dash or 'showing', the first finding."""
    lead = WHO_HAS.match(text[start:end])
    head = start + (lead.end() if lead else 0)
    for pattern in (_TITLE_END, _SHOWING):
        cut = pattern.search(text, head, end)
        if cut and text[cut.end() : end].strip():
            return [
                _clause(text, head, cut.start(), title=True),
                *_split_colon(text, cut.end(), end),
            ]
    return [_clause(text, head, end, title=True)]


def _clause(text: str, start: int, end: int, *, title: bool) -> Clause:
    """Return the clause without blanks, panel marks and stray marks at its ends."""
    mark = PANEL_MARK.match(text, start, end)
    start = mark.end() if mark else start
    while start < end and text[start] in " \t\n.,;:–—-":
        start += 1
    while end > start and text[end - 1] in " \t\n.,;:–—":
        end -= 1
    return Clause(start, end, text[start:end], title)
