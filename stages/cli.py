"""The command line: build, list, explain, inspect-page, report, and the commands of each room."""

from __future__ import annotations

import importlib
import signal
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from mmskin_build import __version__
from mmskin_build.errors import ConfigError, ExitCode, MmskinError, disk_trouble
from stages.command_groups import GroupedCommands
from stages.options import BuildDir, Config, Manifests
from stages.session import CHECKSUMS, MANIFESTS, Request, build_sources, make_plan, settings_of

if TYPE_CHECKING:
    from mmskin_build.runner.build import StageSummary

STOPPED = 130
CODE_SHOWN = 120  # characters of a sketch or fingerprint that explain prints
app = typer.Typer(
    name="python -m stages",
    cls=GroupedCommands,
    help="Turn dermatology textbooks you own into a vision-language dataset, then train on it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out = Console()
err = Console(stderr=True)

Sources = Annotated[
    Path | None, typer.Option("--sources", help="Manifest of books. [manifests/sources.csv]")
]
Pdfs = Annotated[
    Path | None, typer.Option("--pdfs", help="Instead of a manifest: every PDF below DIR.")
]


@app.callback()
def _options() -> None:
    """Group the commands."""


@app.command()
def build(
    config: Config = None,
    sources: Sources = None,
    pdfs: Pdfs = None,
    build_dir: BuildDir = Path("build"),
    manifests: Manifests = MANIFESTS,
    first: Annotated[
        str, typer.Option("--from", help="Leave the stages before this one alone.")
    ] = "",
    last: Annotated[str, typer.Option("--until", help="Stop after this stage.")] = "",
    workers: Annotated[int, typer.Option(help="Worker processes. [one per core]")] = 0,
    engine: Annotated[
        str, typer.Option(help="Where stages run: 'local', or 'dask' for many machines.")
    ] = "local",
    scheduler: Annotated[
        str, typer.Option(help="Address of a dask scheduler. [a cluster on this machine]")
    ] = "",
    store: Annotated[
        str, typer.Option(help="Exchange with dask workers through this URL. [a shared folder]")
    ] = "",
    with_report: Annotated[
        bool, typer.Option("--report", help="Write the report page afterwards.")
    ] = False,
) -> None:
    """Run the stages over all books; what is up to date is skipped."""
    from mmskin_build.runner.build import Build
    from mmskin_build.runner.engine import Engine, engine_pool
    from mmskin_build.runner.lock import build_lock
    from mmskin_build.runner.progress import progress_for
    from stages.session import finish

    where = Engine(engine, scheduler, store)
    request = Request(config, sources, pdfs, build_dir, first, last, workers, manifests)
    with build_lock(build_dir):
        plan = make_plan(request)
        with engine_pool(where, plan) as pool:
            result = Build(plan, progress_for(err), pool).run()
        notes = finish(plan)
    _print_summary(result.stages.values())
    for note in notes:
        out.print(note, markup=False, highlight=False, soft_wrap=True)
    for name, why in sorted(result.failed.items()):
        err.print(f"source {name} failed: {why}", markup=False, highlight=False, soft_wrap=True)
    if with_report:
        report(build_dir, manifests)


@app.command("list")
def list_stages() -> None:
    """List the stages in order, with the tables each needs and makes."""
    from stages import PIPELINE

    for stage in PIPELINE:
        made = ", ".join(r.table for r in stage.makes) or f"{stage.makes_folder}/"
        needed = ", ".join(r.table for r in stage.needs) or "the PDF files"
        out.print(f"{stage.name:<13} {stage.help}", highlight=False, soft_wrap=True)
        out.print(f"              [dim]{needed} → {made}[/dim]", highlight=False, soft_wrap=True)


@app.command()
def explain(
    row_id: Annotated[str, typer.Argument(help="Id of a pair, figure, question, group or reject.")],
    build_dir: BuildDir = Path("build"),
) -> None:
    """Tell the whole life of a row: ROW_ID is a pair, figure, question, group or reject id."""
    from mmskin_build.inspect.explain import explain as life_of
    from stages import PIPELINE

    for chapter in life_of(build_dir, PIPELINE, row_id):
        out.print(f"[bold]{chapter.stage}[/bold] → {chapter.table}", highlight=False)
        for row in chapter.rows:
            for key, value in row.items():
                if value not in ("", None, []):
                    told = _shortened(value)
                    out.print(f"  {key}: {told}", markup=False, highlight=False, soft_wrap=True)
            out.print()


def _shortened(value: object) -> object:
    """Cut what is for programs only: packed bytes without a blank between them."""
    if isinstance(value, str) and len(value) > CODE_SHOWN and " " not in value:
        return f"{value[:CODE_SHOWN]}… ({len(value)} characters)"
    return value


@app.command("inspect-page")
def inspect_page(
    source: Annotated[str, typer.Argument(help="The book's source_id: by --pdfs its file's stem.")],
    page: Annotated[int, typer.Argument(help="Page number in the PDF, from 1.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="PNG to write.")],
    config: Config = None,
    sources: Sources = None,
    pdfs: Pdfs = None,
    build_dir: BuildDir = Path("build"),
    dpi: Annotated[int, typer.Option(help="Resolution of the picture.")] = 110,
) -> None:
    """Draw what was seen on a page: lines, figures, captions, how they were paired and why."""
    from mmskin_build.inspect.page import page_overlay

    books = build_sources(Request(config, sources, pdfs, build_dir))
    passwords = settings_of(config)["align"].passwords
    known = {s.source_id: s for s in books}
    if source not in known:
        raise ConfigError(f"no source {source!r}; known: {', '.join(sorted(known)[:20])}")
    output.write_bytes(page_overlay(build_dir, known[source], page, passwords, dpi=dpi))
    out.print(f"wrote {output}", highlight=False)


@app.command()
def report(build_dir: BuildDir = Path("build"), manifests: Manifests = MANIFESTS) -> None:
    """Write one self-contained page about the build: build/report/index.html."""
    from mmskin_build.report import write_report

    out.print(f"report: {write_report(build_dir, manifests)}", highlight=False, soft_wrap=True)


@app.command("sources")
def list_sources(
    folder: Annotated[Path, typer.Argument(help="Folder of PDF files.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Manifest to write. [print]")
    ] = None,
) -> None:
    """List every PDF below FOLDER as manifest rows with checksums, to fill in by hand."""
    import csv

    from mmskin_build.sources import (
        COLUMNS,
        ChecksumCache,
        discover,
        manifest_row,
        write_manifest,
    )

    found = discover(folder, ChecksumCache(Path("build") / CHECKSUMS))
    if output is None:
        writer = csv.DictWriter(sys.stdout, COLUMNS)
        writer.writeheader()
        writer.writerows(manifest_row(s) for s in found)
        return
    if output.exists():
        raise ConfigError(f"{output}: exists already; give another -o, then merge the rows")
    write_manifest(output, found)
    out.print(f"wrote {len(found)} sources to {output}; now fill in title and licence")


@app.command("config")
def show_config() -> None:
    """Print every setting with its default and meaning (the content of configs/default.yaml)."""
    from mmskin_build.config import render_defaults
    from stages.sections import SECTIONS

    sys.stdout.write(render_defaults(SECTIONS))


@app.command()
def version() -> None:
    """Print the version."""
    out.print(__version__, highlight=False)


def _print_summary(stages: Iterable[StageSummary]) -> None:
    from stages import PIPELINE

    without_rows = {stage.name for stage in PIPELINE if not stage.makes}
    table = Table("stage", "made", "fresh", "rows", "rejects", "seconds", box=None)
    for s in stages:
        seconds = f"{s.seconds:.1f}" if s.made else "–"
        rows = "–" if s.name in without_rows else str(s.rows)  # it writes files
        table.add_row(s.name, str(s.made), str(s.fresh), rows, str(s.rejects), seconds)
    out.print(table)


def _register_rooms() -> None:
    for module in sorted(Path(__file__).parent.glob("cli_*.py")):
        importlib.import_module(f"stages.{module.stem}").register(app)


def _on_terminate(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line; every expected trouble ends in one message and its exit code."""
    signal.signal(signal.SIGTERM, _on_terminate)
    _register_rooms()
    try:
        app()
    except MmskinError as error:
        err.print(f"error: {error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == STOPPED:  # typer makes a Ctrl-C into this code without a word
            err.print("stopped; finished parts are kept, run the same command again to go on")
        raise
    except OSError as error:
        trouble = disk_trouble(error)
        err.print(
            f"error: {error}{trouble and ': '}{trouble}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        sys.exit(ExitCode.INTERNAL)
    except Exception:  # nobody foresaw it: keep the traceback, end in the documented code
        traceback.print_exc()
        sys.exit(ExitCode.INTERNAL)
