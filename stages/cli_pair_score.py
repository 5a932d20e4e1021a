"""``fit-pair-score``: refit the score of pairs on books with known figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fit-pair-score")(fit_pair_score)


def fit_pair_score(
    books: Annotated[list[Path], typer.Argument(help="Folders of <book>/gold.json and its PDF.")],
    check: Annotated[
        Path | None, typer.Option(help="Another such folder, to test the new weights on.")
    ] = None,
    trust: Annotated[
        float, typer.Option(help="How far the books may move a weight (variance of the prior).")
    ] = 1.0,
) -> None:
    """Fit the weights of the pair score on books with known figures; print them and their worth.

    Nothing is changed: copy the weights to mmskin_build/align/confidence.py if they hold up.
    """
    from mmskin_build.align.calibration import fit, read_examples, reliability
    from mmskin_build.align.confidence import WEIGHTS

    out = Console()
    quiet = Console(stderr=True)
    examples = [
        example
        for folder in books
        for example in track(read_examples(folder), "pairing", console=quiet, transient=True)
    ]
    fitted = fit(examples, trust)
    for name, value in fitted.items():
        out.print(f'    "{name}": {value},', highlight=False)
    tested = [("these books", examples)]
    if check is not None:
        tested.append((str(check), list(read_examples(check))))
    for title, sample in tested:
        for words, weights in (("present", WEIGHTS), ("fitted", fitted)):
            wrong = sum(not example.right for example in sample)
            out.print(f"\n{title}: {len(sample)} pairs, {wrong} wrong; {words} weights")
            for row in reliability(sample, weights):
                out.print(
                    f"  score {row.low:.2f}-{row.high:.2f}: {row.pairs:5d} pairs, "
                    f"mean score {row.said:.3f}, right {row.true:.3f}",
                    highlight=False,
                )
