"""Age groups said in words: neonate, infant, child, adolescent, adult, elderly."""

from __future__ import annotations

import re
from collections.abc import Set

from mmskin_build.demographics.mentions import sentence_around
from mmskin_build.demographics.people import ANIMALS, compiled, matches_at, speaks_in_general

#: group, and the words that name it
GROUPS = {
    "neonate": r"neonates?|newborns?|new-born|newly\s+born|(?:premature|preterm)\s+(?:infant|baby)",
    "infant": r"infants?|bab(?:y|ies)",
    "child": r"child(?:ren)?|toddlers?|preschoolers?|schoolchild(?:ren)?|"
    r"school[\s-]?(?:boy|girl)s?|(?:young|little|small)\s+(?:boy|girl)s?",
    "adolescent": r"adolescents?|teenagers?|teenaged?|youths?",
    "adult": r"middle[\s-]?aged|"
    r"middle[\s-]age(?=\s+(?:person|patient|m[ae]n|wom[ae]n|(?:fe)?males?)\b)|"
    r"adults?(?=\s*(?:$|[.,;:)(]|(?:with|who|in|of|from|aged?|was|is|has|and|patients?|person|"
    r"wom[ae]n|m[ae]n|(?:fe)?males?|subject|individual|volunteer)\b))",
    "elderly": r"elderly|(?<!year )(?<!years )(?<!year-)(?<!yr )(?<!yrs )(?<!yr-)(?<!month )"
    r"old\s+(?:man|woman|lady|gentleman|men|women)|aged\s+(?:man|woman)|"
    r"senior\s+citizen",
}
_WORD = compiled(
    r"(?<![\w-])(?:"
    + "|".join(f"(?P<{k}>{v})" for k, v in GROUPS.items())
    + r")(?![\w]|-(?:onset|type|pugh))",
    0,
)
_DISEASE_AFTER = compiled(
    r"(?:[’']s?\s+(?:hospital|health|clinic|medical|ward))|\s*(?:idiopathic|t[\s-]?cell|abuse|seat|birth|formula|powder|oil|skin\s+\w+\s+(?:ointment|cream|lotion)|lotion|shampoo|care\b|onset|type\b|xantho\w*|"
    r"rhabdomyoma|respiratory|worms?|mosquito\w*|ticks?|flies|teeth|tooth|brain|tissue|(?:fe)?male\s+pelvis)"
)
_PLURALS = ("s", "children", "men", "women", "babies", "people")
_WORDS = frozenset(
    [
        "neonate",
        "neonates",
        "newborn",
        "newborns",
        "newly",
        "new",
        "premature",
        "preterm",
        "infant",
        "infants",
        "baby",
        "babies",
        "child",
        "children",
        "toddler",
        "toddlers",
        "preschooler",
        "preschoolers",
        "schoolchild",
        "schoolchildren",
        "school",
        "schoolboy",
        "schoolgirl",
        "young",
        "little",
        "small",
        "adolescent",
        "adolescents",
        "teenager",
        "teenagers",
        "teenage",
        "teenaged",
        "youth",
        "youths",
        "middle",
        "adult",
        "adults",
        "elderly",
        "old",
        "aged",
        "senior",
    ]
)
_MOTHER = compiled(
    r"\b(?:(?:mothers?|fathers?|parents?)\s+of|when\s+\w+\s+(?:was|were)|(?:having|have|had|with\s+no|bore)"
    r"|birth\s+to(?:\s+(?:my|her|the))?|pregnan\w+\s+with|as)\s+(?:an?|the|two|three)?\s*$"
)


def find_group(text: str, low: str, words: Set[str]) -> tuple[str, int, int] | None:
    """Return (group, start, end) of the first group word that speaks of the patient.

    ``low`` is the text in lower case, ``words`` are its words.
    """
    if words.isdisjoint(_WORDS):
        return None
    for m in matches_at(_WORD, low, words & _WORDS):
        if _fits(text, m):
            return str(m.lastgroup), m.start(), m.end()
    return None


_PLURAL_AFTER = compiled(r"\s+(?:people|patients|persons|individuals|men|women|males|females)\b")
_OF_THE = compiled(
    r"\w{3,}(?:us|sis|tis|ema|oma|ia|ism|ura|um|disease|syndrome|disorder)\s+of\s+the\s*$"
)
_COUNTED = compiled(
    r"\b(?:two|three|four|five|six|both|these|the|those|our|twin|\d{1,2})\s+(?:[\w-]+\s+){0,2}$"
)
_STATEMENT = compiled(
    r"\b(?:is|are|was|were|has|have|occurs?|arises?|arose|appears?|affects?|presents?|develops?|"
    r"seen|found|reported|described|known|their|parents?)\b"
)
_SINGULAR_BEFORE = compiled(r"(?:^\W*|\b(?:an?|this|the|our)\s+(?:[\w-]+\s+){0,3})$")


#: 'middle-aged treated rat model'; a calf may be the patient's own, a rat's owner is a person
_ANIMAL_AFTER = compiled(
    r"^[\s-]*(?:(?!(?:m[ae]n|wom[ae]n|persons?|patients?|people|by|with|after|of|from|to|in|on|and|or|"
    r"an?|the|whose|who|calf|calves)\b)[\w’'/-]+\s+){0,3}?"
    rf"(?!calf|calves)(?:{ANIMALS})\b"
    r"(?!['’]|[\s-]+(?:bit|scratch|own|handl|breed|keep|dander|hair|lover|trainer))"
)


def _fits(text: str, m: re.Match[str]) -> bool:
    if _ANIMAL_AFTER.match(text[m.end() : m.end() + 70]):
        return False
    if _DISEASE_AFTER.match(text[m.end() :]) or _MOTHER.search(text[: m.start()]):
        return False
    begin, end = sentence_around(text, m.start(), m.end())
    before = text[begin : m.start()]
    if _OF_THE.search(before):
        return False  # 'erythema toxicum of the newborn' is a disease
    follows_plural = _PLURAL_AFTER.match(text[m.end() :]) is not None
    plural = follows_plural or m.group().endswith(_PLURALS)
    if plural and _COUNTED.search(before) is None:
        # bare plurals are mankind, except in a plain noun phrase ('Wheals in children')
        return bool(before.strip()) and not (
            _STATEMENT.search(text[begin:end]) or speaks_in_general(text[begin:end])
        )
    if speaks_in_general(text[begin:end]):
        return not plural and _SINGULAR_BEFORE.search(before) is not None and "their" not in before
    return True
