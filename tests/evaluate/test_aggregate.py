from __future__ import annotations

from mmskin_build.evaluate.aggregate import Resamples, score_rows, subsets, summarise
from mmskin_build.evaluate.predictions import Prediction


def row(right: bool, group: str, kind: str = "closed", modality: str = "clinical") -> Prediction:
    answer = "Yes" if right else "No"
    return Prediction("i", "Is it?", answer, "Yes", modality, kind=kind, group_id=group)


def accuracy(rows: list[Prediction], count: int = 500) -> tuple[float, float]:
    scores = score_rows(rows, None)
    summary = summarise("m", "all", scores, [r.group_id for r in rows], Resamples(count, 1))
    figure = summary.figures["closed_accuracy"]
    assert figure.value == sum(r.predicted_answer == "Yes" for r in rows) / len(rows)
    assert figure.low is not None and figure.high is not None
    return figure.low, figure.high


def test_rows_of_one_group_stand_or_fall_together() -> None:
    apart = [row(n % 2 == 0, f"g{n}") for n in range(40)]
    together = [row(n % 4 < 2, f"g{n // 10}") for n in range(40)]
    low, high = accuracy(apart)
    assert 0.2 < low < 0.5 < high < 0.8
    dependent = [row(n < 20, f"g{n // 10}") for n in range(40)]  # four groups, each all or none
    wide = accuracy(dependent)
    assert wide[1] - wide[0] > 2 * (high - low)
    assert accuracy(together)[0] > wide[0]


def test_intervals_are_the_same_on_every_run() -> None:
    rows = [row(n % 3 == 0, f"g{n}") for n in range(30)]
    assert accuracy(rows) == accuracy(rows)


def test_one_group_gives_no_interval() -> None:
    rows = [row(True, "g"), row(False, "g")]
    summary = summarise("m", "all", score_rows(rows, None), ["g", "g"], Resamples(100, 1))
    assert summary.figures["exact"].value == 0.5 and summary.figures["exact"].low is None
    assert summary.groups == 1


def test_metrics_without_rows_are_empty_not_zero() -> None:
    rows = [row(True, "a"), row(True, "b")]
    summary = summarise("m", "all", score_rows(rows, None), ["a", "b"], Resamples(10, 1))
    assert summary.figures["choice_accuracy"].value is None
    assert summary.figures["meteor"].value is None


def test_modalities_books_and_kinds_are_reported_apart() -> None:
    rows = [row(True, "a"), row(False, "b", "open", "pathology")]
    assert [name for name, _ in subsets(rows)] == [
        "all",
        "modality=clinical",
        "modality=pathology",
        "kind=closed",
        "kind=open",
    ]
    assert dict(subsets(rows))["modality=pathology"] == [1]


def test_a_difference_is_paired() -> None:
    ours = [row(True, f"g{n}") for n in range(20)]
    theirs = [row(n % 2 == 0, f"g{n}") for n in range(20)]
    groups = [r.group_id for r in ours]
    gap = Resamples(300, 1).difference(
        score_rows(ours, None), score_rows(theirs, None), groups, "exact"
    )
    assert gap.value == 0.5 and gap.low is not None and gap.low > 0.2
    same = Resamples(300, 1).difference(
        score_rows(ours, None), score_rows(ours, None), groups, "exact"
    )
    assert (same.value, same.low, same.high) == (0, 0, 0)
