"""Figures of a classifier: from labels alone, and from probabilities where there are any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mmskin_build.evaluate.aggregate import Figure

_BINS = 15  # of the expected calibration error
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was asked and answered.

    Attributes:
        classes: the class names.
        truth: the right class of each row.
        predicted: the predicted class, or a word that is none of them (no or unclear answer).
        groups: rows of one patient or lesion share a group.
        probabilities: rows x classes, or None for replies in words.
    """

    classes: tuple[str, ...]
    truth: tuple[str, ...]
    predicted: tuple[str, ...]
    groups: tuple[str, ...]
    probabilities: Any = None


def class_figures(outcome: Outcome, resamples: int, seed: int) -> dict[str, Figure]:
    """Return each metric with its 95 % interval over groups."""
    import numpy as np

    truth, predicted = np.array(outcome.truth), np.array(outcome.predicted)
    rows = [np.flatnonzero(np.array(outcome.groups) == g) for g in dict.fromkeys(outcome.groups)]
    rng = np.random.default_rng(seed)
    draws = [
        np.concatenate([rows[i] for i in rng.integers(len(rows), size=len(rows))])
        for _ in range(resamples if len(rows) > 1 else 0)
    ]
    figures = {}
    for name, metric in _metrics(outcome).items():
        everything = np.arange(len(truth))
        value = metric(truth, predicted, everything)
        spread = [v for draw in draws if (v := metric(truth, predicted, draw)) is not None]
        if value is None or not spread:
            figures[name] = Figure(value)
        else:
            low, high = np.percentile(spread, _INTERVAL)
            figures[name] = Figure(value, float(low), float(high))
    return figures


Metric = Callable[[Any, Any, Any], float | None]


def _metrics(outcome: Outcome) -> dict[str, Metric]:
    found: dict[str, Metric] = {
        "accuracy": lambda t, p, at: float((t[at] == p[at]).mean()),
        "answered": lambda t, p, at: float(_isin(p[at], outcome.classes).mean()),
        "balanced_accuracy": lambda t, p, at: _per_class(t[at], p[at], outcome.classes)[0],
        "macro_precision": lambda t, p, at: _per_class(t[at], p[at], outcome.classes)[1],
        "macro_f1": lambda t, p, at: _per_class(t[at], p[at], outcome.classes)[2],
    }
    if outcome.probabilities is not None:
        found |= {
            "auroc": lambda t, p, at: _ranked(outcome, t, at, "roc_auc_score"),
            "auprc": lambda t, p, at: _ranked(outcome, t, at, "average_precision_score"),
            "ece": lambda t, p, at: calibration_error(
                outcome.probabilities[at], t[at] == _argmax(outcome, at)
            ),
        }
    return found


def _isin(values: Any, classes: Sequence[str]) -> Any:
    import numpy as np

    return np.isin(values, classes)


def _per_class(truth: Any, predicted: Any, classes: Sequence[str]) -> tuple[float, float, float]:
    """Return means over the classes present: recall, precision and F1.

    A reply that is no class is a miss of the true class; it is not one more class in the mean,
    as it was in the published script.
    """
    recalls, precisions, scores = [], [], []
    for name in classes:
        is_truth, is_answer = truth == name, predicted == name
        if not is_truth.any():
            continue
        right = float((is_truth & is_answer).sum())
        recalls.append(right / float(is_truth.sum()))
        precisions.append(right / float(is_answer.sum()) if is_answer.any() else 0.0)
        scores.append(2 * right / float(is_truth.sum() + is_answer.sum()))
    count = len(recalls)
    return sum(recalls) / count, sum(precisions) / count, sum(scores) / count


def _ranked(outcome: Outcome, truth: Any, at: Any, name: str) -> float | None:
    """Return a one-against-rest mean over the classes that are present but not everywhere."""
    import sklearn.metrics

    scorer = getattr(sklearn.metrics, name)
    values = []
    for column, label in enumerate(outcome.classes):
        is_truth = truth[at] == label
        if is_truth.any() and not is_truth.all():
            values.append(float(scorer(is_truth, outcome.probabilities[at, column])))
    return sum(values) / len(values) if values else None


def _argmax(outcome: Outcome, at: Any) -> Any:
    import numpy as np

    return np.array(outcome.classes)[outcome.probabilities[at].argmax(axis=1)]


def calibration_error(probabilities: Any, right: Any) -> float:
    """Return the expected calibration error over equally wide bins of confidence."""
    import numpy as np

    confidence = probabilities.max(axis=1)
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    error = 0.0
    for number in range(_BINS):
        inside = bins == number
        if inside.any():
            gap = abs(float(right[inside].mean()) - float(confidence[inside].mean()))
            error += gap * float(inside.mean())
    return error
