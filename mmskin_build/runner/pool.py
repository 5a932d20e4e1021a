"""Supervised worker processes: a page that hangs or eats the memory is killed, not waited for."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Protocol

from mmskin_build.config import RunnerSettings
from mmskin_build.errors import MmskinError
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.runner.ranges import LongBook
from mmskin_build.runner.receipts import Receipt
from mmskin_build.runner.task import Task
from mmskin_build.runner.worker import ONE_CORE, Process, start_worker

POLL_S = 0.25
STARVED = 10  # times the limit that a page may take which gets no core to run on
STOPPED_S = 30.0  # nobody stays away so long but who was stopped
USUAL_MB = 512  # resident in a worker that has done nothing wrong
_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class PageSeen:
    """A worker began a page."""

    task: Task
    page: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A task's part is in place."""

    task: Task
    receipt: Receipt


class Cause(Enum):
    """Why a task ended without a part."""

    LIMIT = auto()  # too long or too much memory: the worker was killed
    DEATH = auto()  # the worker died, or somebody killed it
    FAULT = auto()  # an exception


@dataclass(frozen=True, slots=True)
class Failed:
    """A task ended without a part. ``fatal`` ends the build; a ``page`` can be skipped."""

    task: Task
    detail: str
    cause: Cause
    reason: RejectReason = RejectReason.STAGE_FAULT
    page: int | None = None
    fatal: MmskinError | None = None


@dataclass(frozen=True, slots=True)
class TooLong:
    """A book is to be done in page ranges; the worker only counted its pages."""

    task: Task
    pages: int


Event = PageSeen | Finished | Failed | TooLong


class Pool(Protocol):
    """Where tasks run: the processes of this machine, or a cluster."""

    @property
    def has_idle(self) -> bool:
        """Whether ``submit`` may be called."""

    @property
    def is_working(self) -> bool:
        """Whether ``events`` can still bring something."""

    def submit(self, task: Task) -> None:
        """Hand out a task."""

    def events(self, patience_s: float = POLL_S) -> list[Event]:
        """Wait so long at most, stop what passed its limits, and return what happened."""

    def close(self) -> None:
        """Stop; parts in the making vanish, finished ones stay."""


@dataclass(slots=True)
class _Worker:
    process: Process
    connection: Connection
    task: Task | None = None
    page: int | None = None
    since: float = 0.0
    weighed: float = 0.0  # when its memory was last looked at
    cpu_before: float | None = None  # CPU seconds when its page was first looked at

    def begins(self, page: int | None) -> None:
        """Start to count a page's time."""
        self.page, self.since, self.cpu_before = page, time.monotonic(), None


