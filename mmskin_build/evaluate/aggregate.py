"""From rows to figures.

Every metric is a function of column sums, so that resampling groups of related rows, as the
intervals need, is one matrix product.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mmskin_build.evaluate.answer_match import is_right
from mmskin_build.evaluate.bert_similarity import BERT_METRICS, BertScore
from mmskin_build.evaluate.meteor import Meteor
from mmskin_build.evaluate.predictions import Prediction
from mmskin_build.evaluate.text_scores import (
    BLEU_ORDERS,
    bleu_counts,
    rouge_l,
    rouge_n,
    token_recall,
)

BLEU_WEIGHTS = {1: (1.0,), 2: (0.5, 0.5), 3: (0.33, 0.33, 0.33), 4: (0.25, 0.25, 0.25, 0.25)}
METRICS = (
    *(f"bleu-{order}" for order in BLEU_WEIGHTS),
    "meteor",
    "rouge-1",
    "rouge-2",
    "rouge-l",
    *BERT_METRICS,
    "recall",
    "exact",
    "closed_accuracy",
    "choice_accuracy",
    "length_ratio",
)
_COLUMNS = (
    "rows",
    *(f"matches{n}" for n in range(1, BLEU_ORDERS + 1)),
    *(f"totals{n}" for n in range(1, BLEU_ORDERS + 1)),
    "predicted_length",
    "reference_length",
    "rouge-1",
    "rouge-2",
    "rouge-l",
    "recall",
    "meteor",
    *BERT_METRICS,
    "exact",
    "closed",
    "closed_right",
    "choice",
    "choice_right",
)
_AT = {name: index for index, name in enumerate(_COLUMNS)}
_INTERVAL = (2.5, 97.5)  # percentiles


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric with its 95 % interval; value None where nothing could be measured."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one model on one subset of rows."""

    model: str
    subset: str
    rows: int
    groups: int
    figures: dict[str, Figure]


def score_rows(
    rows: Sequence[Prediction], meteor: Meteor | None, bert: BertScore | None = None
) -> Any:
    """Return one line of summable scores per prediction."""
    import numpy as np

    scores = np.array([_row(row, meteor) for row in rows], dtype=np.float64)
    scores = scores.reshape(len(rows), len(_COLUMNS))
    if bert:
        texts = [r.predicted_answer for r in rows], [r.ground_truth for r in rows]
        scores[:, [_AT[name] for name in BERT_METRICS]] = bert(*texts)
    return scores


def _row(row: Prediction, meteor: Meteor | None) -> list[float]:
    ours, theirs = row.predicted_answer, row.ground_truth
    matches, totals = bleu_counts(ours, theirs)
    right = is_right(row.kind, ours, theirs)
    closed, choice = row.kind == "closed", row.kind == "choice"
    return [
        1.0,
        *matches,
        *totals,
        len(ours.split()),
        len(theirs.split()),
        rouge_n(ours, theirs, 1),
        rouge_n(ours, theirs, 2),
        rouge_l(ours, theirs),
        token_recall(ours, theirs),
        meteor(ours, theirs) if meteor else math.nan,
        *(math.nan for _ in BERT_METRICS),
        is_right("open", ours, theirs),
        closed,
        closed and right,
        choice,
        choice and right,
    ]


def summarise(
    model: str, subset: str, scores: Any, groups: Sequence[str], resamples: Resamples
) -> Summary:
    """Return all figures of one subset, with intervals over groups."""
    values = metrics_of(scores.sum(axis=0)[None, :])
    grouped = _sums_by_group(scores, groups)
    spread = resamples.intervals(grouped)
    figures = {name: _figure(float(values[name][0]), spread.get(name)) for name in METRICS}
    return Summary(model, subset, len(scores), len(grouped), figures)


def _figure(value: float, interval: tuple[float, float] | None) -> Figure:
    if math.isnan(value):
        return Figure(None)
    return Figure(value, *interval) if interval else Figure(value)


