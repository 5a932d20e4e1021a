"""``audit``: the defect table and leak check on anybody's file of visual questions."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from mmskin_build.vqa.audit import Audit
    from mmskin_build.vqa.audit_pictures import PictureShelf

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
    images: Annotated[
        Path | None, typer.Option(help="Folder of the pictures the file names.")
    ] = None,
    near: Annotated[
        bool, typer.Option("--near", help="Also look for crops, rescans and reprints.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Count hedges, text leaks, general knowledge, repeats, yes-bias and leaks between splits.

    Exit codes: 0 done, 3 the file cannot be read, 5 a picture stands in two splits.
    """
    from mmskin_build.errors import LeakageError
    from mmskin_build.vqa.audit import audit as run_audit

    rows, shelf = _read(file, against, images, near)
    found = run_audit(rows, shelf.copy_groups() if near else {})
    if as_json:
        sys.stdout.write(json.dumps(_plain(found, shelf), indent=1, ensure_ascii=False) + "\n")
    else:
        console = Console()
        console.print(_defect_table(found))
        _print_counts(console, found, shelf)
    if found.leaks:
        raise LeakageError(
            f"{file}: {len(found.leaks)} pictures or figures stand in more than one split; "
            "split by figure and near-duplicate group instead of by row"
        )


def _read(
    file: Path, against: Path | None, images: Path | None, near: bool
) -> tuple[list[Any], PictureShelf]:
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from mmskin_build.errors import ConfigError
    from mmskin_build.vqa.audit import read_rows
    from mmskin_build.vqa.audit_pictures import PictureShelf

    if images is not None and not images.is_dir():
        raise ConfigError(f"{images}: no such folder; --images wants the folder of the pictures")
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("pictures looked at", total=None, visible=near)
        shelf = PictureShelf(images, near, lambda: bars.advance(task))
        rows = read_rows(file, shelf)
        if against is not None:
            others = read_rows(against, shelf)
            rows = [dataclasses.replace(r, split=r.split or file.stem) for r in rows]
            rows += [dataclasses.replace(r, split=r.split or against.stem) for r in others]
    return rows, shelf


def _plain(found: Audit, shelf: PictureShelf) -> dict[str, Any]:
    return {
        **dataclasses.asdict(found),
        "yes_share": found.yes_share,
        "pictures_missing": len(shelf.missing),
        "pictures_unreadable": len(shelf.unreadable),
        "pictures_without_rows": shelf.without_rows(),
    }


def _defect_table(found: Audit) -> Table:
    """Return each family with its rules below it, and the union of all."""
    from mmskin_build.vqa.audit import ABOUT
    from mmskin_build.vqa.defects import FAMILY_NAMES, RULES, family_of

    letters = {rule.name: family_of(rule) or rule.name[0] for rule in RULES}
    letters["M2"] = "C"  # shown with chit-chat, though not counted
    families = {count.name: count for count in found.families}
    table = Table("", "finds", box=None)
    table.add_column("rows", justify="right")
    table.add_column("share", justify="right")
    for letter, name in FAMILY_NAMES.items():
        _add(table, ("", name, families[name].rows, families[name].share), "bold")
        for count in found.rules:
            if letters[count.name] == letter:
                _add(table, (count.name, ABOUT[count.name], count.rows, count.share), "")
    union = families["any"]
    _add(table, ("", "any of these", union.rows, union.share), "bold")
    return table


def _add(table: Table, cells: tuple[str, str, int, float], style: str) -> None:
    name, finds, rows, share = cells
    table.add_row(name, finds, str(rows), f"{100 * share:.1f} %", style=style)


def _print_counts(console: Console, found: Audit, shelf: PictureShelf) -> None:
    per_image = ", ".join(f"{images} with {rows}" for rows, images in found.per_image.items())
    lines = [
        f"rows {found.rows}, pictures {found.images} (by their number of rows: {per_image})",
        f"distinct questions {found.distinct_questions}",
        f"repeated question+answer rows {found.repeated}",
        f"yes {found.yes}, no {found.no} ({100 * found.yes_share:.0f} % yes)",
        *_picture_lines(found, shelf),
        *_leak_lines(found),
    ]
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _picture_lines(found: Audit, shelf: PictureShelf) -> list[str]:
    lines = []
    if shelf.folder is not None:
        named = f"pictures named but not there: {len(shelf.missing)}"
        lines.append(f"{named}; pictures no row names: {shelf.without_rows()}")
    if shelf.unreadable:
        lines.append(f"files that are no picture: {len(shelf.unreadable)}")
    if found.copies:
        lines.append(f"photographs that several different files show: {found.copies}")
    return lines


def _leak_lines(found: Audit) -> list[str]:
    if len(found.splits) < 2:
        return [
            "fewer than two splits: leaks were not looked for (give the other split with --against)"
        ]
    listed = [f"  {k.kind} {k.name}: {', '.join(k.splits)}" for k in found.leaks[:SHOWN_LEAKS]]
    return [
        "splits: " + ", ".join(f"{k} {v}" for k, v in found.splits.items()),
        f"pictures in more than one split: {len(found.leaks)}",
        *listed,
    ]
