"""``audit``: the defect table and leak check on anybody's file of visual questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from mmskin_build.vqa.audit import Audit

SHOWN_LEAKS = 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(audit)


def audit(
    file: Annotated[
        Path, typer.Argument(help="CSV, parquet or LLaVA JSON file, or a folder of splits.")
    ],
    against: Annotated[
        Path | None, typer.Option(help="Another split, to look for shared pictures.")
    ] = None,
) -> None:
    """Count hedges, text leaks, general knowledge, repeats, yes-bias and leaks between splits."""
    from dataclasses import replace

    from mmskin_build.errors import LeakageError
    from mmskin_build.vqa.audit import audit as run_audit
    from mmskin_build.vqa.audit import read_rows

    rows = read_rows(file)
    if against is not None:
        rows = [replace(row, split=row.split or file.stem) for row in rows]
        rows += [replace(row, split=row.split or against.stem) for row in read_rows(against)]
    found = run_audit(rows)
    console = Console()
    console.print(_defect_table(found))
    _print_counts(console, found)
    if found.leaks:
        raise LeakageError(
            f"{file}: {len(found.leaks)} pictures or figures stand in more than one split; "
            "split by figure and near-duplicate group instead of by row"
        )


def _defect_table(found: Audit) -> Table:
    table = Table("rule", "rows", "share", box=None)
    for count in (*found.rules, *found.families):
        table.add_row(count.name, str(count.rows), f"{100 * count.share:.1f} %")
    return table


def _print_counts(console: Console, found: Audit) -> None:
    per_image = ", ".join(f"{images} with {rows}" for rows, images in found.per_image.items())
    lines = [
        f"rows {found.rows}, pictures {found.images} (by their number of rows: {per_image})",
        f"distinct questions {found.distinct_questions}",
        f"repeated question+answer rows {found.repeated}",
        f"yes {found.yes}, no {found.no} ({100 * found.yes_share:.0f} % yes)",
    ]
    if len(found.splits) > 1:
        lines.append("splits: " + ", ".join(f"{k} {v}" for k, v in found.splits.items()))
        lines.append(f"pictures in more than one split: {len(found.leaks)}")
    else:
        lines.append(
            "fewer than two splits: leaks were not looked for (give the other split with --against)"
        )
    lines += [
        f"  {leak.kind} {leak.name}: {', '.join(leak.splits)}" for leak in found.leaks[:SHOWN_LEAKS]
    ]
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)
