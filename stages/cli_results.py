"""``results``: the figures of several runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mmskin_build.train.console import RUNS


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(results)


def results(
    runs: Annotated[
        list[Path] | None, typer.Argument(help="Run folders. [all in build/runs]")
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder.")] = Path("build/results"),
) -> None:
    """Write one table of all runs' answers and classifications: models down, sets across."""
    from mmskin_build.errors import ConfigError
    from mmskin_build.evaluate.results import collect_results, write_results

    missing = [run for run in runs or () if not run.is_dir()]
    if missing:
        raise ConfigError(f"no such run folder: {', '.join(map(str, missing))}")
    found = runs or sorted(path for path in RUNS.glob("*") if path.is_dir())
    figures, notes = collect_results(found)
    write_results(figures, notes, output)
    models = len({f.model for f in figures})
    out = Console()
    out.print(f"{len(figures)} figures of {models} models: {output / 'results.md'}", soft_wrap=True)
