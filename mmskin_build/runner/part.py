"""Make a part: run one stage on one source (or the library). Runs inside a worker process."""

from __future__ import annotations

import resource
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mmskin_build.records import Record, Reject
from mmskin_build.runner.context import FileContext
from mmskin_build.runner.layout import Layout
from mmskin_build.runner.memory import peak_mb, reset_peak
from mmskin_build.runner.ranges import (
    REJECTS,
    pictures_of,
    rows_of_ranges,
    with_costs,
)
from mmskin_build.runner.receipts import (
    PICTURES_NAME,
    Receipt,
    digest_of_file,
    sums_of,
    write_receipt,
)
from mmskin_build.runner.task import Task
from mmskin_build.stage import Scope, Stage
from mmskin_build.tables import TableWriter

SWAP_CHANCES = 5


class _PartWriter:
    """Write rows of several types into a part folder, with digests per source for the library."""

    def __init__(self, folder: Path, stage: Stage) -> None:
        self._folder = folder
        self._library = stage.scope is Scope.LIBRARY
        self._stage = stage
        names = {r: f"{r.table}.parquet" for r in stage.makes} | {Reject: REJECTS}
        self._writers = {
            r: TableWriter(r, folder / name, per_source=self._library) for r, name in names.items()
        }
        self._takers: dict[type[Record], TableWriter] = dict(self._writers)
        self.failed = ""

    def add(self, row: Record) -> None:
        writer = self._takers.get(type(row)) or self._taker_of(type(row))
        writer.add(row)
        if isinstance(row, Reject) and row.record_id == row.source_id and not self._library:
            self.failed = f"{row.reason}: {row.detail}" if row.detail else row.reason

    def _taker_of(self, kind: type[Record]) -> TableWriter:
        parent = self._stage.made_as(kind)
        if parent is None:
            raise TypeError(f"stage {self._stage.name} yielded an undeclared {kind.__name__}")
        self._takers[kind] = self._writers[parent]
        return self._takers[kind]

    def close(self) -> dict[str, Any]:
        digests, rows, by_source = {}, {}, {}
        for record, writer in self._writers.items():
            digests[record.table] = writer.close()
            rows[record.table] = writer.rows
            if self._library:
                by_source[record.table] = writer.by_source()
        files = {p.name: digest_of_file(p) for p in sorted(self._folder.iterdir()) if p.is_file()}
        return {
            "digests": digests,
            "rows": rows,
            "by_source": by_source,
            "files": files,
            "failed": self.failed,
        }


def run_task(task: Task, on_page: Callable[[int], None]) -> Receipt:
    """Run one task and put its part in place; a part appears whole or not at all."""
    work = hidden(task.folder)
    try:
        return _make_part(task, work, on_page)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _make_part(task: Task, work: Path, on_page: Callable[[int], None]) -> Receipt:
    layout = Layout(task.build_dir)
    output = work / "output"
    output.mkdir(parents=True)
    started, cpu = time.monotonic(), _cpu_seconds()
    reset_peak()
    writer = _PartWriter(work, task.stage)
    folders = (layout.images, output, task.manifests)
    context = FileContext(task, folders, on_page)
    for row in _rows(task, context):
        writer.add(row)
    if context.images.stored:
        listing = "\n".join(sorted(context.images.stored))
        (work / PICTURES_NAME).write_text(listing, encoding="ascii")
    published = _publish_folder(task, output, layout)
    receipt = Receipt(
        stage=task.stage.name,
        source_id=task.key,
        inputs=task.inputs,
        seconds=round(time.monotonic() - started, 3),
        cpu_seconds=round(_cpu_seconds() - cpu, 3),
        peak_rss_mb=peak_mb(),
        published=published,
        pages=task.length or context.length,
        skipped_under=task.limits if task.skip_pages else "",
        **writer.close(),
    )
    if task.ranges:
        receipt = with_costs(receipt, task)
    write_receipt(work, receipt)
    put_in_place(work, task.folder)
    return receipt


def _rows(task: Task, context: FileContext) -> Iterator[Record]:
    if task.ranges:
        context.images.stored |= pictures_of(task)
        yield from rows_of_ranges(task)
        return
    yield from task.stage.run(context, task.settings)
    for page, reason in sorted(task.skip_pages.items()):
        source_id = task.sources[0].source_id
        yield Reject(source_id, f"{source_id}:p{page}", reason, f"in stage {task.stage.name}")


def _publish_folder(task: Task, output: Path, layout: Layout) -> dict[str, str]:
    """Move a stage-made folder's entries to their public place, each by rename."""
    published = {}
    if task.stage.makes_folder:
        public = layout.root / task.stage.makes_folder
        public.mkdir(parents=True, exist_ok=True)
        for entry in sorted(output.iterdir()):
            place = public / entry.name
            put_in_place(entry, place)
            published[str(place.relative_to(layout.root))] = sums_of(place)
    shutil.rmtree(output, ignore_errors=True)
    return published


def put_in_place(new: Path, final: Path) -> None:
    """Put ``new`` in the place of ``final``; a kill in between leaves nothing, never a mixture.

    Another machine may do the same at the same time, when it was thought lost and is not.
    """
    old = hidden(final, "old")
    for chance in reversed(range(SWAP_CHANCES)):
        try:
            if final.exists():
                final.replace(old)
            new.replace(final)
            break
        except OSError:
            if not chance or not new.exists():
                raise
    if old.is_file():
        old.unlink()
    shutil.rmtree(old, ignore_errors=True)


def hidden(final: Path, word: str = "new") -> Path:
    """Return a hidden neighbour's name that no other process, on no other machine, uses."""
    return final.with_name(f".{final.name}.{word}-{secrets.token_hex(8)}")


def _cpu_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
