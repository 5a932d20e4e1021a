"""How much of a build's captions the lexicon reads, and how varied its questions are worded."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mmskin_build.records import Qa
from mmskin_build.vqa.candidate import Picture
from mmskin_build.vqa.gate import FUNCTION_WORDS
from mmskin_build.vqa.lexicon_files import load_lexicon
from mmskin_build.vqa.phrasing import load_phrasings

UNKNOWN_SHOWN = 40
_OPTIONS = re.compile(r":.*$|\b(?:of|given the choice of|if the options are) .*?, (?=which)", re.I)


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
    """Count distinct wordings per family; lists of options and names of the picture count once."""
    families: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        families[row.template_id.split(".")[0]].append(_frame(row.question))
    book = load_phrasings().families
    return [
        Variety(
            name,
            len(asked),
            len(set(asked)),
            sum(len(form.questions) for form in book[name].forms.values()) if name in book else 0,
        )
        for name, asked in sorted(families.items(), key=lambda item: -len(item[1]))
    ]


def _frame(question: str) -> str:
    """Return a question without its options and with one word for the picture."""
    nouns = [noun for names in load_phrasings().images.values() for noun in names]
    for noun in sorted(nouns, key=len, reverse=True):
        question = question.replace(noun, "{image}")
    return _OPTIONS.sub("", question).lower()
