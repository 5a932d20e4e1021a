"""``train``, ``evaluate``, ``merge-adapter``: a model fine-tuned on a release, and its score."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmskin_build.errors import ConfigError
from mmskin_build.train.console import RUNS, Bar, newest_run, out, quiet
from stages import cli_public_sets

if TYPE_CHECKING:
    from mmskin_build.evaluate.report import Report
    from mmskin_build.evaluate.settings import EvaluateSettings
    from mmskin_build.train.examples import Example
    from mmskin_build.train.image_bank import ImageBank

RELEASES = Path("build/release")
TINY = Path("configs/train/tiny.yaml")

Release = Annotated[
    Path | None, typer.Option("--release", help="Release folder. [newest in build/release]")
]
LlavaJson = Annotated[
    Path | None, typer.Option("--llava-json", help="Instead of a release: a LLaVA JSON list.")
]
ImageRoot = Annotated[
    Path | None,
    typer.Option("--image-root", help="Folder of the LLaVA JSON's images. [beside it, or above]"),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(train)
    app.command()(evaluate)
    app.command("merge-adapter")(merge_adapter)
    app.command("convert-base")(convert_base)
    cli_public_sets.register(app)


def train(
    release: Release = None,
    llava_json: LlavaJson = None,
    image_root: ImageRoot = None,
    held_out: Annotated[
        list[Path] | None,
        typer.Option("--held-out", help="LLaVA JSON that must share nothing with the rows."),
    ] = None,
    config: Annotated[Path, typer.Option("--config", help="Recipe (YAML).")] = TINY,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Run folder. [build/runs/CONFIG]")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint.")
    ] = False,
) -> None:
    """Fine-tune a LLaVA-family model; without options a tiny one that shows the path works."""
    from mmskin_build.train.base import require_train_extra
    from mmskin_build.train.run import data_of_llava_json, data_of_release
    from mmskin_build.train.run import train as train_model
    from mmskin_build.train.settings import TINY as TINY_BASE
    from mmskin_build.train.settings import load_train_settings
    from mmskin_build.train.tiny import NOTICE

    require_train_extra()
    quiet()
    settings = load_train_settings(config)
    run = output or RUNS / config.stem
    if settings.base.model == TINY_BASE:
        out.print(f"Training a {NOTICE}.", highlight=False)
    if llava_json:
        data = data_of_llava_json(llava_json, image_root, run / "images", held_out or ())
    else:
        data = data_of_release(_release(release), run / "images")
    out.print(
        f"{len(data.train)} training rows, {len(data.images)} pictures ({data.name})",
        highlight=False,
    )
    with Bar("training") as bar:
        card = train_model(data, settings, run, bar.losses, resume)
    out.print(card.as_markdown(), markup=False, highlight=False, soft_wrap=True)
    out.print(f"run folder: {run}", highlight=False, soft_wrap=True)


def evaluate(
    run: Annotated[
        Path | None, typer.Option("--run", help="Training run. [newest in build/runs]")
    ] = None,
    model: Annotated[
        str, typer.Option("--model", help="Instead of a run: a native LLaVA checkpoint.")
    ] = "",
    release: Release = None,
    llava_json: LlavaJson = None,
    image_root: ImageRoot = None,
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="Only score this predictions CSV.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder. [RUN/evaluation]")
    ] = None,
    split: Annotated[str, typer.Option(help="test or validation.")] = "test",
    batch_size: Annotated[int, typer.Option(help="Questions answered at once.")] = 16,
    max_new_tokens: Annotated[int, typer.Option(help="Longest answer in tokens.")] = 256,
    blind: Annotated[bool, typer.Option(help="Also run the blind baselines.")] = True,
    bootstrap: Annotated[int, typer.Option(help="Group resamples; 0: no intervals.")] = 1000,
    wordnet: Annotated[str, typer.Option(help="WordNet 3.0 dict folder, for METEOR.")] = "",
    bert_model: Annotated[str, typer.Option(help="Local BERT folder, for BERTScore.")] = "",
    bert_layer: Annotated[int, typer.Option(help="Its layer; 9 for bert-base-uncased.")] = 9,
) -> None:
    """Answer the test questions and score the answers, beside baselines that never see."""
    from mmskin_build.evaluate.settings import EvaluateSettings

    try:
        settings = EvaluateSettings(
            split=split,
            batch_size=batch_size,
            max_new_tokens=max_new_tokens,
            blind=blind,
            bootstrap=bootstrap,
            wordnet=wordnet,
            bert_model=bert_model,
            bert_layer=bert_layer,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from None
    if predictions:
        folder = output or predictions.parent / "metrics"
        report = _score_file(predictions, settings, folder)
    else:
        run = None if model else (run or newest_run())
        folder = output or (run or RUNS / Path(model).name) / "evaluation"
        data = (llava_json, image_root, release)
        report = _ask(run, model, data, settings, folder)
    _print(report, folder)


def merge_adapter(
    run: Annotated[
        Path | None, typer.Option("--run", help="Training run. [newest in build/runs]")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder to write. [RUN/merged]")
    ] = None,
) -> None:
    """Fold a run's adapter into its base and check that the logits stay the same."""
    from mmskin_build.train.base import require_train_extra
    from mmskin_build.train.merge import merge_adapter as merge

    require_train_extra()
    quiet()
    run = run or newest_run()
    folder = output or run / "merged"
    difference = merge(run, folder)
    out.print(
        f"merged model: {folder} (largest logit difference {difference:.1e})",
        highlight=False,
        soft_wrap=True,
    )


