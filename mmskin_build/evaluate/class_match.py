"""From a free-text reply to a class: whole phrases, no negated ones, ambiguity said openly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

NONE = "(none)"
AMBIGUOUS = "(ambiguous)"

# Words that deny what follows within the same clause.
_DENIAL = re.compile(
    r"\b(?:no|not|non|without|never|neither|nor|excludes?|excluded|excluding|unlikely|"
    r"rather than|instead of|rules? out|ruled out|absence of|isn't|doesn't)\b"
)
# ... and words that deny what stands before them: "melanoma is unlikely".
_DENIED_AFTER = re.compile(
    r"\s*(?:(?:is|are|was|were|has been|have been|can be|seems?|appears?)\s+)?"
    r"(?:very\s+|highly\s+)?"
    r"(?:unlikely|less likely|not (?:likely|seen|present|visible|the diagnosis)|"
    r"excluded|ruled out|absent)\b"
)
_CLAUSE = re.compile(r"[.;:,!?]|\bbut\b|\bhowever\b|\band\b")
# Spellings that mean the same class. Each is tried only for the classes of the set at hand, so
# that "actinic keratosis" is found whether a set writes Keratosis or Keratoses.
_PLURALS = (("keratosis", "keratoses"), ("nevus", "nevi"), ("lesion", "lesions"))
_SPELLINGS = (("naevus", "nevus"), ("naevi", "nevi"), ("tumour", "tumor"))

Aliases = Mapping[str, tuple[str, ...]]


@cache
def read_aliases(name: str) -> Aliases:
    """Return other words for the classes of one public set; keys are class names in lower case.

    Args:
        name: the set, as in MM-Skin's file names; an unknown one has only the common words.
    """
    text = (Path(__file__).parent / "class_aliases.yaml").read_text(encoding="utf-8")
    tables = yaml.safe_load(text)
    found: dict[str, tuple[str, ...]] = {}
    for table in (tables["any"], tables.get(name, {})):
        for label, words in table.items():
            found[label.lower()] = (*found.get(label.lower(), ()), *words)
    return found


def match_class(reply: str, classes: Sequence[str], aliases: Aliases) -> str:
    """Return the one class a reply affirms, NONE or AMBIGUOUS.

    A class named inside the name of another ("nevus" in "blue nevus", "tumor" in "non-tumor")
    counts only where it stands alone; a denied class ("no melanoma") does not count.
    """
    text = _plain(reply)
    phrases = {phrase: name for name in classes for phrase in _phrases(name, classes, aliases)}
    found: set[str] = set()
    taken: list[tuple[int, int]] = []
    for phrase in sorted(phrases, key=lambda p: (-len(p), p)):
        for hit in re.finditer(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", text):
            if any(start < hit.end() and hit.start() < end for start, end in taken):
                continue
            taken.append(hit.span())
            if not _denied(text, hit):
                found.add(phrases[phrase])
    if not found:
        return NONE
    return found.pop() if len(found) == 1 else AMBIGUOUS


def _phrases(name: str, classes: Sequence[str], aliases: Aliases) -> set[str]:
    own = {_plain(name)}
    others = {_plain(other) for other in classes} - own
    own |= {_plain(alias) for alias in aliases.get(name.lower(), ())}
    for singular, plural in _PLURALS:
        own |= {re.sub(rf"\b{plural}\b", singular, phrase) for phrase in own}
        own |= {re.sub(rf"\b{singular}\b", plural, phrase) for phrase in own}
    return own - others


def _plain(text: str) -> str:
    plain = " ".join(text.lower().split())
    for given, wanted in _SPELLINGS:
        plain = re.sub(rf"\b{given}\b", wanted, plain)
    return plain


def _denied(text: str, hit: re.Match[str]) -> bool:
    before = _CLAUSE.split(text[: hit.start()])[-1]
    return bool(_DENIAL.search(before) or _DENIED_AFTER.match(text, hit.end()))
