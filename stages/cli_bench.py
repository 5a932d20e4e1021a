"""What stages cost beside the bare libraries, what a picture costs, and costs as books grow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from mmskin_build.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from mmskin_build.bench.bare import BareCalls
    from mmskin_build.bench.costs import Cost
    from mmskin_build.bench.growth_runs import Series

PAPERS = Path("../shared/corpus/papers/pdfs")
SAMPLE = Path("build/sample")
PICTURES = Path("../shared/corpus/images")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(bench)
    app.command("bench-pictures")(bench_pictures)
    app.command("bench-growth")(bench_growth)
    app.command("bench-model")(bench_model)


def bench(
    pdfs: Annotated[
        Path | None, typer.Option(help="Folder of PDFs. [the corpus papers, else the sample]")
    ] = None,
    until: Annotated[str, typer.Option(help="Last stage to measure.")] = "filter",
    workers: Annotated[int, typer.Option(help="Worker processes.")] = 1,
    boxes_only: Annotated[
        bool, typer.Option("--boxes-only", help="Boxes and captions, no pictures written.")
    ] = False,
) -> None:
    """Build a folder from scratch in a temporary place and print what each stage costs."""
    import dataclasses
    import tempfile
    import time

    from mmskin_build.bench.bare import bare_calls
    from mmskin_build.bench.costs import stage_costs
    from mmskin_build.runner.build import Build
    from mmskin_build.runner.progress import progress_for
    from stages.session import Request, make_plan

    folder = _folder_to_measure(pdfs)
    with tempfile.TemporaryDirectory(prefix="mmskin-bench-") as scratch:
        request = Request(None, None, folder, Path(scratch) / "build", "", until, workers)
        plan = make_plan(request)
        names = [s.name for s in plan.stages[: plan.last + 1]]
        if "align" not in names:
            raise ConfigError(f"--until {until}: the bare calls are known from align on")
        if boxes_only:
            align = dataclasses.replace(plan.settings["align"], write_images=False)
            plan = dataclasses.replace(plan, settings={**plan.settings, "align": align})
        started = time.monotonic()
        Build(plan, progress_for(Console(stderr=True))).run()
        wall = time.monotonic() - started
        bare = bare_calls(plan.sources, plan.layout.tables)
        costs = stage_costs(plan.layout, names)
    console = Console()
    console.print(_cost_table(bare, costs))
    calls = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in bare.seconds.items())
    console.print(f"library calls alone: {calls}", highlight=False, soft_wrap=True)
    console.print(
        f"{bare.pages} pages of {len(plan.sources)} documents in {wall:.1f} s wall with "
        f"{workers} worker(s): {bare.pages / wall:.1f} pages/s",
        highlight=False,
        soft_wrap=True,
    )


def bench_pictures(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of pictures. [the corpus images, else generated]")
    ] = None,
    most: Annotated[int, typer.Option(help="Pictures to look at.", min=1)] = 250,
) -> None:
    """Print what each look at a picture costs, in CPU milliseconds on one core."""
    import os

    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when numpy is imported, just below
    from mmskin_build.bench.pictures import (
        JUDGED,
        generated_pictures,
        picture_costs,
        pictures_below,
    )

    folder = folder or (PICTURES if PICTURES.is_dir() else None)
    data = pictures_below(folder, most) if folder else generated_pictures(most)
    costs = picture_costs(data)
    if not costs.pictures:
        raise SourceError(f"{folder}: no picture in it can be read")
    table = Table("step", "CPU ms", "one in twenty takes more than", box=None)
    for name in costs.steps:
        table.add_row(name, f"{costs.mean(name):.1f}", f"{costs.slowest(name):.1f}")
    console = Console()
    console.print(table)
    console.print(
        f"{costs.pictures} pictures: {', '.join(JUDGED)} together {costs.mean(*JUDGED):.1f} CPU ms "
        "per picture",
        highlight=False,
        soft_wrap=True,
    )


def _folder_to_measure(pdfs: Path | None) -> Path:
    folder = pdfs or (PAPERS if PAPERS.is_dir() else SAMPLE)
    if not folder.is_dir():
        raise SourceError(f"{folder}: nothing to measure; run `make sample` or give --pdfs DIR")
    return folder


def _cost_table(bare: BareCalls, costs: list[Cost]) -> Table:
    """Own code is what is left of a stage when its bare library calls are taken out."""
    from mmskin_build.bench.costs import Cost

    table = Table("stage", "pages/s per core", "CPU s", "peak MiB", "library s", "own", box=None)
    total = Cost("all", sum(c.cpu_seconds for c in costs), max(c.peak_rss_mb for c in costs))
    for cost in (*costs, total):
        alone = bare.of_stage(cost.name) if cost is not total else sum(bare.seconds.values())
        rate = f"{bare.pages / cost.cpu_seconds:.1f}" if cost.cpu_seconds else "–"
        own = f"{100 * max(0.0, 1 - alone / cost.cpu_seconds):.0f} %" if cost.cpu_seconds else "–"
        cells = (f"{cost.cpu_seconds:.1f}", f"{cost.peak_rss_mb:.0f}", f"{alone:.1f}", own)
        table.add_row(cost.name, rate, *cells)
    return table


def bench_growth(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder for growth.json and the curves.")
    ] = Path("build/bench"),
    pages: Annotated[
        str, typer.Option(help="Lengths of generated books to build, one at a time.")
    ] = "100,500,1000,2000,5000",
    books: Annotated[
        str, typer.Option(help="Numbers of generated books to build together.")
    ] = "100,500,2000",
    book_pages: Annotated[int, typer.Option(help="Pages of each of many books.")] = 2,
    until: Annotated[str, typer.Option(help="Last stage to measure.")] = "align",
    workers: Annotated[int, typer.Option(help="Worker processes.")] = 2,
) -> None:
    """Build generated books, longer and longer and more and more, and draw what they cost."""
    from mmskin_build.bench.growth_runs import Series, measure, write_curves

    console = Console()
    wanted = [Series(n, 1, until, workers) for n in _numbers(pages, "--pages")]
    wanted += [Series(book_pages, n, until, workers) for n in _numbers(books, "--books")]
    for file in write_curves(output, [measure(series, grown_build, console) for series in wanted]):
        console.print(f"wrote {file}", highlight=False, soft_wrap=True)


def grown_build(series: Series, folder: Path) -> tuple[str, ...]:
    """Build the books that were generated in a folder; return the names of the stages."""
    from mmskin_build.runner.build import Build
    from mmskin_build.runner.progress import progress_for
    from stages.session import Request, make_plan

    request = Request(
        None, None, folder / "books", folder / "build", "", series.until, series.workers
    )
    plan = make_plan(request)
    Build(plan, progress_for(Console(stderr=True))).run()
    return tuple(stage.name for stage in plan.stages[: plan.last + 1])


def _numbers(text: str, option: str) -> list[int]:
    try:
        found = sorted({int(word) for word in text.split(",") if word.strip()})
    except ValueError:
        found = []
    if text.strip() and (not found or found[0] < 1):
        raise ConfigError(f"{option} {text!r}: give numbers above 0, such as 100,500,1000")
    return found


def bench_model(
    builds: Annotated[
        list[Path] | None, typer.Argument(help="Finished build folders to check it against.")
    ] = None,
) -> None:
    """Print what libraries of some sizes cost by the model, and how finished builds compare."""
    from mmskin_build.bench.model import EXAMPLES, check

    table = Table("library", "pages", "pictures", "core-hours", "GiB", box=None)
    for found in map(check, builds or []):
        own = found.holdings
        counts = (f"{own.pages:,}", f"{own.pictures:,}")
        hours = f"{own.core_hours:.4f} (was {found.core_hours:.4f})"
        table.add_row(own.name, *counts, hours, f"{own.gib:.3f} (was {found.gib:.3f})")
    for own in EXAMPLES:
        counts = (f"{own.pages:,}", f"{own.pictures:,}")
        table.add_row(own.name, *counts, f"{own.core_hours:,.1f}", f"{own.gib:,.1f}")
    Console().print(table)
