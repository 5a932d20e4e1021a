"""Let reviewed labels teach the picture voter this library, the same way every time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mmskin_build.modality.fusion import TINY, Thresholds, drawn_for_audit, fuse, shares
from mmskin_build.modality.model import CLASSES
from mmskin_build.modality.sketch import read_sketch
from mmskin_build.records import ModalityVote

RIDGE = 10.0  # how firmly the shipped classifier is held on to
STEPS = 400
ANCHOR = 0.3  # weight of a picture the voters are sure of, beside 1 of a reviewed one


def learn(
    votes: Mapping[str, Mapping[str, ModalityVote]],
    reviewed: Mapping[str, str],
    limits: Thresholds,
) -> Thresholds:
    """Return limits with a lesson: what to add to each label for pictures like the reviewed.

    The lesson is a ridge logistic regression over sketches on top of the shipped votes, so
    pictures unlike all reviewed ones keep theirs. The reviewed are the doubtful ones; what the
    voters are sure of is learnt along, at less weight, or the lesson would be about the doubtful
    only and unsettle the rest (self-training, Scudder 1965). With fewer labels than ``learn_from``
    nothing changes. Pairs of the audit's draw never teach, so that their labels measure the
    taught voters fairly.
    """
    known = [
        p
        for p in sorted(reviewed)
        if p in votes and _seen(votes[p]) and not drawn_for_audit(p, limits.settings)
    ]
    least = limits.settings.learn_from
    if not least or len(known) < least:
        return limits
    names = [str(c) for c in CLASSES]
    sure = _sure(votes, reviewed, limits)
    told = [*known, *sure]
    before = np.array([_logs(votes[p], limits.settings.caption_weight) for p in told])
    places = np.array([read_sketch(votes[p]["image"].sketch) for p in told])
    truth = np.array([names.index(reviewed[p]) for p in known] + list(sure.values()))
    weight = np.array([1.0] * len(known) + [ANCHOR] * len(sure))
    weights = np.round(_fit(before, places, truth, weight), 6)
    return replace(limits, lesson=tuple(tuple(float(v) for v in row) for row in weights))


def _sure(
    votes: Mapping[str, Mapping[str, ModalityVote]],
    reviewed: Mapping[str, str],
    limits: Thresholds,
) -> dict[str, int]:
    """Return the pairs nobody reviewed that the untaught voters are sure of, and their labels."""
    found = {}
    for pair_id in sorted(votes):
        if pair_id not in reviewed and _seen(votes[pair_id]):
            fused = fuse(votes[pair_id], pair_id, limits)
            if not fused.reason:
                found[pair_id] = fused.ranked[0]
    return found


def _seen(votes: Mapping[str, ModalityVote]) -> bool:
    return "image" in votes and bool(votes["image"].sketch)


def _logs(votes: Mapping[str, ModalityVote], caption_weight: float) -> np.ndarray:
    logs = np.log(np.array(shares(votes["image"])) + TINY)
    if "caption" in votes:
        logs += caption_weight * np.log(np.array(shares(votes["caption"])) + TINY)
    return np.asarray(logs)


def _fit(
    before: np.ndarray, places: np.ndarray, truth: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """Return weights by gradient descent on the penalised likelihood; it has one minimum."""
    wanted = np.eye(len(CLASSES))[truth]
    weights = np.zeros((len(CLASSES), places.shape[1]))
    # Half the largest eigenvalue bounds the curvature, so that every step goes down.
    weighted = places * weight[:, None]
    steepest = 0.5 * float(np.linalg.eigvalsh(weighted.T @ places)[-1]) + RIDGE
    for _ in range(STEPS):
        gap = _softmax(before + places @ weights.T) - wanted
        weights -= (gap.T @ weighted + RIDGE * weights) / steepest
    return weights


def _softmax(logs: np.ndarray) -> np.ndarray:
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
