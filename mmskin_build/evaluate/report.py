"""Figures as files: Markdown and CSV for people, JSON for programs, the published CSV layout."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mmskin_build.evaluate.aggregate import METRICS, Figure, Summary

MODEL = "model"
_SECTIONS = (
    ("all", "All questions"),
    ("modality=", "By modality"),
    ("source_id=", "By book"),
    ("kind=", "By kind of question"),
)
_HEADS = {"closed_accuracy": "closed", "choice_accuracy": "choice", "length_ratio": "length"}
_EXPLANATION = (
    "BLEU, METEOR, ROUGE and token recall follow the published evaluator (raw strings, split at "
    "white space). exact: the normalised answer is the reference. closed and choice: accuracy on "
    "yes/no and choice questions. length: words predicted per reference word. Brackets: 95 % "
    "interval, resampling whole groups of related pictures. Blind baselines never see the "
    "question's own picture."
)


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one evaluation, with what must be said beside them.

    ``rows_digest`` tells test sets apart: figures compare only where it is the same.
    """

    title: str
    notes: tuple[str, ...]
    summaries: tuple[Summary, ...]
    rows_digest: str = ""

    def find(self, model: str, subset: str = "all") -> Summary:
        """Return one model's figures on one subset."""
        return next(s for s in self.summaries if (s.model, s.subset) == (model, subset))


def write_report(report: Report, folder: Path) -> None:
    """Write ``metrics.md``, ``metrics.csv``, ``metrics.json`` and ``evaluation_metrics.csv``."""
    (folder / "metrics.md").write_text(as_markdown(report), encoding="utf-8")
    content = json.dumps(asdict(report), indent=1, ensure_ascii=False)
    (folder / "metrics.json").write_text(content + "\n", encoding="utf-8")
    _write_long_csv(report, folder / "metrics.csv")
    _write_published_csv(report, folder / "evaluation_metrics.csv")


def as_markdown(report: Report) -> str:
    """Return the report for people."""
    parts = [f"# {report.title}", *(f"> {note}" for note in report.notes), _EXPLANATION]
    for prefix, heading in _SECTIONS:
        rows = [s for s in report.summaries if s.subset.startswith(prefix)]
        if rows:
            parts += [f"## {heading}", _table(rows)]
    return "\n\n".join(parts) + "\n"


def _table(rows: Sequence[Summary]) -> str:
    names = [name for name in METRICS if any(_value(r, name) is not None for r in rows)]
    head = ["subset", "answers by", "rows", "groups", *(_HEADS.get(n, n) for n in names)]
    lines = [_line(head), _line(["---"] * len(head))]
    for row in sorted(rows, key=lambda r: (r.subset, r.model != MODEL)):
        subset = row.subset.split("=")[-1]
        cells = [_cell(row.figures[name]) for name in names]
        lines.append(_line([subset, row.model, str(row.rows), str(row.groups), *cells]))
    return "\n".join(lines)


def _value(summary: Summary, name: str) -> float | None:
    return summary.figures[name].value


def _cell(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} [{figure.low:.2f}, {figure.high:.2f}]"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _write_long_csv(report: Report, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["model", "subset", "rows", "groups", "metric", "value", "low", "high"])
        for summary in report.summaries:
            for name in METRICS:
                figure = summary.figures[name]
                cells = [_number(x) for x in (figure.value, figure.low, figure.high)]
                lead = [summary.model, summary.subset, summary.rows, summary.groups, name]
                writer.writerow([*lead, *cells])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"


def _write_published_csv(report: Report, path: Path) -> None:
    """One line, columns ``<modality>_<metric>``, as the published evaluator writes it."""
    values: dict[str, str] = {}
    for summary in report.summaries:
        if summary.model == MODEL and summary.subset.startswith("modality="):
            modality = summary.subset.partition("=")[2]
            for name in METRICS[: METRICS.index("exact")]:
                if summary.figures[name].value is not None:
                    values[f"{modality}_{name}"] = _number(summary.figures[name].value)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(values), lineterminator="\n")
        writer.writeheader()
        writer.writerow(values)
