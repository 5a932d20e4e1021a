"""``bench``: pages per second and peak memory per stage, beside the libraries' bare calls."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

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
) -> None:
    """Build a folder from scratch in a temporary place and print what each stage costs."""
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
        bare = bare_loop([Path(s.path) for s in plan.sources])
        started = time.monotonic()
        Build(plan, progress_for(Console(stderr=True))).run()
        wall = time.monotonic() - started
        costs = stage_costs(plan.layout, [s.name for s in plan.stages[: plan.last + 1]])
    table = Table("stage", "pages/CPU-s", "CPU s", "peak MiB", "× bare PyMuPDF", box=None)
    table.add_row("bare PyMuPDF", f"{bare.pages / bare.cpu_seconds:.1f}", f"{bare.cpu_seconds:.1f}")
    for cost in costs:
        rate = f"{bare.pages / cost.cpu_seconds:.1f}" if cost.cpu_seconds else "–"
        ratio = f"{cost.cpu_seconds / bare.cpu_seconds:.2f}"
        peak = f"{cost.peak_rss_mb:.0f}"
        table.add_row(cost.name, rate, f"{cost.cpu_seconds:.1f}", peak, ratio)
    console = Console()
    console.print(table)
    console.print(
        f"{bare.pages} pages of {len(plan.sources)} documents in {wall:.1f} s wall with "
        f"{workers} worker(s): {bare.pages / wall:.1f} pages/s",
        highlight=False,
    )
