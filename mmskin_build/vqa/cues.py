"""Words that deny, doubt or compare, and words that tell more than a picture can show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from re import Pattern

import yaml


@dataclass(frozen=True, slots=True)
class Cues:
    """Compiled cue words of ``lexicon/cues.yaml``."""

    negation: Pattern[str]
    negation_end: Pattern[str]
    hedge: Pattern[str]
    comparison: Pattern[str]
    unseen: Pattern[str]


@lru_cache(maxsize=1)
def load_cues() -> Cues:
    """Read the cue words that ship with the package."""
    text = (resources.files("mmskin_build.vqa") / "lexicon" / "cues.yaml").read_text("utf-8")
    data = yaml.safe_load(text)
    unseen = [cue for group in data["unseen"].values() for cue in group]
    return Cues(
        negation=_pattern(data["negation"]),
        negation_end=re.compile(rf"[,;:.()]|{_words(data['negation_end'])}", re.I),
        hedge=re.compile(rf"{_words(data['hedge'])}|\?", re.I),
        comparison=_pattern(data["comparison"]),
        unseen=_pattern(unseen),
    )


def _pattern(cues: list[str]) -> Pattern[str]:
    return re.compile(_words(cues), re.I)


def _words(cues: list[str]) -> str:
    return rf"(?<![\w-])(?:{'|'.join(str(cue) for cue in cues)})(?!\w)"


def denied(text: str, start: int) -> bool:
    """Tell whether what begins at ``start`` is said to be absent: 'no scale', 'without …'."""
    cues = load_cues()
    lead = text[max(0, start - 60) : start]
    found = list(cues.negation.finditer(lead))
    if not found:
        return False
    between = lead[found[-1].end() :]
    return len(between.split()) <= 5 and not cues.negation_end.search(between)


def hedged(text: str, start: int, end: int) -> bool:
    """Tell whether the sentence around a span doubts what it says: 'possible', 'suggests', '?'."""
    before = max((m.end() for m in re.finditer(r"[.;]\s", text[:start])), default=0)
    after = re.search(r"[.;](?:\s|$)", text[end:])
    stop = end + after.start() if after else len(text)
    return load_cues().hedge.search(text[before:stop]) is not None


def doubted(text: str, start: int, end: int) -> bool:
    """Tell whether a hedge or a comparison stands close before, or '-like' or '?' behind."""
    cues = load_cues()
    lead = text[max(0, start - 40) : start]
    lead = re.split(r"[.;:]\s", lead)[-1]
    tail = text[end : end + 8]
    if re.match(r"-(?:like|type|form|rich|poor|associated|induced|related)\b|\s?\?", tail):
        return True
    if re.search(
        r"\b(?:such as|including|like)\s(?!.*\b(?:shows?|with|of)\b)[^.;:]*$", text[:start]
    ):
        return True  # one of a list of examples
    return bool(cues.hedge.search(lead) or cues.comparison.search(lead))