def _sums_by_group(scores: Any, groups: Sequence[str]) -> Any:
    import numpy as np

    # A row without a group is a group of its own.
    names = [group or f"row {number}" for number, group in enumerate(groups)]
    _, index = np.unique(names, return_inverse=True)
    sums = np.zeros((int(index.max()) + 1, scores.shape[1]))
    np.add.at(sums, index, scores)
    return sums


@dataclass(frozen=True, slots=True)
class Resamples:
    """Bootstrap over groups: rows of one group stand or fall together."""

    count: int
    seed: int

    def intervals(self, grouped: Any) -> dict[str, tuple[float, float]]:
        """Return the 95 % interval of each metric; none below two groups."""
        import numpy as np

        size = len(grouped)
        if size < 2 or not self.count:
            return {}
        rng = np.random.default_rng(self.seed)
        weights = rng.multinomial(size, [1 / size] * size, size=self.count)
        found = {}
        for name, values in metrics_of(weights @ grouped).items():
            usable = values[~np.isnan(values)]
            if len(usable):
                low, high = np.percentile(usable, _INTERVAL)
                found[name] = (float(low), float(high))
        return found

    def difference(self, ours: Any, theirs: Any, groups: Sequence[str], metric: str) -> Figure:
        """Return ours minus theirs on the same rows, with a paired interval over groups."""
        import numpy as np

        grouped = [_sums_by_group(scores, groups) for scores in (ours, theirs)]
        value = _gap(grouped[0].sum(axis=0)[None, :], grouped[1].sum(axis=0)[None, :], metric)[0]
        size = len(grouped[0])
        if size < 2 or not self.count:
            return Figure(float(value))
        rng = np.random.default_rng(self.seed)
        weights = rng.multinomial(size, [1 / size] * size, size=self.count)
        low, high = np.percentile(
            _gap(weights @ grouped[0], weights @ grouped[1], metric), _INTERVAL
        )
        return Figure(float(value), float(low), float(high))


def _gap(ours: Any, theirs: Any, metric: str) -> Any:
    return metrics_of(ours)[metric] - metrics_of(theirs)[metric]


def metrics_of(sums: Any) -> dict[str, Any]:
    """Return each metric for each line of column sums (nan where it has no rows)."""
    rows = sums[:, _AT["rows"]]
    found = {f"bleu-{order}": _bleu(sums, weights) for order, weights in BLEU_WEIGHTS.items()}
    for name in ("meteor", "rouge-1", "rouge-2", "rouge-l", *BERT_METRICS, "recall", "exact"):
        found[name] = _ratio(sums[:, _AT[name]], rows)
    for kind in ("closed", "choice"):
        found[f"{kind}_accuracy"] = _ratio(sums[:, _AT[f"{kind}_right"]], sums[:, _AT[kind]])
    found["length_ratio"] = _ratio(
        sums[:, _AT["predicted_length"]], sums[:, _AT["reference_length"]]
    )
    return found


def _ratio(above: Any, below: Any) -> Any:
    import numpy as np

    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)


def _bleu(sums: Any, weights: Iterable[float]) -> Any:
    """Return corpus BLEU without smoothing: 0 as soon as one order has no match."""
    import numpy as np

    length, wanted = sums[:, _AT["predicted_length"]], sums[:, _AT["reference_length"]]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = sum(
            weight * np.log(sums[:, _AT[f"matches{n}"]] / sums[:, _AT[f"totals{n}"]])
            for n, weight in enumerate(weights, 1)
        )
        brevity = np.where(length > wanted, 0.0, 1.0 - wanted / length)
        return np.nan_to_num(np.exp(logs + brevity), nan=0.0)


def subsets(rows: Sequence[Prediction]) -> list[tuple[str, list[int]]]:
    """Return what is reported apart, with its row numbers: all, and each modality, book, kind."""
    found = [("all", list(range(len(rows))))]
    for field in ("modality", "source_id", "kind"):
        values = [getattr(row, field) for row in rows]
        for value in sorted(set(values) - {""}):
            found.append((f"{field}={value}", [i for i, v in enumerate(values) if v == value]))
    return found
