"""Words with their places in a caption, folded so that spelling and number do not matter."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:&[^\W_]+)*(?:['’][^\W\d_]+)?")
_BREAK = re.compile(r"[.;:!?]\s|[()\[\]?]|\s[–—-]\s")
_LIGATURES = (
    ("ae", "e"),
    ("oe", "e"),
    ("our", "or"),
    ("leuco", "leuko"),
    ("isation", "ization"),
    ("isati", "izati"),
    ("grey", "gray"),
    ("centre", "center"),
    ("fibre", "fiber"),
)
_KEPT = frozenset({"toe", "shoe", "does", "goes", "hour", "four", "your", "our", "pour"})
_IRREGULAR = {
    "feet": "foot",
    "teeth": "tooth",
    "lice": "louse",
    "dorsa": "dorsum",
    "comedones": "comedo",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mitoses": "mitosis",
    "axes": "axis",
    "lens": "lens",
    "emboli": "emboli",
    "pili": "pili",
    "areatas": "areata",
}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text.

    Attributes:
        start: character offset of its first letter.
        end: character offset after its last letter.
        text: as printed.
        key: folded: lower case, one spelling, singular.
        parted: what parts it from the word before: '' nothing much, ',' a comma, '.' a break.
    """

    start: int
    end: int
    text: str
    key: str
    parted: str = ""


def words_of(text: str) -> list[Word]:
    """Return the words of a text; hyphens and dashes part words."""
    words, last = [], 0
    for m in _WORD.finditer(text):
        gap = text[last : m.start()]
        parted = "." if _BREAK.search(gap) else "," if "," in gap else ""
        words.append(Word(m.start(), m.end(), m.group(), fold(m.group()), parted))
        last = m.end()
    return words


def plain_words(text: str) -> list[str]:
    """Return the words of a text as printed, without their places: half the time of words_of."""
    return _WORD.findall(text)


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """Return the key under which spellings and numbers of one word agree.

    ``fold('Naevi') == fold('nevus')`` and ``fold('haemorrhagic') == fold('hemorrhagic')``.
    """
    plain = unicodedata.normalize("NFKD", word.lower()).replace("’", "'")
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = plain.removesuffix("'s").replace("'", "")
    return _one_spelling(_singular(plain))


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4:
        return word
    if word.endswith("ae"):
        return word[:-1]
    if word.endswith("i") and len(word) > 4:
        return word[:-1] + "us"
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("toses", "roses", "noses", "toxes", "tases", "sases", "bases")):
        return word[:-2] + "is"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _one_spelling(word: str) -> str:
    if word in _KEPT:
        return word
    for old, new in _LIGATURES:
        word = word.replace(old, new)
    if word.endswith(("ised", "ising")) and len(word) > 7:
        stem = "ised" if word.endswith("ised") else "ising"
        word = word[: -len(stem)] + stem.replace("s", "z", 1)
    return word
