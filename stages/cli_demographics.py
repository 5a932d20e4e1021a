"""``demographics``: age and sex for a CSV of captions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demographics)


def demographics(
    captions: Annotated[Path, typer.Argument(help="CSV with the columns id and caption.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="CSV to write.")],
) -> None:
    """Read age and sex of the depicted patient from captions of any origin."""
    from mmskin_build.demographics.captions_csv import read_captions, write_demographics

    rows = read_captions(captions)
    stated = write_demographics(rows, output)
    typer.echo(f"{output}: {len(rows)} captions, {stated} state age or sex")
