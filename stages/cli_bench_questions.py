"""``bench-questions``: how long questions and splits take for so many pairs, by the real runner."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmskin_build.errors import ConfigError

if TYPE_CHECKING:
    from mmskin_build.runner.plan import Plan


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench-questions")(bench_questions)


def bench_questions(
    pairs: Annotated[int, typer.Option(help="Pairs to generate.")] = 10_000,
    books: Annotated[int, typer.Option(help="Books they are spread over.")] = 20,
    workers: Annotated[int, typer.Option(help="Worker processes.")] = 2,
) -> None:
    """Time the stages vqa and split on generated pairs (default settings, no pictures)."""
    import tempfile

    from rich.console import Console
    from rich.table import Table

    if not 1 <= books <= pairs:
        raise ConfigError("--pairs and --books: give at least one book and a pair for each")
    console = Console()
    with tempfile.TemporaryDirectory(prefix="mmskin-questions-") as scratch:
        plan = questions_plan(Path(scratch), pairs // books, books, workers)
        _run(plan, 0)  # the pairs themselves are not measured
        wall = _run(plan, 1)
        table = Table("stage", "rows", "CPU s", "wall s", "peak MiB", box=None)
        for cells in _costs(plan):
            table.add_row(*cells)
    console.print(table)
    console.print(
        f"{books * (pairs // books):,} pairs: questions and splits in {wall:.1f} s wall, start "
        "of workers and merging of tables included",
        highlight=False,
        soft_wrap=True,
    )


def questions_plan(scratch: Path, pairs_per_book: int, books: int, workers: int) -> Plan:
    """Return a plan of three stages: generate pairs, ask, split."""
    from mmskin_build.bench.pairs import STAGE, PairsSettings, book
    from mmskin_build.config import RunnerSettings
    from mmskin_build.runner.layout import Layout
    from mmskin_build.runner.plan import Plan
    from mmskin_build.splits.settings import SplitSettings
    from mmskin_build.vqa.settings import VqaSettings
    from stages import split, vqa

    stand_in = scratch / "book.pdf"  # no stage of this plan opens a book
    stand_in.write_bytes(b"")
    return Plan(
        stages=(STAGE, vqa.STAGE, split.STAGE),
        settings={
            STAGE.section: PairsSettings(pairs_per_book),
            vqa.STAGE.section: VqaSettings(),
            split.STAGE.section: SplitSettings(),
        },
        sources=tuple(book(n, str(stand_in)) for n in range(books)),
        layout=Layout(scratch / "build"),
        manifests=scratch / "manifests",
        runner=RunnerSettings(),
        workers=workers,
        first=0,
        last=2,
    )


def _run(plan: Plan, first: int) -> float:
    import dataclasses

    from rich.console import Console

    from mmskin_build.runner.build import Build
    from mmskin_build.runner.progress import progress_for

    part = dataclasses.replace(plan, first=first, last=2 if first else 0)
    started = time.monotonic()
    Build(part, progress_for(Console(stderr=True))).run()
    return time.monotonic() - started


def _costs(plan: Plan) -> list[tuple[str, ...]]:
    from mmskin_build.runner.layout import LIBRARY
    from mmskin_build.runner.receipts import read_receipt

    found: list[tuple[str, ...]] = []
    for stage in plan.stages[1:]:
        receipt = read_receipt(plan.layout.part(stage.name, LIBRARY))
        assert receipt is not None  # the run ended without an error
        numbers = (f"{receipt.cpu_seconds:.1f}", f"{receipt.seconds:.1f}")
        rows = sum(n for table, n in receipt.rows.items() if table != "rejects")
        found.append((stage.name, f"{rows:,}", *numbers, f"{receipt.peak_rss_mb:.0f}"))
    return found
