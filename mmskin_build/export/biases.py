"""Who and what a release shows, counted, so that its biases can be judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mmskin_build.export.entries import Entry

CHILD_BELOW, OLD_FROM = 18.0, 65.0
NOT_STATED = "not stated"
YOUNG, GROWN, OLD = "under 18", "18 to 64", "65 and over"
# 'adult' alone may be of any age from 18 on, so it stands for itself.
IN_WORDS = {
    **dict.fromkeys(("neonate", "infant", "child", "adolescent"), YOUNG),
    "elderly": OLD,
}


@dataclass(frozen=True, slots=True)
class Distribution:
    """How the pairs of a release are spread over some values; shares are of all pairs."""

    what: str
    counts: tuple[tuple[str, int], ...]  # value, pairs; most frequent first, 'not stated' last
    pairs: int

    def share(self, count: int) -> float:
        """Return the share of all pairs, 0 to 1."""
        return count / self.pairs if self.pairs else 0.0


def distributions(entries: Sequence[Entry]) -> list[Distribution]:
    """Return the spread over books, modality, sex, age and skin type."""
    return [
        _spread("book", (e.pair.source_id for e in entries)),
        _spread("modality", (e.modality.label for e in entries)),
        _spread("sex", (_sex(e) for e in entries)),
        _spread("age", (_age(e) for e in entries)),
        _spread("Fitzpatrick skin type", (_skin_type(e) for e in entries)),
    ]


def _spread(what: str, values: Iterable[str]) -> Distribution:
    counts = Counter(v or NOT_STATED for v in values)
    ranked = sorted(counts.items(), key=lambda kv: (kv[0] == NOT_STATED, -kv[1], kv[0]))
    return Distribution(what, tuple(ranked), sum(counts.values()))


def _sex(entry: Entry) -> str:
    return str(entry.demographics.sex) if entry.demographics else ""


def _skin_type(entry: Entry) -> str:
    return entry.demographics.skin_type if entry.demographics else ""


def _age(entry: Entry) -> str:
    """Return a coarse band of the stated age, by its middle, or the group in words."""
    stated = entry.demographics
    if stated is None:
        return ""
    known = [a for a in (stated.age_years_low, stated.age_years_high) if a is not None]
    if not known:
        return IN_WORDS.get(stated.age_group, stated.age_group)
    middle = sum(known) / len(known)
    if middle < CHILD_BELOW:
        return YOUNG
    return OLD if middle >= OLD_FROM else GROWN
