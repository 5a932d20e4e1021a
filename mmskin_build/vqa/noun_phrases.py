"""Noun phrases around a head word, with the article and number English wants."""

from __future__ import annotations

import re

from mmskin_build.vqa.word_lists import word_list
from mmskin_build.vqa.words import Word

_PREPOSITIONS = word_list("phrase_breaks")
_ARTICLES = frozenset({"a", "an", "the"})
_ADJECTIVES = word_list("adjectives")
_ADJECTIVE_END = re.compile(
    r"(?:ed|y|ic|ous|al|ar|ing|ive|ish|like|form|oid|ant|ent|ary|ate|ose|ular|ent|less|shaped)$"
)
_PLURAL = re.compile(r"(?:[^sui]s|ae|ia|omata|[aeo]i|vi|li)$")
_PLURALS = frozenset(
    {"petechiae", "comedones", "feet", "striae", "bullae", "maculae", "lacunae", "crusts"}
)
_MASS = word_list("mass_nouns")
_NOUNS_LIKE_ADJECTIVES = word_list("nouns_like_adjectives")
_MASS_END = re.compile(r"(?:dactyly|plasia|ness|trophy|rrhoea)$")
_SOUNDS_VOWEL = re.compile(
    r"^(?:[aeio]|u(?!n[iaeo]|s|k)|un(?:[^i]|i[nm])|hour|honest|heir|[fhlmnrsx]-)", re.I
)
_INDEFINITE = re.compile(r"\b([Aa])n? ([^\W\d_][\w-]*)")
_ACRONYM = re.compile(r"^(?:[A-Z][^a-z]*|[A-Z]\W|[a-z]?[A-Z]{2}|.*[a-z][A-Z])")
EPONYMS = word_list("names")


def is_adjective(word: str) -> bool:
    """Tell whether a word looks like an adjective or a number."""
    low = word.lower()
    if low in _ADJECTIVES:
        return True
    return bool(_ADJECTIVE_END.search(low)) and low not in _MASS | _NOUNS_LIKE_ADJECTIVES


def is_plural(noun: str) -> bool:
    """Tell whether a head noun is a plural: 'papules', 'bullae'."""
    low = noun.lower()
    return low in _PLURALS or (bool(_PLURAL.search(low)) and low not in _MASS)


def phrase_start(text: str, words: list[Word], head: int, floor: int) -> int:
    """Return the index of the first word of the noun phrase that ends in ``words[head]``.

    Args:
        text: the text the words come from.
        words: its words.
        head: index of the head noun's first word.
        floor: index of the first word the phrase may hold.
    """
    at = head
    while at > floor:
        before = words[at - 1]
        gap = text[before.end : words[at].start]
        if gap in ("-", "–"):
            at -= 1
            continue
        if before.text.lower() in _PREPOSITIONS or not _joins(gap, before.text):
            break
        if before.text.lower() == "and" and not _two_adjectives(words, at, floor):
            break
        if before.text.lower() in _ARTICLES:
            break
        at -= 1
    while at < head and words[at].text.lower() in ("and", "then", "or"):
        at += 1
    return at


def _joins(gap: str, before: str) -> bool:
    return gap in (" ", "-", "–") or (gap == ", " and is_adjective(before))


def _two_adjectives(words: list[Word], at: int, floor: int) -> bool:
    """Tell whether 'and' before ``at`` joins adjectives ('red and scaly plaques')."""
    return at - 2 >= floor and is_adjective(words[at - 2].text) and is_adjective(words[at].text)


def is_mass(head: str) -> bool:
    """Tell whether a head noun takes no article: 'erythema'."""
    return head.lower() in _MASS or bool(_MASS_END.search(head.lower()))


def with_article(phrase: str, head: str) -> str:
    """Return the phrase with 'a' or 'an' where its head noun needs one."""
    if is_plural(head) or is_mass(head):
        return phrase
    first = phrase.split()[0].lower()
    if first in _ARTICLES | {"two", "three", "several", "one", "no", "both", "single-"}:
        return phrase
    return f"{'an' if _SOUNDS_VOWEL.match(phrase) else 'a'} {phrase}"


def repair_articles(text: str) -> str:
    """Return the text with 'a' and 'an' as the words behind them want it: 'an ulcer'."""
    return _INDEFINITE.sub(
        lambda m: f"{m.group(1)}{'n' if _SOUNDS_VOWEL.match(m.group(2)) else ''} {m.group(2)}", text
    )


def lower_first(text: str) -> str:
    """Return the text as it reads within a sentence; names and abbreviations keep capitals."""
    word = re.match(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text)
    if word is None:
        return text
    first = word.group()
    bare = re.sub(r"['’]s$", "", first).lower()
    if bare in EPONYMS or (_ACRONYM.match(text[: len(first) + 1]) and not first.istitle()):
        return text
    if len(first) == 1 and text[1:2] in "-–":
        return text
    return text[0].lower() + text[1:]


def upper_first(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]
