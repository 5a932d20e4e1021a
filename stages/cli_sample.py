"""Command of the sample room: typeset the built-in synthetic books."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add ``sample`` to the command line."""

    @app.command()
    def sample(
        output: Annotated[
            Path, typer.Option("-o", "--output", help="Folder for the PDF files.")
        ] = Path("build/sample"),
    ) -> None:
        """Typeset the built-in synthetic sample books (own text, drawn pictures)."""
        from mmskin_build.sample import write_sample

        for path in write_sample(output):
            typer.echo(f"wrote {path}")
