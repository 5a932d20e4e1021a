"""The diagnosis a caption gives its picture, when it gives exactly one and without doubt."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mmskin_build.vqa.clauses import IN_WHOM, Clause
from mmskin_build.vqa.cues import load_cues
from mmskin_build.vqa.facts import BROKEN_LIGATURE, Fact, Reading
from mmskin_build.vqa.lexicon_files import Kind, Term
from mmskin_build.vqa.word_lists import word_list
from mmskin_build.vqa.words import words_of

_DISEASE_END = re.compile(
    r"(?:oma|omas|osis|oses|itis|itides|iasis|derma|naevus|naevi|nevus|nevi|pemphigus|pemphigoid|"
    r"porphyria|disease|syndrome|dystrophy|cysts?|warts?|infection|ulcers?|cancer|metastas[ei]s|"
    r"tumou?rs?|bites?|eruption|alopecia|lupus|malformation|hyperplasia|dermatophytosis|lentigo|"
    r"panniculitis|urticaria|ichthyosis|mycosis|acne|melanosis|keratoderma|angioedema|lipoma|"
    r"erythroderma|prurigo|leprosy|syphilis|histiocytosis|amyloid|mucinosis|xanthomas?|nevi)$",
    re.I,
)
_LATIN_HEAD = re.compile(
    r"^(?:erythema|lichen|tinea|pityriasis|keratosis|n(?:a)?evus|dermatitis|porphyria|ichthyosis|"
    r"acrodermatitis|herpes|verruca|pemphigus|lupus|mycosis|acne|pseudoxanthoma|livedo|atrophoderma"
    r"|condyloma\w*|purpura|urticaria|cutis|molluscum|alopecia|hidradenitis|necrobiosis)\s[a-z]{4,}",
    re.I,
)
_NO_DISEASE = re.compile(
    r"\b(?:normal|healthy|schematic|diagram|drawing|appearances?|views?|comparison|comparative|"
    r"stages?|range|patterns?|examples?|features?|structure|layers?|section|anatomy|same|various|"
    r"different|types?|early|under|lesions?|versus|vs|treat\w*|therapy|before|after|following|"
    r"history|test\w*|surgery|excision|biops\w+|distribution|classification|signs?|areas?|"
    r"what|which|who|how|why|this|that|these|please|is|are|was|were|my|your|our|their|it|he|she|"
    r"we|you|i|seeking|diagnosis|conditions?|"
    r"recurrent|persistent|itchy|painful|multiple|several|large|small|red|rash(?:es)?)\b",
    re.I,
)
#: a sentence that teaches rather than names its picture, when the disease comes later in it
_TEACHES = re.compile(
    r"\b(?:can|could|may|might|should|would|will|must|causes?d?|causing|triggers?|risk|refers?|"
    r"treat\w*|therap\w*|prognosis|although|while|whereas|however|people|detect\w*|exact|"
    r"important|common(?:ly)?|usually|often|typically|unlike|because|if|when|differs?|lead(?:s|ing)?"
    r" to|result(?:s|ing)? in|spread(?:s|ing)? (?:through|by|from))\b",
    re.I,
)
_NO_MODIFIER = re.compile(
    r"\b(?:of|in|on|with|and|or|the|a|an|from|to|at|by|typical|advanced|severe|mild|extensive|"
    r"widespread|marked|another|established|case|localised|localized|multiple|several|large|small|"
    r"giant|solitary|single|early|late|generali[sz]ed|florid|numerous|subtle|obvious|more|"
    r"infected|active|two|three|while|although|some|many|most|other|both|when|if|as|for|is|are|"
    r"was|were|that|this|these|which|what|common|exact|case|cases|sever(?:e|al)|my|your|"
    r"known|called|likely|\d+)\b|\d",
    re.I,
)
_FINDINGS_ONLY = word_list("findings_not_diseases")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The diagnosis of a picture as its caption words it."""

    text: str
    start: int
    end: int
    term: Term | None  # its lexicon entry; None when only its form tells that it is a disease


def read_diagnosis(reading: Reading) -> Diagnosis | None:
    """Return the diagnosis named in a caption's title, or None."""
    title = next((c for c in reading.clauses if c.title), None)
    if title is None or BROKEN_LIGATURE.search(title.text):
        return None
    named = [f for f in reading.facts if f.term.kind is Kind.DISEASE and f.clause == 0]
    if named:
        return _single(reading, title, named)
    return None if _asks(reading.text, title) else _by_form(title)


def teaches(text: str) -> bool:
    """Tell whether a clause speaks of a disease in general: causes, course, treatment."""
    return bool(_TEACHES.search(text))


def _asks(text: str, title: Clause) -> bool:
    """Tell whether the title is a question."""
    return text[title.end : title.end + 2].lstrip().startswith("?")


def _single(reading: Reading, title: Clause, named: list[Fact]) -> Diagnosis | None:
    first = named[0]
    others = [f for f in named[1:] if f.term.name != first.term.name and not _aside(reading, f)]
    if others or not first.holds or load_cues().hedge.search(title.text):
        return None
    before = reading.text[title.start : first.start]
    if _asks(reading.text, title) or (before.strip() and teaches(title.text)):
        return None
    if re.search(r"\b(?:normal|treated|healed|site of|scar of|type of|sign)\b", before, re.I):
        return None
    if re.match(
        r"[- ](?:under|cells?|pattern|test|like|associated|body|bodies|scar|sign)\b",
        reading.text[first.end :],
    ):
        return None
    start = _with_modifiers(reading.text, title.start, first.start)
    return Diagnosis(reading.text[start : first.end], start, first.end, first.term)


def _with_modifiers(text: str, floor: int, start: int) -> int:
    """Return where the name begins with its modifiers: 'cellular blue naevus', 'NK/T-cell …'."""
    lead = text[floor:start]
    words = re.findall(r"[\w'’/-]+", lead)
    plain = bool(re.fullmatch(r"(?:[\w'’/-]+ )*(?:[\w'’/-]+[-/ ])?", lead))
    if not words or len(words) > 3 or not plain or _NO_MODIFIER.search(lead):
        return start
    return floor if not load_cues().unseen.search(lead) else start


def _aside(reading: Reading, fact: Fact) -> bool:
    """Tell whether a fact stands in parentheses: 'Bowen disease (squamous cell carcinoma …)'."""
    lead = reading.text[: fact.start]
    return lead.rfind("(") > lead.rfind(")")


def _by_form(title: Clause) -> Diagnosis | None:
    """Return a title that is worded like a disease, unknown to the lexicon as it may be."""
    text = re.split(
        r"\s(?:of|in|on|with|at|from|over|affecting|involving|showing)\s|[,(;]|\s[–—]\s",
        IN_WHOM.sub("", title.text),
    )[0].strip()
    words = words_of(text)
    if not 1 <= len(words) <= 5 or _NO_DISEASE.search(text) or load_cues().hedge.search(text):
        return None
    if any(w.key in _FINDINGS_ONLY for w in words) or re.search(r"\d|\band\b|\bor\b", text):
        return None
    if not (_DISEASE_END.search(text) or _LATIN_HEAD.match(text)):
        return None
    start = title.start + title.text.find(text)
    return Diagnosis(text, start, start + len(text), None)
