"""How much of a build's captions the lexicon reads, and how varied its questions are worded."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from mmskin_build.records import Qa
from mmskin_build.vqa.candidate import Picture
from mmskin_build.vqa.gate import FUNCTION_WORDS
from mmskin_build.vqa.lexicon_files import load_lexicon
from mmskin_build.vqa.phrasing import load_phrasings

UNKNOWN_SHOWN = 40
_SLOT = re.compile(r"\\\{\w+\\\}")  # as re.escape leaves it


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the lexicon finds in captions.

    Attributes:
        captions: how many were read.
        with_facts: captions with at least one fact.
        words: content words in all.
        known: content words that stand in a lexicon entry.
        by_kind: kind of fact to the number of captions that hold one.
        unknown: the most frequent words the lexicon lacks, with their counts.
    """

    captions: int
    with_facts: int
    words: int
    known: int
    by_kind: dict[str, int]
    unknown: tuple[tuple[str, int], ...]


def coverage(pictures: Iterable[Picture]) -> Coverage:
    """Count what the lexicon reads; digits and function words are no content words."""
    captions = with_facts = words = known = 0
    by_kind: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    keys = load_lexicon().keys
    for picture in pictures:
        captions += 1
        with_facts += bool(picture.reading.facts)
        by_kind.update({fact.term.kind.value for fact in picture.reading.facts})
        for word in picture.reading.words:
            if word.key in FUNCTION_WORDS or not word.key.isalpha() or len(word.key) < 3:
                continue
            words += 1
            known += word.key in keys
            unknown.update([] if word.key in keys else [word.key])
    shown = tuple(unknown.most_common(UNKNOWN_SHOWN))
    return Coverage(captions, with_facts, words, known, dict(by_kind.most_common()), shown)


@dataclass(frozen=True, slots=True)
class Variety:
    """How one family was worded: its rows, distinct wordings among them, and those on offer."""

    family: str
    rows: int
    used: int
    offered: int


def variety(rows: Iterable[Qa]) -> list[Variety]:
    """Count distinct wordings per family, whatever stands in their slots."""
    families: dict[str, list[Qa]] = defaultdict(list)
    for row in rows:
        families[row.template_id.split(".")[0]].append(row)
    found = [_variety(name, asked) for name, asked in families.items()]
    return sorted(found, key=lambda v: -v.rows)


def _variety(name: str, rows: list[Qa]) -> Variety:
    family = load_phrasings().families.get(name)
    if family is None:  # a model wrote them: every question is its own wording
        used = len({row.question.lower() for row in rows})
        return Variety(name, len(rows), used, 0)
    wordings = {(row.kind, _wording(name, row.kind, row.question)) for row in rows}
    offered = sum(len(form.questions) for form in family.forms.values())
    return Variety(name, len(rows), len(wordings), offered)


def _wording(family: str, kind: str, question: str) -> str:
    """Return the wording a question was filled from (itself when none fits)."""
    fits = (w for pattern, w in _patterns(family, kind) if pattern.fullmatch(question))
    return next(fits, question)


@lru_cache(maxsize=64)
def _patterns(family: str, kind: str) -> list[tuple[re.Pattern[str], str]]:
    """Return a pattern per wording, the one with most fixed letters first."""
    texts = [w.text for w in load_phrasings().families[family].forms[kind].questions]
    texts.sort(key=lambda text: -len(re.sub(r"\{\w+\}", "", text)))
    # 'a {asked}' may have become 'an …'
    plain = [re.sub(r"\b(?:a|an) (?=\{)", "an? ", text) for text in texts]
    escaped = [_SLOT.sub(".+?", re.escape(t).replace(r"an\?\ ", "an?\\ ")) for t in plain]
    return [(re.compile(e, re.I), t) for e, t in zip(escaped, texts, strict=True)]
