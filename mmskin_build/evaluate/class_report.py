"""A classification's figures as files: Markdown for people, JSON and CSV, a confusion picture."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from mmskin_build.evaluate.aggregate import Figure
from mmskin_build.evaluate.class_metrics import Outcome
from mmskin_build.evaluate.class_tables import LabelledImage
from mmskin_build.evaluate.confusion import draw_confusion

METRIC_NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy (macro recall)",
    "macro_precision": "macro precision",
    "macro_f1": "macro F1",
    "auroc": "AUROC, one against rest, macro",
    "auprc": "AUPRC, one against rest, macro",
    "ece": "expected calibration error",
    "answered": "share of replies that name one class",
}


class Method(StrEnum):
    """How a class is chosen."""

    LIKELIHOOD = "likelihood"  # zero-shot: the class name the model finds most likely
    REPLY = "reply"  # zero-shot: the class its generated reply affirms
    PROBE = "probe"  # logistic regression on frozen picture features
    FINETUNE = "finetune"  # likelihood after LoRA training on pictures and their class names


_DESCRIPTIONS = {
    Method.LIKELIHOOD: "zero-shot: the class name the model finds most likely",
    Method.REPLY: "zero-shot: the class the generated reply affirms",
    Method.PROBE: "linear probe on frozen picture features (published as SFT classification)",
    Method.FINETUNE: "fine-tuned on the training table, then as zero-shot by likelihood",
}


@dataclass(frozen=True, slots=True)
class ClassReport:
    """Figures of one method on one test.

    Attributes:
        set_name: the data set, '' when unknown.
        notice: what must be said beside the figures; '' for a real model.
        skipped: rows without exactly one label, which no single-label metric can use.
        unclear: replies that name no class or several, by kind.
    """

    set_name: str
    method: Method
    notice: str
    classes: tuple[str, ...]
    rows: int
    groups: int
    skipped: int
    unclear: dict[str, int]
    figures: dict[str, Figure]


def write_class_report(
    folder: Path,
    report: ClassReport,
    rows: Sequence[LabelledImage],
    answers: tuple[Outcome, Sequence[str]],
) -> None:
    """Write ``classification_<method>`` as .md, .json, .csv (one line per picture) and .png."""
    stem = folder / f"classification_{report.method}"
    outcome, replies = answers
    content = json.dumps(asdict(report), indent=1, ensure_ascii=False)
    stem.with_suffix(".json").write_text(content + "\n", encoding="utf-8")
    stem.with_suffix(".md").write_text(as_markdown(report), encoding="utf-8")
    draw_confusion(report.classes, confusion(outcome), stem.with_suffix(".png"))
    with stem.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image", "label", "predicted", "reply"])
        for row, predicted, reply in zip(rows, outcome.predicted, replies, strict=True):
            writer.writerow([row.image, row.label, predicted, reply])


def as_markdown(report: ClassReport) -> str:
    """Return the report for people."""
    head = f"{report.set_name or 'Classification'}: {_DESCRIPTIONS[report.method]}"
    skipped = f", {report.skipped} rows without exactly one label left out" * bool(report.skipped)
    lines = [
        f"# {head}",
        "",
        *(
            [f"> **{report.notice}**: these figures say nothing about dermatology", ""]
            * bool(report.notice)
        ),
        f"{report.rows} pictures in {report.groups} groups (patient, lesion or picture), "
        f"{len(report.classes)} classes{skipped}. Intervals: 95 %, resampling whole groups.",
        "",
        "| metric | value | 95 % interval |",
        "| --- | --- | --- |",
    ]
    for name, text in METRIC_NAMES.items():
        if (figure := report.figures.get(name)) is not None:
            lines.append(f"| {text} | {_value(figure)} | {_interval(figure)} |")
    lines += ["", *(f"Replies {name}: {n}" for name, n in sorted(report.unclear.items()))]
    return "\n".join(lines).rstrip() + f"\n\n![confusion](classification_{report.method}.png)\n"


def confusion(outcome: Outcome) -> list[list[int]]:
    """Return counts, one line per true class; the last column counts unclear answers."""
    counts = Counter(zip(outcome.truth, outcome.predicted, strict=True))
    lines = []
    for truth in outcome.classes:
        line = [counts[truth, name] for name in outcome.classes]
        total = sum(n for (label, _), n in counts.items() if label == truth)
        lines.append([*line, total - sum(line)])
    return lines


def _value(figure: Figure) -> str:
    return "–" if figure.value is None else f"{figure.value:.3f}"


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return "–"
    return f"{figure.low:.3f} to {figure.high:.3f}"
