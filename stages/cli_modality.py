"""``label-images`` and ``train-modality``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stages.options import Config

NAMED_FAULTS = 20


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("label-images")(label_images)
    app.command("train-modality")(train_modality)


def label_images(
    folder: Path,
    output: Annotated[Path, typer.Option("-o", "--output", help="CSV to write.")],
    config: Config = None,
) -> None:
    """Label every picture below FOLDER: modality, drawn marks, faces."""
    from mmskin_build.config import load_config
    from mmskin_build.modality import label_images as library
    from mmskin_build.modality.settings import ModalitySettings
    from mmskin_build.screening import ScreeningSettings
    from stages.sections import SECTIONS

    wanted = {"modality": ModalitySettings, "screening": ScreeningSettings}
    settings = load_config(config, {**SECTIONS, **wanted})
    with _progress("labelling") as advance:
        summary = library.label_images(
            folder, output, settings["modality"], settings["screening"], advance
        )
    out = Console(soft_wrap=True, highlight=False)
    out.print(f"{output}: {summary.images} pictures, {summary.to_review} to review", markup=False)
    for path, fault in summary.faults[:NAMED_FAULTS]:
        out.print(f"  {path}: {fault}; needs_review is set", markup=False)
    if len(summary.faults) > NAMED_FAULTS:
        out.print(f"  … and {len(summary.faults) - NAMED_FAULTS} more unreadable pictures")


def train_modality(
    folder: Annotated[Path, typer.Argument(help="Folder with pictures and labels.csv.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the model.")],
    figures: Annotated[
        Path | None, typer.Option(help="Folder for the reliability and coverage drawings.")
    ] = None,
) -> None:
    """Rebuild the modality classifier from a labelled folder, with its model card."""
    from mmskin_build.modality.acceptance import acceptance, accepted, macro_f1
    from mmskin_build.modality.figures import write_figures
    from mmskin_build.modality.model import save
    from mmskin_build.modality.model_card import model_card
    from mmskin_build.modality.settings import ModalitySettings
    from mmskin_build.modality.training import describe_examples, train

    with _progress("measuring") as advance:
        samples = describe_examples(folder, advance)
    model, left = train(samples)
    path = save(model, output)
    (output / "MODEL_CARD.md").write_text(model_card(samples, model, left), encoding="utf-8")
    if figures:
        write_figures(left, figures)
    chosen = accepted(left, ModalitySettings().error_rate)
    figure = acceptance(left.originals, chosen[left.version == 0])
    Console(soft_wrap=True, highlight=False).print(
        f"{path}: on sources left out macro-F1 {macro_f1(left.originals):.3f}; "
        f"{figure.accepted:.3f} accepted without a person, {figure.right:.3f} of these right",
        markup=False,
    )


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar in a terminal, and one plain line per tenth elsewhere."""
    from rich.progress import Progress

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield _plain_lines(console, what)
        return
    with Progress(console=console) as bar:
        task = bar.add_task(what)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _plain_lines(console: Console, what: str) -> Callable[[int, int], None]:
    def show(done: int, total: int) -> None:
        if done == total or done * 10 // total != (done - 1) * 10 // total:
            console.print(f"{what}: {done}/{total}", markup=False)

    return show
