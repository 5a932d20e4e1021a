"""Count wording defects of questions and answers for the data card.

The families are those the published MM-Skin test set was counted by, so that the two tables can
be read side by side. Rules find wording; they are strict, and shares are lower bounds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DefectRow:
    """How many question-answer rows a family of rules hits."""

    family: str
    rows: int
    share: float


_UNKNOWABLE = (
    r"\b(?:difficult|hard|impossible|not possible|challenging) to "
    r"(?:determine|say|tell|identify|know|assess|estimate|give|ascertain|provide|make)\b"
    r"|\b(?:can(?:not|'t)|could not|unable to|not able to) (?:be )?(?:\w+ly )?"
    r"(?:determin|tell|say|identif|provid|ascertain|assess|confirm|see|know|conclud|infer|"
    r"diagnos|answer|estimat)\w*"
    r"|\bnot (?:\w+ly )?(?:provided|mentioned|specified|stated|given)\b"
    r"|\bno (?:\w+ ){0,3}(?:information|details?|mention|indication)\b"
    r"|\bunfortunately\b|\bfrom (?:the|this) image (?:alone|itself|only)\b"
    r"|\bjust by looking\b|\bi'?m sorry\b|\bi apologi[sz]e\b|\bas an ai\b"
    r"|\b(?:unclear|not clear (?:whether|if|from|what))\b"
)
_TEXT_SHOWS_QUESTION = (
    r"\bcaptions?\b|\bin this context\b|\bmention(?:ed|s)?\b"
    r"|\bthe (?:word|term|phrase|abbreviation|acronym|text|sentence|description|statement)\b"
)
_TEXT_SHOWS_ANSWER = (
    r"\bcaptions?\b|\bmentioned\b|\b(?:provided|given|available) (?:context|text|description)\b"
)
_GENERAL = (
    r"\b(?:treat(?!ed by)\w*|therap\w*|medicat\w*|remed\w+|cure[ds]?|drugs?|surger\w+|"
    r"antibiotics?|vaccin\w*|lifestyle)\b"
    r"|\b(?:how (?:common|often|rare|frequent\w*)|prevalen\w*|inciden(?:ce|t)|risk factors?|"
    r"hereditary|inherit\w*|contagious|transmit\w*|fatal|survival|prognos\w*|prevent\w*|"
    r"recur\w*|complications?|long.?term)\b"
    r"|^what (?:causes?|triggers?)\b|\bsymptoms associated with\b"
    r"|^what (?:is|are) (?:\w+ ){0,3}(?:causes?|symptoms?|signs?)\b|\bpopulation\b|\boutlook\b"
    r"|^how (?:is|are) .{3,40} (?:diagnosed|caused|acquired|spread|transmitted)\b"
    r"|\b(?:more likely|life.?threatening|infectious|genetic\w*|mortality)\b"
    r"|^what (?:is|are|does) (?!(?:the|this|that|these|those)\b)[\w' -]+\?$"
)
_CHIT_CHAT_QUESTION = r"\bthank(?:s| you)\b|\banything else (?:you|i)\b|\bshould i\b|\bmy skin\b"
_CHIT_CHAT_ANSWER = r"\byou'?re welcome\b|\blet me know\b|\bfeel free\b|\bfurther questions\b"
_UNSEEABLE_QUESTION = (
    r"\bhow old\b|\bhow long (?:has|have|had|did)\b|\b(?:medical|family) history\b"
)
_UNSEEABLE_ANSWER = r"\b\d+(?:\.\d+)?\s*(?:mm|cm|microns?|millimet\w+|centimet\w+)\b"

# family: (rule on the question, rule on the answer); '' is no rule
_FAMILIES = {
    "hedge or refusal": ("", _UNKNOWABLE),
    "source text shows through": (_TEXT_SHOWS_QUESTION, _TEXT_SHOWS_ANSWER),
    "general knowledge, image not needed": (_GENERAL, ""),
    "chit-chat": (_CHIT_CHAT_QUESTION, _CHIT_CHAT_ANSWER),
    "unseeable fact": (_UNSEEABLE_QUESTION, _UNSEEABLE_ANSWER),
}


def defect_table(rows: Iterable[tuple[str, str]]) -> list[DefectRow]:
    """Return one row per family, their union, and rows that repeat question and answer."""
    items = list(rows)
    hits = {name: _hits(items, *rules) for name, rules in _FAMILIES.items()}
    table = [_row(name, len(found), len(items)) for name, found in hits.items()]
    table.append(_row("any of these", len(set().union(*hits.values())), len(items)))
    same = Counter((q.strip().lower(), a.strip().lower()) for q, a in items)
    table.append(_row("question and answer repeated", len(items) - len(same), len(items)))
    return table


def _hits(items: list[tuple[str, str]], question_rule: str, answer_rule: str) -> set[int]:
    found: set[int] = set()
    for position, rule in ((0, question_rule), (1, answer_rule)):
        if rule:
            pattern = re.compile(rule, re.IGNORECASE)
            found |= {n for n, item in enumerate(items) if pattern.search(item[position])}
    return found


def _row(family: str, hits: int, total: int) -> DefectRow:
    return DefectRow(family, hits, hits / total if total else 0.0)
