"""``rebuild``: make the rows of a release again from one's own copies of its books."""

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
    from mmskin_build.rebuild.books import Found
    from mmskin_build.rebuild.outcome import Outcome
    from mmskin_build.rebuild.pointers import Pointers
    from mmskin_build.records import Source

ORDER = ("extract", "ocr", "align", "demographics", "recall", "vqa", "export")
SHOWN_REASONS = 12


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rebuild)


def rebuild(
    pointers: Annotated[Path, typer.Option(help="Folder of the release, as published.")],
    pdfs: Annotated[Path, typer.Option(help="Folder with your own copies of its books.")],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="Build folder of the rebuild; the release is in it."),
    ] = Path("build/rebuilt"),
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Your settings; only passwords and section runner count."),
    ] = None,
    workers: Annotated[int, typer.Option(help="Worker processes. [one per core]")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Make the rows of a release again from your own copies of its books, and prove them equal.

    Books are known by the SHA-256 of their bytes, whatever they are called. Settings, modality,
    splits and exclusions come from the release. Exit codes: 0 every row was reproduced, 3 a book
    is missing or changed, 9 all books are here but rows differ.
    """
    from mmskin_build.rebuild.outcome import compare_releases, write_outcome
    from mmskin_build.rebuild.pointers import open_pointers
    from mmskin_build.rebuild.reasons import look
    from mmskin_build.runner.lock import build_lock

    console = Console(stderr=True)
    release = open_pointers(pointers)
    settings = _settings(release, config)
    with build_lock(output):
        found = _find_books(release, pdfs, output, console)
        versions = _version_notes(release, console)
        failed = _build(release, found, settings, (output, workers, console))
        here = look(output, frozenset(b.source.source_id for b in found.missing), failed, versions)
        rebuilt = output / "release" / settings["export"].name
        outcome = compare_releases(release, rebuilt, here, found.missing)
        write_outcome(outcome, output)
    _print_outcome(outcome, as_json)
    console.print(f"release: {rebuilt}", markup=False, highlight=False, soft_wrap=True)
    _judge(outcome, output)


def _settings(release: Pointers, config: Path | None) -> dict[str, Any]:
    """Return the release's settings with the user's own passwords and runner."""
    from mmskin_build.config import settings_of
    from mmskin_build.export.recipe import FILE_NAME
    from mmskin_build.export.settings import Audience
    from stages.sections import SECTIONS
    from stages.session import settings_of as own_settings_of
    from stages.session import share_passwords

    _check_profiles(release)
    settings = settings_of(release.recipe.settings, release.root / FILE_NAME, SECTIONS)
    own = own_settings_of(config)
    settings["runner"] = own["runner"]
    passwords = own["extract"].passwords
    settings["extract"] = dataclasses.replace(settings["extract"], passwords=passwords)
    settings["export"] = dataclasses.replace(settings["export"], release=Audience.PRIVATE)
    return share_passwords(settings)


def _check_profiles(release: Pointers) -> None:
    """Refuse to go on with another book profile than the release was made with."""
    from mmskin_build.errors import ConfigError
    from mmskin_build.sources import PROFILE_FOLDER

    for name, text in release.recipe.profiles.items():
        path = PROFILE_FOLDER / f"{name}.yaml"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            raise ConfigError(
                f"{path}: the release was made with another text of this book profile; copy it "
                f"from 'profiles' in {release.root / 'recipe.yaml'}"
            )


def _find_books(release: Pointers, pdfs: Path, output: Path, console: Console) -> Found:
    from rich.progress import Progress

    from mmskin_build.errors import SourceError
    from mmskin_build.rebuild.books import find_books
    from mmskin_build.sources import ChecksumCache, pdf_files
    from stages.session import CHECKSUMS

    files = pdf_files(pdfs)
    checksums = ChecksumCache(output / CHECKSUMS)
    with Progress(console=console, transient=True) as bars:
        task = bars.add_task("looking for the books", total=len(files))
        found = find_books(release.sources, files, checksums, lambda _: bars.advance(task))
    checksums.save()
    for book in found.missing:
        console.print(f"missing: {book}", markup=False, highlight=False, soft_wrap=True)
    if not found.sources:
        raise SourceError(f"{pdfs}: none of the {len(release.sources)} books of the release")
    return found


def _version_notes(release: Pointers, console: Console) -> dict[str, str]:
    """Return the programs whose version differs, and warn when it is this one."""
    from mmskin_build.export.recipe import software

    there, here = release.recipe.software, software()
    differing = {
        name: f"{there[name]} there, {here.get(name, 'not installed')} here"
        for name in there
        if there[name] != here.get(name)
    }
    for name in ("mmskin-build", "code"):
        if name in differing:
            note = f"note: {name} {differing[name]}; rows may differ"
            console.print(note, markup=False, highlight=False, soft_wrap=True)
    return differing


def _build(
    release: Pointers, found: Found, settings: dict[str, Any], how: tuple[Path, int, Console]
) -> dict[str, str]:
    """Run the stages of a rebuild; return why, by id of each book that failed."""
    import importlib

    from mmskin_build.runner.build import Build
    from mmskin_build.runner.layout import Layout
    from mmskin_build.runner.plan import Plan
    from mmskin_build.runner.progress import progress_for
    from stages.session import worker_count

    output, workers, console = how
    plan = Plan(
        stages=tuple(importlib.import_module(f"stages.{name}").STAGE for name in ORDER),
        settings=settings,
        sources=_in_order(found.sources),
        layout=Layout(output),
        manifests=release.root,
        runner=settings["runner"],
        workers=worker_count(workers, settings["runner"]),
        first=0,
        last=len(ORDER) - 1,
    )
    return Build(plan, progress_for(console)).run().failed


def _in_order(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    return tuple(sorted(sources, key=lambda s: s.source_id))


def _print_outcome(outcome: Outcome, as_json: bool) -> None:
    from mmskin_build.rebuild.compare import What
    from mmskin_build.rebuild.outcome import summary

    if as_json:
        sys.stdout.write(json.dumps(summary(outcome), indent=1, ensure_ascii=False) + "\n")
        return
    table = Table(box=None)
    table.add_column("book", overflow="fold")
    for name in ("rows", "equal", *(w.value for w in What)):
        table.add_column(name, justify="right", no_wrap=True)
    for source_id, tally in outcome.comparison.by_book().items():
        differing = (str(tally.by_what[w]) if tally.by_what[w] else "–" for w in What)
        table.add_row(source_id, str(tally.rows), str(tally.equal), *differing)
    out = Console()
    out.print(table)
    for reason, count in outcome.counted_reasons[:SHOWN_REASONS]:
        text = f"{count} rows: {reason or 'cause unknown'}"
        out.print(text, markup=False, highlight=False, soft_wrap=True)


def _judge(outcome: Outcome, output: Path) -> None:
    """End with the exit code that the outcome asks for."""
    from mmskin_build.errors import MismatchError, SourceError

    comparison = outcome.comparison
    share = f"{comparison.equal} of {comparison.rows} rows are reproduced"
    listed = f"differences are listed in {output / 'differences.csv'}"
    if outcome.missing:
        books = "\n".join(str(book) for book in outcome.missing)
        raise SourceError(f"{share}; {len(outcome.missing)} book(s) are not here:\n{books}")
    if comparison.differences:
        raise MismatchError(f"{share}; {listed}")
    Console().print(f"all {comparison.rows} rows are reproduced", highlight=False)
