"""Builds of generated books for ``bench-growth``: each in a process of its own, then the curves."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mmskin_build.bench.growth import Growth, exponent

if TYPE_CHECKING:
    from rich.console import Console


MOST_STAGES = 5  # drawn: those whose workers are largest


@dataclass(frozen=True, slots=True)
class Series:
    """What to build: so many books of so many pages."""

    pages: int
    books: int
    until: str
    workers: int


Build = Callable[[Series, Path], tuple[str, ...]]  # of PDFs in books/; returns its stages' names


def measure(series: Series, build: Build, console: Console) -> Growth:
    """Build it in a process of its own and say what it cost; ``build`` is a module's function."""
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="mmskin-growth-") as scratch:
        with ProcessPoolExecutor(1, spawn) as writer:
            writer.submit(_write, series, Path(scratch)).result()
        with ProcessPoolExecutor(1, spawn) as builder:
            found = builder.submit(_measured, series, build, Path(scratch)).result()
        console.print(
            f"{found.books} x {found.pages} pages: {found.cpu_seconds:.1f} CPU s, "
            f"{found.wall_seconds:.0f} s wall, parent {found.parent_mb:.0f} MiB, "
            f"workers {max(found.worker_mb.values()):.0f} MiB, again {found.again_cpu_seconds:.1f} "
            f"CPU s, one more {found.one_more_cpu_seconds:.1f} CPU s",
            highlight=False,
            soft_wrap=True,
        )
    return found


def _write(series: Series, folder: Path) -> None:
    from mmskin_build.bench.library import write_book, write_library

    write_library(folder / "books", series.books, series.pages)
    if series.books > 1:
        write_book(folder / "one-more.pdf", series.pages, seed=series.books + 1)


def _measured(series: Series, build: Build, folder: Path) -> Growth:
    from mmskin_build.bench.costs import sizes_mb, stage_costs
    from mmskin_build.runner.layout import Layout
    from mmskin_build.runner.memory import peak_mb

    layout = Layout(folder / "build")
    started = time.monotonic()
    cpu, names = _timed(build, series, folder)
    wall, parent = time.monotonic() - started, peak_mb()
    again, one_more = _timed(build, series, folder)[0], 0.0
    costs = stage_costs(layout, names)
    sizes = sizes_mb(layout)
    if series.books > 1:
        (folder / "one-more.pdf").rename(folder / "books" / "one-more.pdf")
        one_more = _timed(build, series, folder)[0]
    return Growth(
        pages=series.pages,
        books=series.books,
        cpu_seconds=round(cpu, 2),
        wall_seconds=round(wall, 1),
        parent_mb=parent,
        worker_mb={c.name: c.peak_rss_mb for c in costs},
        sizes_mb={k: round(v, 3) for k, v in sizes.items()},
        again_cpu_seconds=round(again, 2),
        one_more_cpu_seconds=round(one_more, 2),
    )


def _timed(build: Build, series: Series, folder: Path) -> tuple[float, tuple[str, ...]]:
    """Return the CPU seconds of a build, those of its workers included, and its stages."""
    from mmskin_build.bench.bare import cpu_seconds

    before = cpu_seconds()
    names = build(series, folder)
    return cpu_seconds() - before, names


def write_curves(folder: Path, found: Sequence[Growth]) -> list[Path]:
    """Add what was measured to growth.json, and draw memory and time of all that stands there."""
    from mmskin_build.bench.curve import line_chart

    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / "growth.json"]
    known = _read(files[0]) + list(found)
    rows = sorted({(g.books, g.pages): g for g in known}.items())
    text = json.dumps([dataclasses.asdict(g) for _, g in rows], indent=1)
    files[0].write_text(text + "\n", encoding="utf-8")
    for name in ("one book", "many books"):
        some = [g for _, g in rows if (g.books == 1) == (name == "one book")]
        if len(some) < 2:
            continue
        xs = [g.pages if name == "one book" else g.books for g in some]
        axis = "pages of one book" if name == "one book" else f"books of {some[0].pages} pages"
        slope = exponent(xs, [g.cpu_seconds for g in some])
        for kind, title, unit, lines in (
            ("memory", "Peak memory of each process", "MiB", _memory(some)),
            ("time", f"CPU time (exponent {slope:.2f})", "CPU seconds, all processes", _time(some)),
        ):
            files.append(folder / f"{name.replace(' ', '-')}-{kind}.svg")
            files[-1].write_text(line_chart(title, (axis, unit), xs, lines), encoding="utf-8")
    return files


def _read(file: Path) -> list[Growth]:
    if not file.is_file():
        return []
    return [Growth(**row) for row in json.loads(file.read_text(encoding="utf-8"))]


def _memory(rows: Sequence[Growth]) -> dict[str, list[float]]:
    lines = {"parent": [g.parent_mb for g in rows]}
    largest = sorted(rows[-1].worker_mb, key=lambda stage: -rows[-1].worker_mb[stage])[:MOST_STAGES]
    for stage in (s for s in rows[-1].worker_mb if s in largest):  # in the order they run
        lines[f"{stage} worker"] = [g.worker_mb.get(stage, 0.0) for g in rows]
    return lines


def _time(rows: Sequence[Growth]) -> dict[str, list[float]]:
    lines = {"first build": [g.cpu_seconds for g in rows]}
    lines["again, all fresh"] = [g.again_cpu_seconds for g in rows]
    if rows[0].books > 1:
        lines["one more book"] = [g.one_more_cpu_seconds for g in rows]
    return lines
