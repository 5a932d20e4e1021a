"""Merge parts into ``tables/`` and ``rejects/``, and gather what library stages read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from mmskin_build.records import Record, Reject, Source
from mmskin_build.runner.layout import LIBRARY, Layout
from mmskin_build.runner.ledger import Ledger, Part, Parts
from mmskin_build.runner.made import Receipts
from mmskin_build.runner.plan import Plan
from mmskin_build.runner.task import TableFiles
from mmskin_build.stage import Scope, Stage
from mmskin_build.tables import read_rows, write_rows

FAULTS = "build.parquet"
Job = Callable[[], bool]  # writes a merged file if it must; whether it did


def merge_outputs(
    plan: Plan, receipts: Receipts, ledger: Ledger, alive: Iterable[Source], faults: list[Reject]
) -> None:
    """Write every table of the stages that ran, and one reject file per stage.

    Tables hold the sources that came through; rejects hold the failed ones as well. When a table
    changed, those of stages after the last one are removed: they follow from older rows.
    """
    alive_keys = [s.source_id for s in alive]
    all_keys = [s.source_id for s in plan.sources]
    jobs: list[Job] = []
    for stage in plan.stages[: plan.last + 1]:
        for record in (*stage.makes, Reject):
            keys = all_keys if record is Reject else alive_keys
            parts = _parts(stage, record, keys, receipts)
            target = merged_file(plan.layout, stage, record)
            jobs.append(partial(ledger.merge, target, record, stage.name, parts))
    if _merge_all(jobs, plan.workers):
        for stage in plan.stages[plan.last + 1 :]:
            for record in (*stage.makes, Reject):
                ledger.forget(merged_file(plan.layout, stage, record))
    write_faults(plan.layout, faults)
    ledger.save()


def gather(
    plan: Plan, receipts: Receipts, ledger: Ledger, stage: Stage, sources: Iterable[Source]
) -> dict[str, TableFiles]:
    """Return the files a library stage reads: of each table one, not one per book.

    Tables that are made book by book are put together in ``build/gathered/`` first; there, and not
    in ``tables/``, because the tables of a build change together, at its end.
    """
    keys = [s.source_id for s in sources]
    found: dict[str, TableFiles] = {}
    jobs: list[Job] = []
    for record in stage.needs:
        producer = plan.producer(record.table)
        if producer.scope is Scope.LIBRARY:
            found[record.table] = plan.library_file(record.table)
            continue
        target = plan.layout.gathered / f"{record.table}.parquet"
        parts = _parts(producer, record, keys, receipts)
        jobs.append(partial(ledger.merge, target, record, producer.name, parts))
        found[record.table] = TableFiles((target,), shared=False)
    if _merge_all(jobs, plan.workers):
        ledger.save()
    return found


def _merge_all(jobs: Iterable[Job], workers: int) -> bool:
    """Write merged files; tell whether one changed. What is stopped begins no further file."""
    # The files have nothing to do with one another, and arrow lets go of the interpreter.
    threads = ThreadPoolExecutor(max(1, workers))
    try:
        begun = [threads.submit(job) for job in jobs]
        changed = [merging.result() for merging in begun]
        return any(changed)
    finally:
        threads.shutdown(cancel_futures=True)


def merged_file(layout: Layout, stage: Stage, record: type[Record]) -> Path:
    """Return where a table, or what a stage rejected, stands for people."""
    if record is Reject:
        return layout.rejects / f"{stage.name}.parquet"
    return layout.tables / f"{record.table}.parquet"


def write_faults(layout: Layout, faults: list[Reject]) -> None:
    """Write the sources that a fault took out of the build (``rejects/build.parquet``)."""
    layout.rejects.mkdir(parents=True, exist_ok=True)
    target = layout.rejects / FAULTS
    part = target.with_name(".build.parquet.part")
    write_rows(part, Reject, sorted(faults, key=lambda r: r.source_id))
    part.replace(target)


def read_faults(layout: Layout) -> list[Reject]:
    """Return the sources that a fault took out of the last finished build."""
    try:
        return list(read_rows(layout.rejects / FAULTS, Reject))
    except (OSError, ValueError):  # none yet, or damaged: the sources are simply tried again
        return []


def _parts(stage: Stage, record: type[Record], keys: list[str], receipts: Receipts) -> Parts:
    """Return the parts a stage has, in the order they are merged, when they are asked for."""
    wanted = [LIBRARY] if stage.scope is Scope.LIBRARY else keys

    def parts() -> Iterator[Part]:
        for key in wanted:
            made = receipts.part(stage.name, key, record.table)
            if made is not None:
                yield Part(key, *made)

    return parts
