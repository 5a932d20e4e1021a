"""Page ranges: a long book's page-local work is cut up, shared out and put together again.

Where to cut depends on the book's length and one setting, never on the number of workers. A
finished range lies in ``build/ranges/`` with a receipt of its own, so that a killed run goes on
by range; the whole part is then written from the ranges, row by row, as one worker would have.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from mmskin_build.records import Record, Reject
from mmskin_build.runner.layout import Layout
from mmskin_build.runner.receipts import PICTURES_NAME, Receipt, read_receipt, why_stale
from mmskin_build.runner.task import PageRange, Task
from mmskin_build.stage import Scope
from mmskin_build.tables import read_rows

REJECTS = "rejects.parquet"


class LongBook(Exception):
    """A book has more pages than one call should do; carries how many."""

    def __init__(self, pages: int) -> None:
        """Remember the length."""
        super().__init__(pages)
        self.pages = pages


def cut(pages: int, size: int) -> tuple[PageRange, ...]:
    """Return ranges of nearly equal length, at most ``size`` pages each, that cover a book."""
    count = -(-pages // size)
    edges = [pages * i // count for i in range(count + 1)]
    return tuple(PageRange(a + 1, b) for a, b in pairwise(edges))


@dataclass(slots=True)
class _Split:
    whole: Task
    left: set[PageRange]
    skipped: int = 0


@dataclass(slots=True)
class Splits:
    """The books that are being worked on in ranges."""

    layout: Layout
    outdated: Callable[[Receipt | None], str]
    _open: dict[tuple[str, str], _Split] = field(default_factory=dict)

    def open(self, task: Task, pages: int) -> list[Task]:
        """Cut a task up and return what is to be done: unfinished ranges, or the putting together.

        Ranges that an interrupted run has finished are left out.
        """
        whole = dataclasses.replace(task, length=pages, ranges=cut(pages, task.range_pages))
        parts = [_part(whole, r) for r in whole.ranges]
        waiting = [p for p in parts if not self._is_fresh(p)]
        self._open[task.stage.name, task.key] = _Split(whole, {p.pages for p in waiting if p.pages})
        return waiting or [self._close(whole)]

    def done(self, task: Task) -> list[Task]:
        """Note a finished range; return the putting together when it was the last one."""
        split = self._open.get((task.stage.name, task.key))
        if split is None or task.pages is None:
            return []
        split.left.discard(task.pages)
        return [] if split.left else [self._close(split.whole)]

    def holds(self, task: Task) -> bool:
        """Whether a book is still worked on in ranges."""
        return (task.stage.name, task.key) in self._open

    def drop(self, task: Task) -> None:
        """Give up a book."""
        self._open.pop((task.stage.name, task.key), None)

    def count_skipped(self, task: Task) -> int:
        """Return how many pages of the book have been skipped, this one included."""
        split = self._open.get((task.stage.name, task.key))
        if split is None:
            return len(task.skip_pages) + 1
        split.skipped += 1
        return split.skipped

    def _close(self, whole: Task) -> Task:
        self._open.pop((whole.stage.name, whole.key), None)
        return whole

    def _is_fresh(self, task: Task) -> bool:
        folder = task.folder
        receipt = read_receipt(folder)
        return not (
            why_stale(self.layout.root, folder, receipt, task.inputs) or self.outdated(receipt)
        )


def _part(whole: Task, pages: PageRange) -> Task:
    inputs = {**whole.inputs, "pages": str(pages)}
    return dataclasses.replace(whole, pages=pages, ranges=(), inputs=inputs)


def is_page_wise(task: Task) -> bool:
    """Whether a task can be cut up: its stage works page by page and the book is long."""
    return task.stage.scope is Scope.PAGES and task.length > task.range_pages


def rows_of_ranges(task: Task) -> Iterator[Record]:
    """Yield the rows of a book's ranges in the order of pages, what is said of the file once."""
    whole_file: dict[tuple[str, str], Reject] = {}
    for folder in range_folders(task):
        for record in task.stage.makes:
            yield from read_rows(folder / f"{record.table}.parquet", record)
        for reject in read_rows(folder / REJECTS, Reject):
            if reject.record_id in (reject.source_id, f"{reject.source_id}:file"):
                whole_file.setdefault((reject.record_id, reject.reason), reject)
            else:
                yield reject
    yield from whole_file.values()


def range_folders(task: Task) -> list[Path]:
    """Return the folders of a book's finished ranges."""
    layout = Layout(task.build_dir)
    return [layout.range(task.stage.name, task.key, str(r)) for r in task.ranges]


def clear_ranges(task: Task) -> None:
    """Remove the ranges of a part that is in place; not before, its making may be repeated."""
    if task.ranges:
        shutil.rmtree(range_folders(task)[0].parent, ignore_errors=True)


def pictures_of(task: Task) -> set[str]:
    """Return the digests of the pictures that the ranges stored."""
    listings = [f / PICTURES_NAME for f in range_folders(task)]
    return {d for f in listings if f.is_file() for d in f.read_text(encoding="ascii").split()}


def with_costs(receipt: Receipt, task: Task) -> Receipt:
    """Add to the receipt of a book put together what its ranges cost and which lack a page."""
    known = [r for f in range_folders(task) if (r := read_receipt(f)) is not None]
    return dataclasses.replace(
        receipt,
        seconds=round(receipt.seconds + sum(r.seconds for r in known), 3),
        cpu_seconds=round(receipt.cpu_seconds + sum(r.cpu_seconds for r in known), 3),
        peak_rss_mb=max([receipt.peak_rss_mb, *(r.peak_rss_mb for r in known)]),
        skipped_under=next((r.skipped_under for r in known if r.skipped_under), ""),
    )
