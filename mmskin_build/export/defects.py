"""Count defects of the released questions for the data card, by the rules that gate them.

The families are those the published MM-Skin test set was counted by, so that the two tables can
be read side by side. Rules find wording; they are strict, and shares are lower bounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mmskin_build.vqa.defects import FAMILY_NAMES, defects, family_of


@dataclass(frozen=True, slots=True)
class DefectRow:
    """How many question-answer rows a family of rules hits."""

    family: str
    rows: int
    share: float


def defect_table(rows: Iterable[tuple[str, str]]) -> list[DefectRow]:
    """Return one row per family, their union, and rows that repeat question and answer."""
    items = list(rows)
    hits: Counter[str] = Counter()
    any_hit = 0
    for question, answer in items:
        families = {family_of(rule) for rule in defects(question, answer)} - {""}
        hits.update(families)
        any_hit += bool(families)
    table = [_row(name, hits[letter], len(items)) for letter, name in FAMILY_NAMES.items()]
    same = Counter((q.strip().lower(), a.strip().lower()) for q, a in items)
    return [
        *table,
        _row("any of these", any_hit, len(items)),
        _row("question and answer repeated", len(items) - len(same), len(items)),
    ]


def _row(family: str, hits: int, total: int) -> DefectRow:
    return DefectRow(family, hits, hits / total if total else 0.0)
