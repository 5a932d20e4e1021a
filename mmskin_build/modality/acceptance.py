"""How many pictures are accepted without a person on sources left out, and how many are right."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mmskin_build.modality.model import conformal_floor
from mmskin_build.modality.settings import ModalitySettings
from mmskin_build.modality.training import LeftOut


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What is accepted without a person at one setting, and how much of it is right."""

    accepted: float
    right: float


def macro_f1(left: LeftOut) -> float:
    """Return the mean F1 over the classes present."""
    said = left.probabilities.argmax(axis=1)
    values = []
    for k in np.unique(left.label):
        both = ((said == k) & (left.label == k)).sum()
        values.append(2 * both / max(1, (said == k).sum() + (left.label == k).sum()))
    return float(np.mean(values))


def accepted(
    left: LeftOut, error_rate: float, min_margin: float = ModalitySettings().min_margin
) -> np.ndarray:
    """Return which pictures need no person, one bool per row.

    The conformal floor of each source is computed on the other sources.
    """
    truth = left.probabilities[np.arange(len(left.label)), left.label]
    found = np.zeros(len(truth), bool)
    for source in np.unique(left.source):
        held = left.source == source
        floor = conformal_floor(np.sort(truth[~held]), error_rate)
        ordered = np.sort(left.probabilities[held], axis=1)
        found[held] = (ordered[:, -2] < floor) & (ordered[:, -1] - ordered[:, -2] >= min_margin)
    return np.asarray(found & ((left.distances / left.limits).max(axis=1) <= 1))


def acceptance(left: LeftOut, chosen: np.ndarray) -> Acceptance:
    """Return the share of rows accepted and the share of these that is right."""
    right = (left.probabilities.argmax(axis=1) == left.label)[chosen]
    return Acceptance(float(chosen.mean()), float(right.mean()) if right.size else 1.0)


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    share, extra = hits / total, z * z / total
    middle = (share + extra / 2) / (1 + extra)
    half = z * math.sqrt(share * (1 - share) / total + extra / (4 * total)) / (1 + extra)
    return max(0.0, middle - half), min(1.0, middle + half)