def convert_base(
    checkpoint: Annotated[Path, typer.Argument(help="Original LLaVA or LLaVA-Med folder.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")],
    vision_tower: Annotated[
        str, typer.Option(help="CLIP tower: folder or hub id. [the checkpoint's own]")
    ] = "",
) -> None:
    """Turn an original LLaVA checkpoint into a native one and check that logits stay the same."""
    from mmskin_build.train.base import require_train_extra
    from mmskin_build.train.convert import convert_base as convert

    require_train_extra()
    quiet()
    difference = convert(checkpoint, output, vision_tower)
    out.print(
        f"native model: {output} (largest logit difference {difference:.1e})",
        highlight=False,
        soft_wrap=True,
    )


def _ask(
    run: Path | None,
    model: str,
    data: tuple[Path | None, Path | None, Path | None],
    settings: EvaluateSettings,
    folder: Path,
) -> Report:
    from mmskin_build.evaluate.run import evaluate as evaluate_model
    from mmskin_build.evaluate.run import subject_of_model, subject_of_run
    from mmskin_build.train.base import require_train_extra
    from mmskin_build.train.image_bank import ImageBank
    from mmskin_build.train.settings import BaseSettings

    require_train_extra()
    quiet()
    bank = ImageBank((run or folder) / "images")
    rows = _rows(data, settings.split, bank)
    subject = subject_of_run(run) if run else subject_of_model(model, BaseSettings())
    with Bar("answering") as bar:
        return evaluate_model(subject, rows, bank, settings, (folder, bar.count))


def _rows(
    data: tuple[Path | None, Path | None, Path | None], split: str, bank: ImageBank
) -> list[Example]:
    from mmskin_build.train.examples import load_llava_json, load_release

    llava_json, image_root, release = data
    if llava_json:
        return load_llava_json(llava_json, image_root, bank)
    return load_release(_release(release), split, bank)


def _score_file(path: Path, settings: EvaluateSettings, folder: Path) -> Report:
    from mmskin_build.evaluate.predictions import read_predictions
    from mmskin_build.evaluate.run import score_predictions

    return score_predictions(read_predictions(path), settings, folder)


def _print(report: Report, folder: Path) -> None:
    from rich.table import Table

    shown = ("bleu-1", "bleu-4", "rouge-l", "recall", "exact", "closed_accuracy")
    table = Table("answers by", "rows", *shown, box=None)
    for summary in report.summaries:
        if summary.subset == "all":
            values = [summary.figures[name].value for name in shown]
            cells = ["–" if v is None else f"{v:.3f}" for v in values]
            table.add_row(summary.model, str(summary.rows), *cells)
    out.print(table)
    for note in report.notes:
        out.print(note, markup=False, highlight=False, soft_wrap=True)
    out.print(f"tables and pictures: {folder}", highlight=False, soft_wrap=True)


def _release(given: Path | None) -> Path:
    from mmskin_build.train.examples import newest_release

    return given or newest_release(RELEASES)
