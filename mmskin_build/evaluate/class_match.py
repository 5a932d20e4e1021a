"""From a free-text reply to a class: whole phrases, no negated ones, ambiguity said openly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

NONE = "(none)"
AMBIGUOUS = "(ambiguous)"

# Words that deny what follows within the same clause.
_DENIAL = re.compile(
    r"\b(?:no|not|non|without|never|neither|nor|excludes?|excluded|excluding|unlikely|"
    r"rather than|instead of|rules? out|ruled out|absence of|isn't|doesn't)\b"
)
_CLAUSE = re.compile(r"[.;:,!?]|\bbut\b|\bhowever\b|\band\b")
# Spellings that mean the same class. Each is tried only for the classes of the set at hand, so
# that "actinic keratosis" is found whether a set writes Keratosis or Keratoses.
_PLURALS = (("keratosis", "keratoses"), ("nevus", "nevi"), ("lesion", "lesions"))
_SPELLINGS = (("naevus", "nevus"), ("naevi", "nevi"), ("tumour", "tumor"))
ALIASES: Mapping[str, tuple[str, ...]] = {
    "nevus": ("melanocytic nevus", "mole"),
    "melanoma": ("malignant melanoma",),
    "benign keratosis": ("seborrheic keratosis",),
    "benign keratosis-like lesions": ("benign keratosis", "seborrheic keratosis"),
    "nontumor": ("non-tumor", "non tumor", "no tumor", "not a tumor"),
    "non-malignant": ("nonmalignant", "benign"),
    "non-neoplastic": ("nonneoplastic",),
}


def match_class(reply: str, classes: Sequence[str]) -> str:
    """Return the one class a reply affirms, NONE or AMBIGUOUS.

    A class named inside the name of another ("nevus" in "blue nevus", "tumor" in "non-tumor")
    counts only where it stands alone; a denied class ("no melanoma") does not count.
    """
    text = _plain(reply)
    phrases = {phrase: name for name in classes for phrase in _phrases(name, classes)}
    found: set[str] = set()
    taken: list[tuple[int, int]] = []
    for phrase in sorted(phrases, key=lambda p: (-len(p), p)):
        for hit in re.finditer(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", text):
            if any(start < hit.end() and hit.start() < end for start, end in taken):
                continue
            taken.append(hit.span())
            if not _denied(text, hit.start()):
                found.add(phrases[phrase])
    if not found:
        return NONE
    return found.pop() if len(found) == 1 else AMBIGUOUS


def _phrases(name: str, classes: Sequence[str]) -> set[str]:
    own = {_plain(name)}
    others = {_plain(other) for other in classes} - own
    own |= {_plain(alias) for alias in ALIASES.get(name.lower(), ())}
    for singular, plural in _PLURALS:
        own |= {re.sub(rf"\b{plural}\b", singular, phrase) for phrase in own}
        own |= {re.sub(rf"\b{singular}\b", plural, phrase) for phrase in own}
    return own - others


def _plain(text: str) -> str:
    plain = " ".join(text.lower().split())
    for given, wanted in _SPELLINGS:
        plain = re.sub(rf"\b{given}\b", wanted, plain)
    return plain


def _denied(text: str, start: int) -> bool:
    clause = _CLAUSE.split(text[:start])[-1]
    return _DENIAL.search(clause) is not None