class WorkerPool:
    """As many workers as asked for, started when first needed."""

    def __init__(self, size: int, settings: RunnerSettings) -> None:
        """Prepare ``size`` places; each worker computes on one core."""
        self._size = size
        self.settings = settings
        self._workers: list[_Worker] = []
        self._looked = time.monotonic()
        for name, value in ONE_CORE.items():  # the cores are the workers'
            os.environ.setdefault(name, value)

    @property
    def has_idle(self) -> bool:
        """Whether ``submit`` may be called."""
        return len(self._busy()) < self._size

    @property
    def is_working(self) -> bool:
        """Whether ``events`` can still bring something."""
        return bool(self._busy())

    def submit(self, task: Task) -> None:
        """Hand a task to an idle worker, starting one if needed."""
        worker = next((w for w in self._workers if w.task is None), None) or self._start()
        try:
            worker.connection.send(task)
        except OSError:  # it died between two tasks, as when the kernel runs out of memory
            self._kill(worker)
            worker = self._start()
            worker.connection.send(task)
        worker.task = task
        worker.begins(None)
        _forbid_hoards(worker.process, self.settings.worker_memory_mb)

    def events(self, patience_s: float = POLL_S) -> list[Event]:
        """Wait so long at most, stop what passed its limits, and return what happened."""
        busy = self._busy()
        self._forgive_a_stop(time.monotonic())
        wait([w.connection for w in busy], timeout=patience_s)
        found: list[Event] = []
        for worker in busy:
            found.extend(self._drain(worker))
            if worker in self._workers and worker.task is None and self._is_bloated(worker):
                self._kill(worker)
        for worker in self._busy():
            if event := self._overdue(worker):
                self._kill(worker)
                found.append(event)
        return found

    def close(self) -> None:
        """Kill all workers; parts in the making vanish, finished ones stay."""
        for worker in list(self._workers):
            self._kill(worker)

    def _forgive_a_stop(self, now: float) -> None:
        """Count no time in which nobody looked: a scheduler may stop a whole job for a while."""
        unseen = now - self._looked
        if unseen > STOPPED_S:
            for worker in self._workers:
                worker.since += unseen
        self._looked = now

    def _busy(self) -> list[_Worker]:
        return [w for w in self._workers if w.task is not None]

    def _start(self) -> _Worker:
        ours, theirs = Pipe()
        process = start_worker(theirs)
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _drain(self, worker: _Worker) -> list[Event]:
        found: list[Event] = []
        task = worker.task
        try:
            while task is not None and worker.connection.poll():
                kind, value = worker.connection.recv()
                if kind == "page":
                    worker.begins(value)
                    found.append(PageSeen(task, value))
                    continue
                found.append(_outcome(kind, value, worker))
                worker.task = task = None
        except (EOFError, OSError):
            assert task is not None
            found.append(_death(task, worker))
            self._kill(worker)
        return found

    def _overdue(self, worker: _Worker) -> Failed | None:
        assert worker.task is not None
        limit = self.settings
        name = "source_timeout_s" if worker.page is None else "page_timeout_s"
        allowed = getattr(limit, name)
        waited = time.monotonic() - worker.since
        if waited > allowed and not (waited < STARVED * allowed and _is_starved(worker, allowed)):
            detail = f"no progress within {allowed:g} s (runner: {name})"
            reason = RejectReason.PAGE_TIMEOUT
            return Failed(worker.task, detail, Cause.LIMIT, reason, worker.page)
        if time.monotonic() - worker.weighed < POLL_S:
            return None  # pages may come by the hundred a second
        worker.weighed = time.monotonic()
        if worker.cpu_before is None:
            worker.cpu_before = cpu_seconds(worker.process.pid)
        used = sum(_resident_mb(pid) for pid in _family(worker.process.pid))
        if used > limit.worker_memory_mb:
            allowed = f"limit {limit.worker_memory_mb} MiB (runner: worker_memory_mb)"
            detail = f"{used:.0f} MiB in use, {allowed}"
            return Failed(worker.task, detail, Cause.LIMIT, RejectReason.PAGE_MEMORY, worker.page)
        return None

    def _is_bloated(self, worker: _Worker) -> bool:
        """Whether an idle worker kept so much that the next page would be blamed for it."""
        kept = _resident_mb(worker.process.pid)
        return kept > max(self.settings.worker_memory_mb / 2, USUAL_MB)

    def _kill(self, worker: _Worker) -> None:
        for kill in (os.killpg, os.kill):
            try:
                kill(worker.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        _exit_code(worker.process, 5)
        worker.connection.close()
        self._workers.remove(worker)


def _outcome(kind: str, value: object, worker: _Worker) -> Event:
    task = worker.task
    assert task is not None
    if isinstance(value, Receipt):
        return Finished(task, value)
    if isinstance(value, LongBook):
        return TooLong(task, value.pages)
    if isinstance(value, MmskinError):
        return Failed(task, str(value), Cause.FAULT, fatal=value)
    if kind == "page_memory":
        return Failed(task, str(value), Cause.LIMIT, RejectReason.PAGE_MEMORY, worker.page)
    page = worker.page if kind == "page_fault" else None
    reason = RejectReason.STAGE_FAULT if page is None else RejectReason.PAGE_DAMAGED
    return Failed(task, str(value), Cause.FAULT, reason, page)


def _death(task: Task, worker: _Worker) -> Failed:
    code = _exit_code(worker.process, 1)
    detail = f"the worker process died (exit {code})"
    return Failed(task, detail, Cause.DEATH, RejectReason.PAGE_DAMAGED, worker.page)


def _family(pid: int | None) -> Iterator[int]:
    """Yield a process and the programs it runs (tesseract), as far as the system tells."""
    if pid is None:
        return
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _is_starved(worker: _Worker, allowed: float) -> bool:
    """Whether a page wants to run and got less CPU time than it may take: others hold the cores."""
    if worker.cpu_before is None or not any(_wants_core(p) for p in _family(worker.process.pid)):
        return False
    return cpu_seconds(worker.process.pid) - worker.cpu_before < allowed


def _wants_core(pid: int) -> bool:
    return (_status(pid) or "S").split()[0] in "RD"


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and the programs it runs and ran; 0 when it has ended."""
    ticks = 0
    for member in _family(pid):
        fields = _status(member).split()[11:15]  # its own, and that of children that ended
        ticks += sum(map(int, fields))
    return ticks / _TICKS


def _status(pid: int) -> str:
    """Return what the system tells of a process behind its name, '' when it has ended."""
    try:
        return (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="ascii", errors="replace")
            .rpartition(")")[2]
        )
    except OSError:
        return ""


def _forbid_hoards(process: Process, limit_mb: float) -> None:
    """Let the kernel refuse what would pass the memory limit by far between two looks at it.

    What it counts is asked for, not used, so that its limit is twice as high.
    """
    if not hasattr(resource, "prlimit"):  # not Linux
        return
    most = int(max(2 * limit_mb, limit_mb + 1024) * 2**20)
    try:
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_DATA)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (most, hard))
    except (OSError, ValueError):
        return  # it has ended, or is not ours: the looks remain


def _exit_code(process: Process, patience_s: float) -> int | None:
    try:
        return process.wait(patience_s)
    except subprocess.TimeoutExpired:
        return None


def _resident_mb(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    return int(fields[1]) * _PAGE_SIZE / 2**20
