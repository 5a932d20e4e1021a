"""Figures of several models side by side, in the layout of papers: models down, sets across."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmskin_build.errors import ConfigError
from mmskin_build.evaluate.aggregate import METRICS
from mmskin_build.evaluate.report import MODEL
from mmskin_build.train.run_card import FILE_NAME as RUN_CARD

VQA = "vqa"
_TEXT_METRICS = METRICS[: METRICS.index("exact")]
_OWN_METRICS = METRICS[METRICS.index("exact") :]
_CLASS_METRICS = ("accuracy", "balanced_accuracy", "macro_f1", "auroc", "auprc", "ece")
_OVERVIEW = ("accuracy", "macro_f1")
_METHODS = {
    "likelihood": "zero-shot by likelihood",
    "reply": "zero-shot by reply",
    "probe": "linear probe",
    "finetune": "fine-tuned",
}
_UNITS = (
    "Values are percentages with their 95 % interval over groups of related pictures, except the "
    "length ratio. Figures of different test sets are never in one table: a set is told by "
    "the digest of its questions, answers and pictures."
)


@dataclass(frozen=True, slots=True)
class Result:
    """One metric of one model.

    Attributes:
        model: name of the run folder, with what else answered ("blind: no image") behind it.
        task: 'vqa' or a classification method.
        subset: 'all', 'modality=clinical', ...; for a classification the set.
        test: what was tested on: figures compare only where it is the same.
    """

    model: str
    task: str
    subset: str
    test: str
    rows: int
    metric: str
    value: float
    low: float | None
    high: float | None


def collect_results(runs: Iterable[Path]) -> tuple[list[Result], list[str]]:
    """Return the figures below run folders, and what must be said beside them.

    Raises:
        ConfigError: no figures at all, or a file of figures that cannot be read.
    """
    results: list[Result] = []
    notes: list[str] = []
    for run in runs:
        found = [*_answers(run), *_classifications(run)]
        results += found
        notice = _notice(run)
        if found and notice:
            notes.append(f"**{run.name}: {notice}**: its figures say nothing about dermatology")
    if not results:
        raise ConfigError("no figures found: run `make evaluate` (or `classify`) first")
    return results, notes


def write_results(results: Sequence[Result], notes: Sequence[str], folder: Path) -> None:
    """Write ``results.md`` and ``results.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.md").write_text(as_markdown(results, notes), encoding="utf-8")
    with (folder / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["model", "task", "subset", "rows", "metric", "value", "low", "high"])
        for r in results:
            figures = ("" if x is None else f"{x:.6f}" for x in (r.value, r.low, r.high))
            writer.writerow([r.model, r.task, r.subset, r.rows, r.metric, *figures])


def as_markdown(results: Sequence[Result], notes: Sequence[str]) -> str:
    """Return the tables: answers for each test set and modality, then classifications."""
    parts = ["# Results", *(f"> {note}" for note in notes), _UNITS]
    asked = [r for r in results if r.task == VQA]
    tests = list(dict.fromkeys(r.test for r in asked))
    for test in tests:
        rows = [r for r in asked if r.test == test]
        which = f" (test set {test[:8]})" if len(tests) > 1 else ""
        parts += [f"## Answers by modality{which}", *_modality_tables(rows)]
    sorted_in = [r for r in results if r.task != VQA]
    if sorted_in:
        parts += ["## Classification", *_overviews(sorted_in)]
        for name in sorted({r.subset for r in sorted_in}):
            rows = [r for r in sorted_in if r.subset == name]
            parts += [f"## {name}", _table(rows, _CLASS_METRICS, with_task=True)]
    return "\n\n".join(parts) + "\n"


def _modality_tables(rows: Sequence[Result]) -> Iterator[str]:
    subsets = sorted({r.subset for r in rows if r.subset.startswith("modality=")})
    for subset in (*subsets, "all"):
        chosen = [r for r in rows if r.subset == subset]
        heading = "All modalities" if subset == "all" else subset.partition("=")[2].capitalize()
        yield f"### {heading} ({chosen[0].rows} questions)"
        yield _table(chosen, _TEXT_METRICS)
        yield _table(chosen, _OWN_METRICS)


def _overviews(rows: Sequence[Result]) -> Iterator[str]:
    """One table per method: models down, sets across."""
    for task, title in _METHODS.items():
        chosen = [r for r in rows if r.task == task and r.metric in _OVERVIEW]
        if not chosen:
            continue
        columns = [(name, m) for name in sorted({r.subset for r in chosen}) for m in _OVERVIEW]
        cells = {(r.model, r.subset, r.metric): r for r in chosen}
        lines = [
            [model, *(_cell(cells.get((model, *column))) for column in columns)]
            for model in dict.fromkeys(r.model for r in chosen)
        ]
        heads = ["model", *(f"{name} {_head(metric)}" for name, metric in columns)]
        yield f"### {title.capitalize()}"
        yield _grid(heads, lines)


def _table(rows: Sequence[Result], metrics: Sequence[str], with_task: bool = False) -> str:
    cells = {(r.model, r.task, r.metric): r for r in rows}
    shown = [m for m in metrics if any(metric == m for *_, metric in cells)]
    lines = []
    for model, task in dict.fromkeys((r.model, r.task) for r in rows):
        lead = [model, _METHODS[task]] if with_task else [model]
        lines.append([*lead, *(_cell(cells.get((model, task, metric))) for metric in shown)])
    heads = ["model", *(["method"] if with_task else []), *(_head(m) for m in shown)]
    return _grid(heads, lines)


def _grid(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _head(metric: str) -> str:
    return metric.replace("_", " ").replace("accuracy", "acc.")


def _cell(result: Result | None) -> str:
    if result is None:
        return "–"
    scale = 1 if result.metric == "length_ratio" else 100
    text = f"{result.value * scale:.{2 if scale == 1 else 1}f}"
    if result.low is None or result.high is None:
        return text
    return f"{text} [{result.low * scale:.0f}, {result.high * scale:.0f}]" if scale > 1 else text


def _answers(run: Path) -> Iterator[Result]:
    path = run / "evaluation" / "metrics.json"
    if not path.is_file():
        return
    report = _read(path)
    for summary in report["summaries"]:
        who = summary["model"]
        model = run.name if who == MODEL else f"{run.name}, {who}"
        place = (model, VQA, summary["subset"], report.get("rows_digest", ""), summary["rows"])
        yield from _figures(place, summary["figures"])


def _classifications(run: Path) -> Iterator[Result]:
    for path in sorted((run / "classification").glob("**/classification_*.json")):
        report = _read(path)
        model = f"base of {run.name}" if path.parent.name == "base" else run.name
        name = report["set_name"] or path.parent.name
        place = (model, report["method"], name, name, report["rows"])
        yield from _figures(place, report["figures"])


def _figures(
    place: tuple[str, str, str, str, int], figures: dict[str, dict[str, float | None]]
) -> Iterator[Result]:
    for metric, figure in figures.items():
        if (value := figure["value"]) is not None:
            yield Result(*place, metric, value, figure["low"], figure["high"])


def _notice(run: Path) -> str:
    card = run / RUN_CARD
    return str(_read(card).get("notice", "")) if card.is_file() else ""


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: not readable ({error}); run the evaluation again") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: not a file of figures; run the evaluation again")
    return content
