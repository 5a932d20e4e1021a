"""Age bins of MM-Skin-D and counts by modality and skin type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mmskin_build.records import Demographics

#: (name, from, below) in years; a range of ages belongs to the bin of its middle
BINS = (
    ("neonate", 0.0, 28 / 365.25),
    ("infant", 28 / 365.25, 2.0),
    ("child", 2.0, 13.0),
    ("adolescent", 13.0, 18.0),
    ("young adult", 18.0, 40.0),
    ("adult", 40.0, 65.0),
    ("elderly", 65.0, 200.0),
)
UNSTATED = "not stated"


@dataclass(frozen=True, slots=True)
class Count:
    """How many pairs share modality, age bin, sex and skin type."""

    modality: str
    age_bin: str
    sex: str
    skin_type: str
    pairs: int


def age_bin(row: Demographics) -> str:
    """Return the bin of a row: from the years when stated, else from the group in words."""
    if row.age_years_low is None or row.age_years_high is None:
        return row.age_group or UNSTATED
    middle = (row.age_years_low + row.age_years_high) / 2
    return next((name for name, low, high in BINS if low <= middle < high), UNSTATED)


def count_demographics(rows: Iterable[Demographics], modality_of: Mapping[str, str]) -> list[Count]:
    """Return counts by modality, age bin, sex and skin type, largest first.

    ``modality_of`` maps pair_id to the final modality.
    """
    tally = Counter(
        (
            modality_of.get(row.pair_id, UNSTATED),
            age_bin(row),
            row.sex or UNSTATED,
            row.skin_type or UNSTATED,
        )
        for row in rows
    )
    ordered = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    return [Count(*key, pairs) for key, pairs in ordered]
