"""The ledger of people's decisions, ``manifests/reviews/``, and how it is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.errors import ReviewError
from mmskin_build.review.kinds import MODALITY, Kind
from mmskin_build.review.spreadsheet import read_table

COLUMNS = ("pair_id", "image_digest", "label", "reviewer", "note", "decided_on")


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's label for one picture on one day."""

    pair_id: str
    image_digest: str
    label: str
    reviewer: str
    note: str = ""
    decided_on: str = ""  # ISO date


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the ledger says of one pair: the labels of each reviewer's latest decision."""

    decisions: tuple[Decision, ...]  # the latest of each reviewer, in order of reviewer

    @property
    def labels(self) -> tuple[str, ...]:
        """Distinct labels; more than one means that reviewers disagree."""
        return tuple(sorted({d.label for d in self.decisions}))


def read_ledger(files: Iterable[Path], kind: Kind = MODALITY) -> list[Decision]:
    """Return all decisions, oldest first; raises ReviewError naming file and rows that are bad."""
    found: list[tuple[str, int, int, Decision]] = []
    faults: list[str] = []
    for number, path in enumerate(sorted(files)):
        for row in read_table(path, needed=COLUMNS).rows:
            decision = Decision(*(row.cells[c] for c in COLUMNS))
            if decision.label not in kind.labels or not decision.pair_id:
                faults.append(f"{path} row {row.number}: label {decision.label!r}")
            found.append((decision.decided_on, number, row.number, decision))
    if faults:
        raise ReviewError(
            "bad rows in the review ledger (labels are "
            + ", ".join(kind.labels)
            + "):\n"
            + "\n".join(faults)
        )
    return [entry[3] for entry in sorted(found, key=lambda e: e[:3])]


def by_pair(decisions: Sequence[Decision]) -> dict[str, Verdicts]:
    """Return, per pair, the latest decision of each reviewer."""
    latest: dict[str, dict[str, Decision]] = defaultdict(dict)
    for decision in decisions:
        latest[decision.pair_id][decision.reviewer.casefold()] = decision
    return {
        pair_id: Verdicts(tuple(own[name] for name in sorted(own)))
        for pair_id, own in latest.items()
    }


@dataclass(frozen=True, slots=True)
class Said:
    """What people say of the picture a pair shows now."""

    label: str = ""  # '' when nobody decided, when they differ, or when the picture has changed
    differing: str = ""  # 'Ada: keep, Grace: drop'
    stale: bool = False  # decided, but for another picture


NOTHING_SAID = Said()


def what_is_said(verdicts: Verdicts | None, image_digest: str) -> Said:
    """Return the label reviewers agree on; a word counts for the picture it was given for."""
    if verdicts is None:
        return NOTHING_SAID
    valid = Verdicts(tuple(d for d in verdicts.decisions if d.image_digest == image_digest))
    if not valid.decisions:
        return Said(stale=True)
    if len(valid.labels) > 1:
        return Said(differing=", ".join(f"{d.reviewer}: {d.label}" for d in valid.decisions))
    return Said(valid.labels[0])


def cohens_kappa(decisions: Sequence[Decision]) -> tuple[float | None, int]:
    """Return chance-corrected agreement over all pairs two people labelled, and their number.

    Each pair with several reviewers counts once, by its first two in order of name; None
    when nothing was labelled twice or only one label was ever used.
    """
    both = [
        (v.decisions[0].label, v.decisions[1].label)
        for v in by_pair(decisions).values()
        if len(v.decisions) > 1
    ]
    if not both:
        return None, 0
    agreed = sum(a == b for a, b in both) / len(both)
    chance = sum(
        (sum(a == name for a, _ in both) / len(both))
        * (sum(b == name for _, b in both) / len(both))
        for name in sorted({label for pair in both for label in pair})
    )
    return (None if chance >= 1 else round((agreed - chance) / (1 - chance), 4)), len(both)
