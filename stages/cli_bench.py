"""``bench``: pages per second and peak memory per stage, beside the libraries' bare calls."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mmskin_build.bench import BareLoop, Cost
from mmskin_build.errors import SourceError

PAPERS = Path("../shared/corpus/papers/pdfs")
SAMPLE = Path("build/sample")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bench)


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

    from mmskin_build.bench import bare_loop, stage_costs
    from mmskin_build.runner.build import Build
    from mmskin_build.runner.progress import progress_for
    from stages.session import Request, make_plan

    folder = pdfs or (PAPERS if PAPERS.is_dir() else SAMPLE)
    if not folder.is_dir():
        raise SourceError(f"{folder}: nothing to measure; run `make sample` or give --pdfs DIR")
    with tempfile.TemporaryDirectory(prefix="mmskin-bench-") as scratch:
        request = Request(None, None, folder, Path(scratch) / "build", "", until, workers)
        plan = make_plan(request)
        if boxes_only:
            align = dataclasses.replace(plan.settings["align"], write_images=False)
            plan = dataclasses.replace(plan, settings={**plan.settings, "align": align})
        bare = bare_loop([Path(s.path) for s in plan.sources])
        started = time.monotonic()
        Build(plan, progress_for(Console(stderr=True))).run()
        wall = time.monotonic() - started
        costs = stage_costs(plan.layout, [s.name for s in plan.stages[: plan.last + 1]])
    console = Console()
    console.print(_table(bare, costs))
    console.print(
        f"{bare.pages} pages of {len(plan.sources)} documents in {wall:.1f} s wall with "
        f"{workers} worker(s): {bare.pages / wall:.1f} pages/s",
        highlight=False,
    )


def _table(bare: BareLoop, costs: list[Cost]) -> Table:
    table = Table("stage", "pages/CPU-s", "CPU s", "peak MiB", "× bare PyMuPDF", box=None)
    total = Cost("all", sum(c.cpu_seconds for c in costs), max(c.peak_rss_mb for c in costs))
    for cost in (Cost("bare PyMuPDF", bare.cpu_seconds, 0.0), *costs, total):
        rate = f"{bare.pages / cost.cpu_seconds:.1f}" if cost.cpu_seconds else "–"
        peak = f"{cost.peak_rss_mb:.0f}" if cost.peak_rss_mb else ""
        ratio = f"{cost.cpu_seconds / bare.cpu_seconds:.2f}"
        table.add_row(cost.name, rate, f"{cost.cpu_seconds:.1f}", peak, ratio)
    return table
