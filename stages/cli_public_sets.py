"""``public-sets``: public dermatology sets as downloaded, in MM-Skin's tables and LLaVA JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mmskin_build.errors import ConfigError
from mmskin_build.train.console import Bar, out


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("public-sets")(public_sets)


def public_sets(
    name: Annotated[str, typer.Argument(help="Name of the set, 'combine' or 'list'.")],
    root: Annotated[
        Path | None,
        typer.Option("--root", help="Folder of the download; for combine: of a folder per set."),
    ] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for tables and conversations.")
    ] = Path("build/public"),
    release: Annotated[
        Path | None, typer.Option("--release", help="With combine: also a release, for PubMM.")
    ] = None,
    compare: Annotated[
        list[str] | None,
        typer.Option("--compare", help="NAME=DIR of another set, to find shared pictures."),
    ] = None,
) -> None:
    """Write train, val and test tables, grouped by patient or lesion, and LLaVA conversations.

    'list' names the sets and the files they read; 'combine' splits all sets below ROOT together.
    """
    from mmskin_build.public_sets.prepare import PUBLIC_SETS, find_set, prepare_set

    if name == "list":
        for public in PUBLIC_SETS.values():
            out.print(f"{public.name}: {public.reads}", markup=False, highlight=False)
        return
    if name != "combine":
        find_set(name)  # says which names there are
    if root is None:
        raise ConfigError("--root is needed: the folder of the official download")
    if name == "combine":
        _combine(root, output, release)
        return
    public = find_set(name)
    found = prepare_set(public, root, output)
    sizes = ", ".join(f"{split} {count}" for split, count in found.counts.items())
    out.print(f"{found.name}: {sizes}; without a class {found.unlabelled}", highlight=False)
    if found.moved:
        out.print(
            f"{found.moved} pictures left the official training part: their patient or lesion "
            "is in its test part",
            highlight=False,
        )
    if compare:
        _compare(name, root, compare, output)
    out.print(f"tables and conversations: {output}", highlight=False, soft_wrap=True)


def _compare(name: str, root: Path, others: list[str], output: Path) -> None:
    import csv

    from mmskin_build.public_sets.prepare import find_set, overlaps, read_set

    folders = {find_set(name).name: root}
    for other in others:
        label, sign, folder = other.partition("=")
        if not sign:
            raise ConfigError(f"--compare {other!r}: write NAME=DIR")
        folders[find_set(label).name] = Path(folder)
    shared = overlaps({n: (f, read_set(find_set(n), f)) for n, f in folders.items()})
    path = output / "overlaps.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["picture", "also"])
        writer.writerows([row[0], "; ".join(row[1:])] for row in shared)
    out.print(f"{len(shared)} pictures are in several sets: {path}", highlight=False)


def _combine(root: Path, output: Path, release: Path | None) -> None:
    from mmskin_build.public_sets.combine import combine_sets

    with Bar("reading pictures") as bar:
        found = combine_sets(root, output, release, bar.count)
    for name, counts in found.counts.items():
        sizes = ", ".join(f"{split} {count}" for split, count in counts.items())
        out.print(f"{name}: {sizes} conversations", highlight=False)
    if found.missing:
        out.print(f"not below {root}: {', '.join(found.missing)}", highlight=False)
    out.print(f"{found.shared} pictures are in several sets: each is in one split", highlight=False)
    if found.left_out:
        out.print(
            f"{found.left_out} conversations of the release left out: their picture is in another "
            f"split of a public set ({output / 'left_out.csv'})",
            highlight=False,
        )
    out.print(f"train with --llava-json {output}/... --image-root {root}", soft_wrap=True)
