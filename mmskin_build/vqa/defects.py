"""Text rules for what is wrong with questions and answers, one name each.

The names and families are those of the defect table for published sets (docs/vqa.md), so that
our own rows and anybody's are counted alike. ``gate`` applies the same rules to each new row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from re import Pattern

from mmskin_build.reject_reasons import RejectReason


class Part(StrEnum):
    """Which part of a row a rule reads."""

    QUESTION = "question"
    ANSWER = "answer"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Rule:
    """One defect rule."""

    name: str
    part: Part
    pattern: Pattern[str]
    reason: RejectReason
    counted: bool = True  # part of 'any' in the table

    def hits(self, question: str, answer: str) -> bool:
        """Tell whether the rule finds its defect, whatever the case of letters."""
        # patterns in small letters on text in small letters: half the time of re.IGNORECASE
        question, answer = question.lower(), answer.lower()
        if self.part is Part.QUESTION:
            return bool(self.pattern.search(question))
        if self.part is Part.ANSWER:
            return bool(self.pattern.search(answer))
        return bool(self.pattern.search(f"{question} || {answer}"))


FAMILY_NAMES = {
    "H": "hedge or refusal",
    "P": "source text shows through",
    "G": "image not needed",
    "C": "chit-chat",
    "U": "unseeable",
}


def _rule(name: str, part: Part, pattern: str, reason: RejectReason, counted: bool = True) -> Rule:
    return Rule(name, part, re.compile(pattern), reason, counted)


_Q, _A, _B = Part.QUESTION, Part.ANSWER, Part.BOTH
_HEDGE, _TEXT = RejectReason.QA_HEDGE, RejectReason.QA_TEXT_SHOWS
_GENERAL, _CHAT = RejectReason.QA_GENERAL_KNOWLEDGE, RejectReason.QA_CHIT_CHAT
_UNSEEABLE = RejectReason.QA_UNSEEABLE
_KNOW = "determine|say|tell|identify|know|assess|estimate|give|ascertain|provide|make"

RULES: tuple[Rule, ...] = (
    _rule(
        "H1", _A,
        rf"\b(?:difficult|hard|impossible|not possible|challenging) to (?:{_KNOW})\b", _HEDGE,
    ),
    _rule(
        "H2", _A,
        r"\b(?:can(?:not|'t)|could not|unable to|not able to) (?:be )?(?:\w+ly )?"
        r"(?:determin\w*|tell|say|identif\w*|provide|ascertain\w*|assess\w*|confirm\w*|see|know|"
        r"conclude\w*|infer\w*|diagnos\w*|answer|estimat\w*)\b", _HEDGE,
    ),
    _rule(
        "H3", _A,
        r"\b(?:no (?:\w+ ){0,3}(?:information|details?|mention|indication) (?:\w+ ){0,4}"
        r"(?:provided|available|given|mentioned|about|regarding)"
        r"|not (?:\w+ly )?(?:provided|mentioned|specified|stated|given))\b", _HEDGE,
    ),
    _rule("H4", _A, r"\bunfortunately,? (?:no|i|the|there is no additional|we)\b", _HEDGE),
    _rule(
        "H5", _A,
        r"\b(?:from|based (?:solely )?on|by) (?:just )?(?:the|this) (?:image|picture|photo)s?"
        r"(?: provided)? (?:alone|itself|only)\b"
        r"|\b(?:based|solely) (?:solely )?on (?:the|this) image\b|just by looking\b", _HEDGE,
    ),
    _rule(
        "H6", _A, r"\b(?:i'?m sorry|i am sorry|i apologi[sz]e|unable to answer|as an ai)\b", _HEDGE
    ),
    _rule(
        "H7", _A,
        r"\b(?:unclear|not (?:entirely |immediately |completely )?clear "
        r"(?:whether|if|from|what))\b", _HEDGE,
    ),
    _rule("P1", _Q, r"\bcaptions?\b", _TEXT),
    _rule("P2", _A, r"\bcaptions?\b", _TEXT),
    _rule(
        "P3", _Q,
        r"\bin this context\b|\bthe (?:word|term|phrase|abbreviation|acronym|text|sentence|"
        r"description|statement)\b|\bmention(?:ed|s)?\b", _TEXT,
    ),
    _rule(
        "P4", _A,
        r"\bmentioned\b|\b(?:provided|given|available) (?:context|text|description)\b", _TEXT,
    ),
    _rule("P5", _B, r"\bgenerated q&a\b|\bquoting or referring\b|\btext information\b", _TEXT),
    _rule(
        "G1", _Q,
        r"\b(?:treat(?!ed by)\w*|therap\w*|medicat\w*|remed\w+|cure[ds]?|curable|drugs?|surger\w+|"
        r"antibiotics?|vaccin\w*|ointments?|lifestyle)\b", _GENERAL,
    ),
    _rule(
        "G2", _Q,
        r"\b(?:how (?:common|often|rare|many people|frequent\w*)|prevalen\w*|inciden(?:ce|t)\w*|"
        r"risk factors?|population|all ages|more likely|hereditary|genetic\w*|inherit\w*|"
        r"run in families|contagious|transmit\w*|infectious|life.?threatening|fatal|mortality|"
        r"survival|prognos\w*|outlook|prevent\w*|recur\w*|complications?|long.?term)\b", _GENERAL,
    ),
    _rule(
        "G3", _Q,
        r"^what (?:causes?|triggers?)\b|^what (?:is|are) (?:some |the )?(?:common |possible |"
        r"potential |main |most common |underlying |primary |exact |typical )*"
        r"(?:causes?|symptoms?|signs?)\b|^how (?:is|are) [\w' \-]+ (?:diagnosed|caused|acquired|"
        r"spread|transmitted)|\bsymptoms associated with\b", _GENERAL,
    ),
    _rule(
        "G4", _Q,
        r"^what (?:is|are|does) (?!the\b|this\b|that\b|these\b|those\b|visible|shown|being|present|"
        r"seen|some\b|it\b)[\w' \-]+\?$|^what does [\w' \-\"]+ mean\b", _GENERAL,
    ),
    _rule(
        "C1", _Q,
        r"\bthank(?:s| you)\b|\banything else (?:you|i)\b|\bcan i (?:do|get|use|see)\b|"
        r"\bshould i\b|\bmy (?:skin|child|doctor|feet|rash)\b", _CHAT,
    ),
    _rule(
        "C2", _A,
        r"\b(?:you'?re welcome|let me know|feel free|happy to (?:help|answer|assist)|"
        r"glad (?:to|i)\b|any (?:further|other|additional|more) "
        r"(?:questions|queries|inquiries))\b", _CHAT,
    ),
    _rule(
        "C3", _Q, r"^(?:is|are) there (?:any|anything) (?:else|other|additional|further|more)\b",
        _CHAT, False,
    ),
    _rule(
        "M1", _A,
        r"\b\d+(?:\.\d+)?\s*(?:mm|cm|millimet\w+|centimet\w+|microns?|micromet\w+)\b", _UNSEEABLE,
    ),
    _rule(
        "M2", _A,
        r"\b(?:consult|seek) (?:\w+ ){0,3}(?:medical|dermatologist|doctor|healthcare|professional)|"
        r"\bhealthcare (?:professional|provider)\b", _CHAT, False,
    ),
    _rule(
        "U1", _Q,
        r"\b(?:how old|age of the|how long (?:has|have|had|did)|medical history|family history|"
        r"health history|health or lifestyle)\b", _UNSEEABLE,
    ),
)  # fmt: skip


def family_of(rule: Rule) -> str:
    """Return the family letter under which a rule is counted ('' when it is not)."""
    if not rule.counted:
        return ""
    return "U" if rule.name == "M1" else rule.name[0]


def defects(question: str, answer: str) -> list[Rule]:
    """Return the rules that a question and its answer break."""
    return [rule for rule in RULES if rule.hits(question, answer)]
