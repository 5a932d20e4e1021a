"""``classify``: score a model as a classifier, zero-shot, by a linear probe or fine-tuned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmskin_build.errors import ConfigError
from stages.training_console import RUNS, Bar, newest_run, out, quiet

if TYPE_CHECKING:
    from mmskin_build.evaluate.classify import ClassReport


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(classify)


def classify(
    test_csv: Annotated[
        Path, typer.Option("--test-csv", help="Classification table in MM-Skin's format.")
    ],
    image_root: Annotated[
        Path, typer.Option("--image-root", help="Folder the table's image paths start from.")
    ],
    train_csv: Annotated[
        Path | None, typer.Option("--train-csv", help="Training table, for probe and finetune.")
    ] = None,
    method: Annotated[
        str, typer.Option(help="likelihood and reply are zero-shot; probe and finetune learn.")
    ] = "likelihood",
    run: Annotated[
        Path | None, typer.Option("--run", help="Training run. [newest in build/runs]")
    ] = None,
    model: Annotated[
        str, typer.Option("--model", help="Instead of a run: a native LLaVA checkpoint.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder. [RUN/classification]")
    ] = None,
    batch_size: Annotated[int, typer.Option(help="Pictures at once.")] = 16,
    config: Annotated[
        Path | None, typer.Option("--config", help="Training recipe (YAML), for finetune.")
    ] = None,
) -> None:
    """Classify labelled pictures: accuracy, macro and balanced figures, AUROC, calibration."""
    from mmskin_build.evaluate import classify as room
    from mmskin_build.evaluate.class_tables import read_class_table
    from mmskin_build.evaluate.run import subject_of_model, subject_of_run
    from mmskin_build.train.base import require_train_extra
    from mmskin_build.train.settings import BaseSettings, load_train_settings

    if method not in list(room.Method):
        raise ConfigError(f"--method {method!r}: choose one of {', '.join(room.Method)}")
    require_train_extra()
    quiet()
    tables = read_class_table(test_csv), read_class_table(train_csv) if train_csv else None
    task = room.Task(*tables, image_root, batch_size)
    if config:
        task = replace(task, recipe=load_train_settings(config))
    run = None if model else (run or newest_run())
    folder = output or (run or RUNS / Path(model).name) / "classification"
    subject = subject_of_run(run) if run else subject_of_model(model, BaseSettings())
    if subject.notice:
        out.print(f"{subject.notice}: these figures say nothing about dermatology")
    with Bar("classifying") as bar:
        report = room.classify(subject, task, room.Method(method), folder, bar.count)
    _print(report, folder)


def _print(report: ClassReport, folder: Path) -> None:
    from rich.table import Table

    table = Table("metric", "value", "95 % interval", box=None)
    for name, figure in report.figures.items():
        value = "–" if figure.value is None else f"{figure.value:.3f}"
        known = figure.low is not None and figure.high is not None
        table.add_row(name, value, f"{figure.low:.3f} to {figure.high:.3f}" if known else "–")
    out.print(table)
    skipped = f", {report.skipped} rows without exactly one label left out" * bool(report.skipped)
    out.print(f"{report.rows} pictures, {len(report.classes)} classes{skipped}", highlight=False)
    for name, count in sorted(report.unclear.items()):
        out.print(f"replies {name}: {count}", markup=False, highlight=False)
    out.print(f"predictions and figures: {folder}", highlight=False, soft_wrap=True)
