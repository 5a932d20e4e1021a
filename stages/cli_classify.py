"""``classify``: score a model as a classifier, zero-shot, by a linear probe or fine-tuned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmskin_build.errors import ConfigError
from mmskin_build.train.console import RUNS, Bar, newest_run, out, quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmskin_build.evaluate.class_report import ClassReport, Method
    from mmskin_build.evaluate.run import Subject

Run = Annotated[Path | None, typer.Option("--run", help="Training run. [newest in build/runs]")]
Model = Annotated[str, typer.Option("--model", help="Instead of a run: a native LLaVA checkpoint.")]


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
    run: Run = None,
    model: Model = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder. [RUN/classification]")
    ] = None,
    set_name: Annotated[
        str, typer.Option("--set", help="Data set, for its aliases. [from the table's file name]")
    ] = "",
    batch_size: Annotated[int, typer.Option(help="Pictures at once.")] = 16,
    config: Annotated[
        Path | None, typer.Option("--config", help="Training recipe (YAML), for finetune.")
    ] = None,
) -> None:
    """Classify labelled pictures: accuracy, macro and balanced figures, AUROC, calibration."""
    from mmskin_build.evaluate import classify as room
    from mmskin_build.evaluate.class_report import Method
    from mmskin_build.evaluate.class_tables import read_class_table, set_name_of
    from mmskin_build.train.base import require_train_extra
    from mmskin_build.train.settings import load_train_settings

    if method not in list(Method):
        raise ConfigError(f"--method {method!r}: choose one of {', '.join(Method)}")
    require_train_extra()
    quiet()
    tables = read_class_table(test_csv), read_class_table(train_csv) if train_csv else None
    task = room.Task(*tables, image_root, set_name or set_name_of(test_csv), batch_size)
    if config:
        task = replace(task, recipe=load_train_settings(config))
    run = None if model else (run or newest_run())
    folder = output or (run or RUNS / Path(model).name) / "classification" / task.name
    for subject, place, title in _subjects(run, model, Method(method), folder):
        if subject.notice:
            out.print(f"{subject.notice}: these figures say nothing about dermatology")
        with Bar("classifying") as bar:
            report = room.classify(subject, task, Method(method), place, bar.count)
        _print(report, place, title)
        del subject  # before the next one is loaded: two large models may not fit


def _subjects(
    run: Path | None, model: str, method: Method, folder: Path
) -> Iterator[tuple[Subject, Path, str]]:
    """Yield what is tested, one at a time; a probe of a run is followed by that of its base."""
    from mmskin_build.evaluate.class_report import Method
    from mmskin_build.evaluate.run import subject_of_base, subject_of_model, subject_of_run
    from mmskin_build.train.settings import BaseSettings

    if run is None:
        yield subject_of_model(model, BaseSettings()), folder, ""
        return
    probed = method is Method.PROBE
    yield subject_of_run(run), folder, "the trained model" * probed
    if probed:
        yield subject_of_base(run), folder / "base", "its base, untrained"


def _print(report: ClassReport, folder: Path, title: str) -> None:
    from rich.table import Table

    table = Table("metric", "value", "95 % interval", box=None, title=title or None)
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
