"""What people's decisions say: agreement, errors among accepted labels, what the queue learnt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.modality.fusion import ReviewReason, Thresholds, fuse
from mmskin_build.modality.library import usable_labels
from mmskin_build.modality.model import CLASSES, shipped_model
from mmskin_build.modality.settings import ModalitySettings
from mmskin_build.modality.teaching import learn
from mmskin_build.records import ModalityVote, Pair
from mmskin_build.review.decisions import by_pair, cohens_kappa, read_ledger
from mmskin_build.review.kinds import ANNOTATED, MODALITY, SENSITIVE
from mmskin_build.tables import read_rows


@dataclass(frozen=True, slots=True)
class ReviewFigures:
    """Figures of the report's review section; the voters use the default settings."""

    reviewed: int  # pairs with a decision on their present picture
    kappa: float | None
    labelled_twice: int
    audited: int
    audit_errors: int
    unreviewed: int
    queue_untaught: int  # of the unreviewed: would wait if no label had taught the voters
    queue_taught: int


def review_figures(build_dir: Path, manifests: Path) -> ReviewFigures | None:
    """Return the figures, or None when no decision is about a picture of this build."""
    tables = build_dir / "tables"
    paths = [tables / f"{record.table}.parquet" for record in (Pair, ModalityVote)]
    if not all(path.is_file() for path in paths):
        return None
    digests = {p.pair_id: p.image_digest for p in read_rows(paths[0], Pair)}
    ledger = read_ledger(manifests.glob(MODALITY.pattern))
    valid = [d for d in ledger if digests.get(d.pair_id) == d.image_digest]
    if not valid:
        return None
    votes: dict[str, dict[str, ModalityVote]] = {}
    for vote in read_rows(paths[1], ModalityVote):
        votes.setdefault(vote.pair_id, {})[vote.voter] = vote
    agreed = usable_labels(by_pair(valid), digests)
    settings = ModalitySettings()
    untaught = Thresholds(settings, shipped_model().floor(settings.error_rate))
    touched = {d.pair_id for d in valid}
    rest = {p: votes.get(p, {}) for p in digests if p not in touched}
    kappa, twice = cohens_kappa(valid)
    taught = learn(votes, agreed, untaught)
    audited, wrong = _audit(votes, agreed, taught)
    return ReviewFigures(
        reviewed=len(touched),
        kappa=kappa,
        labelled_twice=twice,
        audited=audited,
        audit_errors=wrong,
        unreviewed=len(rest),
        queue_untaught=_waiting(rest, untaught),
        queue_taught=_waiting(rest, taught),
    )


@dataclass(frozen=True, slots=True)
class FindingFigures:
    """What people decided on one kind of finding: marks, or sensitive pictures."""

    title: str
    decided: tuple[tuple[str, int], ...]  # label, pairs on which it is agreed
    differing: int  # pairs that wait because reviewers differ
    kappa: float | None
    labelled_twice: int


def finding_figures(build_dir: Path, manifests: Path) -> list[FindingFigures]:
    """Return figures for each kind on which something was decided for a picture of this build."""
    pairs = build_dir / "tables" / f"{Pair.table}.parquet"
    if not pairs.is_file():
        return []
    digests = {p.pair_id: p.image_digest for p in read_rows(pairs, Pair)}
    found = []
    for kind in (ANNOTATED, SENSITIVE):
        ledger = read_ledger(manifests.glob(kind.pattern), kind)
        valid = [d for d in ledger if digests.get(d.pair_id) == d.image_digest]
        said = [v.labels for v in by_pair(valid).values()]
        agreed = Counter(labels[0] for labels in said if len(labels) == 1)
        if said:
            decided = tuple((label, agreed[label]) for label in kind.labels if agreed[label])
            differing = sum(len(labels) > 1 for labels in said)
            found.append(FindingFigures(kind.title, decided, differing, *cohens_kappa(valid)))
    return found


def _audit(
    votes: dict[str, dict[str, ModalityVote]], agreed: dict[str, str], taught: Thresholds
) -> tuple[int, int]:
    """Return how many of the audit sample were reviewed and how many labels were wrong.

    The voters are judged as they label this build; pairs of the draw never taught them.
    """
    audited = wrong = 0
    for pair_id, label in agreed.items():
        fused = fuse(votes.get(pair_id, {}), pair_id, taught)
        if fused.reason == ReviewReason.AUDIT:
            audited += 1
            wrong += str(CLASSES[fused.ranked[0]]) != label
    return audited, wrong


def _waiting(votes: dict[str, dict[str, ModalityVote]], limits: Thresholds) -> int:
    return sum(bool(fuse(own, pair_id, limits).reason) for pair_id, own in votes.items())
