"""Fuse the votes on a pair into one label, and say when a person should look."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from mmskin_build.modality.model import CLASSES
from mmskin_build.modality.settings import ModalitySettings
from mmskin_build.modality.sketch import read_sketch
from mmskin_build.records import ModalityVote

DISAGREEMENT = 0.5  # probability from which a picture's own vote contradicts the caption's
TINY = 1e-4


class ReviewReason(StrEnum):
    """Why a pair is in the review queue."""

    NO_PICTURE = "picture cannot be read"
    VOTERS_DISAGREE = "voters disagree"
    UNFAMILIAR = "unlike all training pictures"
    SEVERAL_LABELS = "several labels possible"
    LOW_MARGIN = "low margin"
    AUDIT = "audit sample"
    REVIEWERS_DISAGREE = "reviewers disagree"
    STALE = "picture changed since its review"


@dataclass(frozen=True, slots=True)
class Fused:
    """The fused probabilities of one pair and who was heard."""

    probabilities: tuple[float, ...]
    decided_by: str
    reason: str  # '' when accepted without a person

    @property
    def ranked(self) -> tuple[int, int]:
        """Places of the first and second label."""
        order = sorted(range(len(CLASSES)), key=lambda k: (-self.probabilities[k], k))
        return order[0], order[1]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What fusion needs besides the votes: settings, the conformal floor, what reviews taught."""

    settings: ModalitySettings
    floor: float
    lesson: tuple[tuple[float, ...], ...] = ()  # per class: weights over the picture's sketch


def shares(vote: ModalityVote) -> tuple[float, ...]:
    """Return a vote's probabilities in the order of ``Modality``."""
    return (vote.p_clinical, vote.p_dermoscopy, vote.p_pathology, vote.p_other)


def fuse(votes: Mapping[str, ModalityVote], pair_id: str, limits: Thresholds) -> Fused:
    """Return the product of the voters' probabilities and whether that is accepted."""
    image, caption = votes.get("image"), votes.get("caption")
    seen = image is not None and bool(image.label)
    logs = _taught(image, limits)
    for k in range(len(CLASSES)):
        if seen and image is not None:
            logs[k] += math.log(shares(image)[k] + TINY)
        if caption is not None:
            logs[k] += limits.settings.caption_weight * math.log(shares(caption)[k] + TINY)
    probabilities = _normalised(logs)
    fused = Fused(probabilities, _decider(probabilities, (image, caption)), "")
    reason: str = _doubt(fused, image, caption, limits)
    if not reason and drawn_for_audit(pair_id, limits.settings):
        reason = ReviewReason.AUDIT
    return Fused(probabilities, fused.decided_by, reason)


def _taught(image: ModalityVote | None, limits: Thresholds) -> list[float]:
    """Return what reviews of pictures like this one add to each label."""
    if not limits.lesson or image is None:
        return [0.0] * len(CLASSES)
    return [float(v) for v in np.array(limits.lesson) @ read_sketch(image.sketch)]


def _normalised(logs: Sequence[float]) -> tuple[float, ...]:
    top = max(logs)
    powers = [math.exp(value - top) for value in logs]
    return tuple(round(p / sum(powers), 4) for p in powers)


def _decider(probabilities: Sequence[float], votes: Sequence[ModalityVote | None]) -> str:
    """Return which voters lean towards the fused label."""
    label = max(range(len(CLASSES)), key=lambda k: probabilities[k])
    behind = [v.voter for v in votes if v is not None and _leans_to(v, label)]
    return "both" if len(behind) > 1 else behind[0] if behind else "image"


def _leans_to(vote: ModalityVote, label: int) -> bool:
    own = shares(vote)
    return own[label] == max(own) and max(own) > min(own)


def _doubt(
    fused: Fused, image: ModalityVote | None, caption: ModalityVote | None, limits: Thresholds
) -> str:
    first, second = fused.ranked
    if image is None or not image.label:
        return ReviewReason.NO_PICTURE
    contradicts = (
        caption is not None
        and caption.label not in ("", image.label)
        and max(shares(image)) >= DISAGREEMENT
    )
    if contradicts:
        return ReviewReason.VOTERS_DISAGREE
    named = caption is not None and caption.label == str(CLASSES[first])
    if image.strangeness > 1 and not named:
        return ReviewReason.UNFAMILIAR
    if fused.probabilities[second] >= limits.floor:
        return ReviewReason.SEVERAL_LABELS
    if fused.probabilities[first] - fused.probabilities[second] < limits.settings.min_margin:
        return ReviewReason.LOW_MARGIN
    return ""


def drawn_for_audit(pair_id: str, settings: ModalitySettings) -> bool:
    """Return whether a pair is in the audit's draw: by its id, the same in every build."""
    number = int.from_bytes(hashlib.sha256(f"audit:{pair_id}".encode()).digest()[:8], "big")
    return number < settings.audit_share * 2**64
