"""Let reviewed labels readjust the voters for this library, the same way every time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mmskin_build.modality.fusion import TINY, Thresholds, shares
from mmskin_build.modality.model import CLASSES, conformal_floor
from mmskin_build.records import ModalityVote

PRIOR = 8.0  # how firmly the shipped fusion is held on to, in reviewed pictures
STEPS = 200
RATE = 0.5
MOST_SHIFT = 2.0


def learn(
    votes: Mapping[str, Mapping[str, ModalityVote]],
    reviewed: Mapping[str, str],
    limits: Thresholds,
) -> Thresholds:
    """Return limits with per-class shifts and an image weight fitted to reviewed labels.

    The queue holds the doubtful pictures, so the fit stays close to the shipped fusion
    (a ridge towards no change). With fewer labels than ``learn_from`` nothing changes.
    """
    known = [p for p in sorted(reviewed) if votes.get(p, {}).get("image")]
    least = limits.settings.learn_from
    if not least or len(known) < least:
        return limits
    image = np.log(np.array([shares(votes[p]["image"]) for p in known]) + TINY)
    caption = np.zeros_like(image)
    for row, pair_id in enumerate(known):
        said = votes[pair_id].get("caption")
        if said is not None:
            caption[row] = np.log(np.array(shares(said)) + TINY)
    caption *= limits.settings.caption_weight
    names = [str(c) for c in CLASSES]
    truth = np.array([names.index(reviewed[p]) for p in known])
    shift, weight = _fit(image, caption, truth)
    after = _softmax(weight * image + caption + shift)
    taught = np.sort(after[np.arange(len(known)), truth])
    floor = max(limits.floor, conformal_floor(taught, limits.settings.error_rate))
    return replace(
        limits,
        shift=tuple(round(float(v), 6) for v in shift),
        image_weight=round(weight, 6),
        floor=floor,
    )


def _fit(image: np.ndarray, caption: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, float]:
    """Return shifts and the image's weight by gradient descent on the penalised likelihood."""
    shift, weight = np.zeros(len(CLASSES)), 1.0
    wanted = np.eye(len(CLASSES))[truth]
    total = len(truth) + PRIOR
    for _ in range(STEPS):
        gap = _softmax(weight * image + caption + shift) - wanted
        shift -= RATE * (gap.sum(axis=0) + PRIOR * shift) / total
        slope = float((gap * (image - image.mean(axis=1, keepdims=True))).sum())
        weight -= 0.1 * RATE * (slope + PRIOR * 10 * (weight - 1)) / total
        weight = min(2.0, max(0.3, weight))
    return np.clip(shift - shift.mean(), -MOST_SHIFT, MOST_SHIFT), weight


def _softmax(logs: np.ndarray) -> np.ndarray:
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
