from __future__ import annotations

import numpy as np
import pytest

from mmskin_build.evaluate.class_match import NONE
from mmskin_build.evaluate.class_metrics import Outcome, calibration_error, class_figures

CLASSES = ("a", "b", "c")


def outcome(rows: int = 120, probabilities: bool = True) -> Outcome:
    rng = np.random.default_rng(3)
    truth = rng.choice(CLASSES, size=rows, p=[0.6, 0.3, 0.1])
    scores = rng.random((rows, 3))
    scores[np.arange(rows), [CLASSES.index(t) for t in truth]] += 0.4
    scores /= scores.sum(axis=1, keepdims=True)
    predicted = np.array(CLASSES)[scores.argmax(axis=1)]
    groups = [f"g{n // 3}" for n in range(rows)]
    given = scores if probabilities else None
    return Outcome(CLASSES, tuple(truth), tuple(predicted), tuple(groups), given)


def test_figures_are_sklearns() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    given = outcome()
    figures = class_figures(given, 0, 0)
    truth, predicted, scores = given.truth, given.predicted, given.probabilities
    binary = np.array([[t == name for name in CLASSES] for t in truth])
    expected = {
        "accuracy": metrics.accuracy_score(truth, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, predicted),
        "macro_f1": metrics.f1_score(truth, predicted, average="macro"),
        "macro_precision": metrics.precision_score(truth, predicted, average="macro"),
        "auroc": metrics.roc_auc_score(truth, scores, multi_class="ovr", average="macro"),
        "auprc": metrics.average_precision_score(binary, scores, average="macro"),
    }
    assert {name: figures[name].value for name in expected} == pytest.approx(expected, abs=1e-9)


def test_a_reply_that_is_no_class_is_a_miss_and_not_a_class_of_its_own() -> None:
    given = Outcome(("a", "b"), ("a", "a", "b", "b"), ("a", NONE, "b", "b"), tuple("wxyz"))
    figures = class_figures(given, 0, 0)
    assert figures["balanced_accuracy"].value == pytest.approx(0.75)
    assert figures["answered"].value == pytest.approx(0.75)
    assert "auroc" not in figures


def test_intervals_cover_the_value_and_are_repeatable() -> None:
    figures = class_figures(outcome(), 50, 1)
    for figure in figures.values():
        assert figure.value is not None and figure.low is not None and figure.high is not None
        assert figure.low <= figure.value <= figure.high or figure.value < 0.2  # ece is biased
    assert figures == class_figures(outcome(), 50, 1)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    sure = np.tile([[0.9, 0.1]], (10, 1))
    assert calibration_error(sure, np.array([True] * 9 + [False])) == pytest.approx(0.0)
    assert calibration_error(sure, np.array([False] * 10)) == pytest.approx(0.9)
