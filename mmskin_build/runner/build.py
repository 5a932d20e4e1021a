"""Run a plan: every book through its stages in parallel, library stages in between."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from mmskin_build.errors import ConfigError, SourceError, StageError
from mmskin_build.records import Reject, Source
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.runner.ledger import Ledger
from mmskin_build.runner.made import Receipts
from mmskin_build.runner.merge import gather, merge_outputs, read_faults
from mmskin_build.runner.patience import Patience
from mmskin_build.runner.plan import Plan, check_wiring
from mmskin_build.runner.pool import (
    POLL_S,
    Failed,
    Finished,
    PageSeen,
    Pool,
    TooLong,
    WorkerPool,
)
from mmskin_build.runner.progress import Progress
from mmskin_build.runner.ranges import Splits, clear_ranges, is_page_wise
from mmskin_build.runner.receipts import Receipt, read_receipt, why_stale
from mmskin_build.runner.sweep import sweep
from mmskin_build.runner.task import TableFiles, Task
from mmskin_build.stage import Scope, Stage

MAX_SKIPPED_PAGES = 200


@dataclass(slots=True)
class StageSummary:
    """What happened to one stage in this run."""

    name: str
    made: int = 0
    fresh: int = 0
    rows: int = 0
    rejects: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class BuildResult:
    """What a run did: a summary per stage, and the reason of each failed source."""

    stages: dict[str, StageSummary] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class Build:
    """One run of a plan."""

    def __init__(self, plan: Plan, progress: Progress, pool: Pool | None = None) -> None:
        """Check that the plan's stages fit together; ``pool`` is this machine's if not given."""
        check_wiring(plan.stages)
        self.plan = plan
        self.progress = progress
        self.receipts = Receipts()
        self.result = BuildResult()
        self._pool: Pool = pool or WorkerPool(plan.workers, plan.runner)
        self._ready: deque[Task] = deque()
        self._splits = Splits(plan.layout, self._retry)
        self._patience = Patience()
        self._ledger = Ledger(plan.layout)
        self._faults: list[Reject] = []
        self._known_faults = {r.record_id: r for r in read_faults(plan.layout)}

    def run(self) -> BuildResult:
        """Bring every part up to date and merge the tables.

        Raises:
            SourceError: no source could be read.
            StageError: a library stage failed.
            MmskinError: a fault that no source can be blamed for.
        """
        sweep(self.plan.layout, [s.makes_folder for s in self.plan.stages if s.makes_folder])
        try:
            for segment in self.plan.segments():
                self._run_segment(segment)
        finally:
            self._pool.close()
            self.progress.close()
        self._need_a_source()
        merge_outputs(self.plan, self.receipts, self._ledger, self._alive(), self._faults)
        shutil.rmtree(self.plan.layout.ranges, ignore_errors=True)
        return self.result

    def _alive(self) -> tuple[Source, ...]:
        return tuple(s for s in self.plan.sources if s.source_id not in self.result.failed)

    def _need_a_source(self) -> None:
        if not self._alive():
            lines = [f"  {name}: {why}" for name, why in self.result.failed.items()]
            raise SourceError("no source could be read:\n" + "\n".join(lines))

    def _run_segment(self, segment: tuple[Stage, ...]) -> None:
        self._need_a_source()
        alive = self._alive()
        for stage in segment:
            self.result.stages[stage.name] = StageSummary(stage.name)
            units = 1 if stage.scope is Scope.LIBRARY else len(alive)
            self.progress.begin(stage.name, units)
        if segment[0].scope is Scope.LIBRARY:
            waiting = deque([(alive, 0)])
        else:
            # Largest first, so that one big book does not run alone at the end.
            ordered = sorted(alive, key=_file_size, reverse=True)
            waiting = deque(((s,), 0) for s in ordered)
        self._drive(segment, waiting)

    def _drive(
        self, segment: tuple[Stage, ...], waiting: deque[tuple[tuple[Source, ...], int]]
    ) -> None:
        """Move each unit of work along the segment; workers stay busy while any is left."""
        while waiting or self._ready or self._pool.is_working:
            patience_s = self._hand_out(segment, waiting)
            for event in self._pool.events(patience_s) if self._pool.is_working else ():
                if isinstance(event, PageSeen):
                    self.progress.page(event.task.stage.name, event.task.key, event.page)
                elif isinstance(event, TooLong):
                    self._ready.extend(self._splits.open(event.task, event.pages))
                elif isinstance(event, Failed):
                    self._handle(event)
                elif event.task.pages is not None:
                    self._ready.extend(self._splits.done(event.task))
                elif self._receive(event):
                    index = segment.index(event.task.stage) + 1
                    waiting.appendleft((event.task.sources, index))

    def _hand_out(
        self, segment: tuple[Stage, ...], waiting: deque[tuple[tuple[Source, ...], int]]
    ) -> float:
        """Give idle workers what there is to do; return how long to wait for them then.

        Passing over many fresh parts takes long: workers are looked after in between.
        """
        until = time.monotonic() + POLL_S
        while (self._ready or waiting) and self._pool.has_idle:
            if time.monotonic() > until:
                return 0.0
            if self._ready:
                self._pool.submit(self._ready.popleft())
            else:
                self._advance(segment, *waiting.popleft())
        return POLL_S

    def _advance(self, segment: tuple[Stage, ...], sources: tuple[Source, ...], index: int) -> None:
        """Pass over fresh stages and make ready what the first stale one has to do."""
        for stage in segment[index:]:
            task = self.plan.task(stage, sources, self.receipts)
            part = self.plan.layout.part(stage.name, task.key)
            receipt = read_receipt(part)
            frozen = self.plan.is_frozen(stage)
            why = why_stale(self.plan.layout.root, part, receipt, task.inputs) or self._retry(
                receipt
            )
            if receipt is None and frozen and task.key in self._known_faults:
                self._give_up(task, self._known_faults[task.key])
                return
            if receipt is None and frozen:
                raise ConfigError(
                    f"{task.name} has not been made yet; run the build without --from first"
                )
            if why and not frozen:
                self.progress.reason(stage.name, task.key, why)
                task = dataclasses.replace(task, tables=self._tables(task))
                cut_up = is_page_wise(task)
                self._ready.extend(self._splits.open(task, task.length) if cut_up else [task])
                return
            assert receipt is not None
            if frozen:
                _need_tables(task, receipt)
            self._accept(receipt, made=False)
            if receipt.failed:
                return

    def _tables(self, task: Task) -> dict[str, TableFiles]:
        """Return the files a task reads; what a library stage needs is gathered for it."""
        if task.stage.scope is Scope.LIBRARY:
            return gather(self.plan, self.receipts, self._ledger, task.stage, task.sources)
        return self.plan.files(task.stage, task.sources[0], self.receipts)

    def _retry(self, receipt: Receipt | None) -> str:
        """Return why a part may fare better now although no digest changed.

        The manifest vouches for a file's digest while the file is away (an unplugged disk), so
        its return changes no input; and limits are no input, they only decide what is skipped.
        """
        if receipt is not None and receipt.failed.startswith(RejectReason.FILE_MISSING):
            return "the file could not be read last time"
        if receipt is not None and receipt.skipped_under not in ("", self.plan.limits):
            return "pages were skipped under other limits"
        return ""

    def _receive(self, event: Finished) -> bool:
        """Take in a part that was made; whether its unit of work goes on to the next stage."""
        task = event.task
        clear_ranges(task)
        sources = task.sources if task.stage.scope is not Scope.LIBRARY else ()
        if not all(self.plan.is_unchanged(Path(source.path)) for source in sources):
            detail = "the file changed during the build; run the same command again"
            self._fail(task, RejectReason.CHECKSUM_CHANGED, detail)
            return False
        self._accept(event.receipt, made=True)
        return not event.receipt.failed

    def _accept(self, receipt: Receipt, *, made: bool) -> None:
        self.receipts.add(receipt)
        summary = self.result.stages[receipt.stage]
        summary.made += made
        summary.fresh += not made
        summary.seconds += receipt.seconds if made else 0.0
        summary.rejects += receipt.rows.get(Reject.table, 0)
        summary.rows += sum(n for t, n in receipt.rows.items() if t != Reject.table)
        self.progress.advance(receipt.stage, receipt.source_id, fresh=not made)
        if receipt.failed:
            self.result.failed[receipt.source_id] = f"{receipt.stage}: {receipt.failed}"
            self._lose(receipt.stage, receipt.source_id)

    def _lose(self, stage: str, key: str) -> None:
        """Tell the stages after one in its segment that a source will not come to them."""
        names = next(n for s in self.plan.segments() if stage in (n := [x.name for x in s]))
        for later in names[names.index(stage) + 1 :]:
            self.progress.lose(later, key)

    def _handle(self, event: Failed) -> None:
        """Retry without the page that broke a worker, or fail the source, or end the build."""
        task = event.task
        if event.fatal is not None:
            raise event.fatal
        if task.pages is not None and not self._splits.holds(task):
            return  # the book was given up before
        if self._patience.may_repeat(event):
            self.progress.message(f"{task.name}: {event.detail}; trying again")
            self._ready.appendleft(task)
            return
        if self._may_skip_page(event):
            self.progress.message(f"{task.name}: page {event.page} skipped: {event.detail}")
            self._ready.appendleft(_without_page(task, event))
            return
        if task.stage.scope is Scope.LIBRARY:
            raise StageError(f"{task.name} failed: {event.detail}")
        self._drop_ranges(task)
        self._fail(task, event.reason, event.detail)

    def _fail(self, task: Task, reason: RejectReason, detail: str) -> None:
        # An older part must not come back under --from: it belongs to another state of the book.
        shutil.rmtree(self.plan.layout.part(task.stage.name, task.key), ignore_errors=True)
        self.progress.message(f"{task.name} failed: {detail}")
        self._give_up(task, Reject(task.key, task.key, reason, detail))

    def _may_skip_page(self, event: Failed) -> bool:
        return (
            self._patience.may_skip_page(event)
            and self._splits.count_skipped(event.task) <= MAX_SKIPPED_PAGES
        )

    def _drop_ranges(self, task: Task) -> None:
        self._splits.drop(task)
        same = (task.stage.name, task.key)
        self._ready = deque(t for t in self._ready if (t.stage.name, t.key) != same)

    def _give_up(self, task: Task, fault: Reject) -> None:
        """Take a source out of this build."""
        self.result.failed[task.key] = f"{task.stage.name}: {fault.reason}: {fault.detail}"
        self._faults.append(fault)
        self.progress.advance(task.stage.name, task.key, fresh=False)
        self._lose(task.stage.name, task.key)


def _need_tables(task: Task, receipt: Receipt) -> None:
    """Refuse a part that an older version made and that later stages would miss a table of."""
    for record in task.stage.makes:
        if record.table not in receipt.digests:
            raise ConfigError(
                f"{task.name}: an older version made it, without the table {record.table!r}; run "
                "the build without --from"
            )


def _without_page(task: Task, event: Failed) -> Task:
    assert event.page is not None
    return dataclasses.replace(task, skip_pages={**task.skip_pages, event.page: event.reason})


def _file_size(source: Source) -> tuple[int, str]:
    try:
        return Path(source.path).stat().st_size, source.source_id
    except OSError:
        return 0, source.source_id
