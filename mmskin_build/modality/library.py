"""The final modality of every pair: votes fused, people's decisions on top."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.modality.fusion import Fused, ReviewReason, Thresholds, fuse
from mmskin_build.modality.model import CLASSES, shipped_model
from mmskin_build.modality.settings import ModalitySettings
from mmskin_build.modality.teaching import learn
from mmskin_build.records import ModalityLabel, ModalityVote, Pair
from mmskin_build.review.decisions import Verdicts, by_pair, read_ledger, what_is_said
from mmskin_build.review.kinds import EXCLUDE, MODALITY
from mmskin_build.stage import StageContext


def labels_of_library(ctx: StageContext, settings: ModalitySettings) -> Iterator[ModalityLabel]:
    """Yield one label per pair; reviewers win over the voters, and teach them."""
    votes: dict[str, dict[str, ModalityVote]] = {}
    for vote in ctx.rows(ModalityVote):
        votes.setdefault(vote.pair_id, {})[vote.voter] = vote
    reviewed = by_pair(read_ledger(ctx.manifest(MODALITY.pattern)))
    pairs = {pair.pair_id: pair.image_digest for pair in ctx.rows(Pair)}
    floor = shipped_model().floor(settings.error_rate)
    limits = learn(votes, usable_labels(reviewed, pairs), Thresholds(settings, floor))
    for pair in ctx.rows(Pair):
        fused = fuse(votes.get(pair.pair_id, {}), pair.pair_id, limits)
        yield decide(pair, fused, reviewed.get(pair.pair_id))


def usable_labels(reviewed: dict[str, Verdicts], digests: dict[str, str]) -> dict[str, str]:
    """Return the agreed, still valid labels people gave, by pair."""
    return {
        pair_id: verdicts.labels[0]
        for pair_id, verdicts in sorted(reviewed.items())
        if len(verdicts.labels) == 1
        and verdicts.labels[0] != EXCLUDE
        and all(d.image_digest == digests.get(pair_id) for d in verdicts.decisions)
    }


def decide(pair: Pair, fused: Fused, verdicts: Verdicts | None) -> ModalityLabel:
    """Return the label row of a pair; a reviewer's word counts for the picture it was given for."""
    if verdicts is None:
        return _row(pair, fused, fused.reason)
    said = what_is_said(verdicts, pair.image_digest)
    if said.stale:
        return _row(pair, fused, ReviewReason.STALE)
    if said.differing:
        return _row(pair, fused, f"{ReviewReason.REVIEWERS_DISAGREE} ({said.differing})")
    return _reviewed(pair, fused, said.label)


def _row(pair: Pair, fused: Fused, reason: str) -> ModalityLabel:
    first, second = fused.ranked
    return ModalityLabel(
        source_id=pair.source_id,
        pair_id=pair.pair_id,
        label=str(CLASSES[first]),
        decided_by=fused.decided_by,
        probability=fused.probabilities[first],
        second_label=str(CLASSES[second]),
        second_probability=fused.probabilities[second],
        needs_review=bool(reason),
        review_reason=str(reason),
        excluded=False,
        voted_label=str(CLASSES[first]),
        audited=fused.reason == ReviewReason.AUDIT,
    )


def _reviewed(pair: Pair, fused: Fused, label: str) -> ModalityLabel:
    first, second = fused.ranked
    excluded = label == EXCLUDE
    own = str(CLASSES[first]) if excluded else label
    rest = second if own == str(CLASSES[first]) else first
    return ModalityLabel(
        source_id=pair.source_id,
        pair_id=pair.pair_id,
        label=own,
        decided_by="reviewer",
        probability=1.0,
        second_label=str(CLASSES[rest]),
        second_probability=0.0,
        needs_review=False,
        review_reason="",
        excluded=excluded,
        voted_label=str(CLASSES[first]),
        audited=fused.reason == ReviewReason.AUDIT,
    )
