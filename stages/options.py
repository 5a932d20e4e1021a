"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

BuildDir = Annotated[Path, typer.Option("--build-dir", help="Folder of all artefacts.")]
Manifests = Annotated[
    Path,
    typer.Option("--manifests", help="Folder of what people vouch for: books, decisions, lock."),
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (YAML).")]
