"""``train-marks``: rebuild the detector of drawn marks from a labelled folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train-marks")(train_marks)


def train_marks(
    folder: Annotated[Path, typer.Argument(help="Pictures with labels.csv.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Model file (npz) to write.")],
) -> None:
    """Train the detector of drawn marks; prints recall and false alarms by source left out."""
    from mmskin_build.screening.train_marks import (
        fit_marks,
        judge,
        make_examples,
        operating_point,
        read_labels,
        save_marks,
    )

    examples = list(make_examples(folder, read_labels(folder)))
    judged = judge(examples)
    threshold = operating_point(judged)
    for source in sorted({j.source for j in judged}):
        own = [j for j in judged if j.source == source]
        marked = [j for j in own if j.annotated]
        clean = [j for j in own if not j.annotated]
        found = sum(j.chance >= threshold for j in marked)
        alarms = sum(j.chance >= threshold for j in clean)
        print(f"{source[:40]:40s} found {found}/{len(marked)}  false alarms {alarms}/{len(clean)}")
    save_marks(fit_marks(examples), threshold, output)
    print(f"{output}: operating point {threshold:.3f}")
