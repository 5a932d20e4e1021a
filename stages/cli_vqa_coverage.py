"""``vqa-coverage``: what the lexicon reads of the captions, and how varied the questions are."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from stages.options import BuildDir


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("vqa-coverage")(vqa_coverage)


def vqa_coverage(
    build_dir: BuildDir = Path("build"),
) -> None:
    """Tell how much of the captions the lexicon reads and how varied the questions are."""
    from mmskin_build.records import Qa
    from mmskin_build.tables import MergedTables
    from mmskin_build.vqa.coverage import coverage, variety
    from mmskin_build.vqa.generate import pictures

    tables = MergedTables(build_dir / "tables")
    read = coverage(pictures(tables))
    lines = [
        f"captions {read.captions}, with a fact {read.with_facts}; content words {read.words}, "
        f"in the lexicon {read.known} ({100 * read.known / max(1, read.words):.0f} %)",
        "captions with: " + ", ".join(f"{kind} {n}" for kind, n in read.by_kind.items()),
        "not in the lexicon: " + ", ".join(f"{word} {n}" for word, n in read.unknown),
    ]
    for line in lines:
        print(line)
    table = Table("family", "questions", "phrasings used", "phrasings on offer", box=None)
    for row in variety(tables.rows(Qa)):
        table.add_row(row.family, str(row.rows), str(row.used), str(row.offered))
    Console().print(table)
