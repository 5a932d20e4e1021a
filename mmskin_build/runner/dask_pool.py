"""The dask engine: the same tasks on the workers of a ``dask.distributed`` cluster.

A dask task starts (or goes on with) a supervised child process on its machine, so that a hostile
page is killed there as it is here. Parts come back over the shared build folder, or through an
exchange (see ``mmskin_build.runner.exchange``). Library stages run where the build folder is.
"""

from __future__ import annotations

import dataclasses
import pickle
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from mmskin_build.config import RunnerSettings
from mmskin_build.errors import MissingDependencyError, MmskinError, StageError
from mmskin_build.runner.exchange import Exchange, Parcel, run_parcel
from mmskin_build.runner.plan import code_digest
from mmskin_build.runner.pool import (
    POLL_S,
    Cause,
    Event,
    Failed,
    Finished,
    PageSeen,
    WorkerPool,
)
from mmskin_build.runner.programs import program_inputs
from mmskin_build.runner.task import TableFiles, Task
from mmskin_build.stage import Scope

ABSENT = "none"
AHEAD = 2  # tasks handed out per worker thread, so that none waits for the next
LOOK_EVERY_S = 5.0  # for workers that joined or left
CONNECT_S = 10
LOOPBACK = {"dashboard_address": "127.0.0.1:0", "worker_dashboard_address": "127.0.0.1:0"}
# Of a cluster of our own: no sampling of threads that only wait, no watching that nobody reads.
QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing": False,
}
_here = threading.local()
_children: list[WorkerPool] = []


@contextmanager
def cluster_client(address: str, workers: int) -> Iterator[Any]:
    """Connect to the scheduler at ``address``, or start a cluster on this machine for ''.

    The cluster of our own is one process with a thread per worker: threads only watch over
    their child processes, which do the work.

    Raises:
        MissingDependencyError: dask.distributed is not installed.
        StageError: there is no scheduler at the address.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise MissingDependencyError(
            "--engine dask needs the extra 'dask'; install it with: "
            ".venv/bin/pip install -c configs/constraints.txt -e '.[dask]'"
        ) from None
    with ExitStack() as stack:
        cluster = None
        if not address:
            stack.callback(close_children)
            stack.enter_context(dask.config.set(QUIET))
            here = {"n_workers": 1, "threads_per_worker": workers, "processes": False}
            cluster = stack.enter_context(LocalCluster(**here, **LOOPBACK))
        try:
            client = Client(cluster or address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            detail = f"--scheduler {address}: no dask scheduler answers: {error}"
            raise StageError(detail) from None
        yield stack.enter_context(client)


class DaskPool:
    """Hands tasks to a cluster (see ``mmskin_build.runner.pool.Pool``)."""

    def __init__(
        self, client: Any, settings: RunnerSettings, exchange: Exchange | None = None
    ) -> None:
        """Use a connected client; without an exchange all machines share the build folder."""
        self._client = client
        self._exchange = exchange
        self._settings = settings
        self._local = WorkerPool(1, settings)
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._jobs: dict[str, tuple[Any, Task, Task | Parcel]] = {}
        self._slots, self._looked = 0, 0.0

    @property
    def has_idle(self) -> bool:
        """Whether ``submit`` may be called."""
        if time.monotonic() - self._looked > LOOK_EVERY_S:
            self._slots = AHEAD * max(1, sum(self._client.nthreads().values()))
            self._looked = time.monotonic()
        return len(self._jobs) < self._slots and self._local.has_idle

    @property
    def is_working(self) -> bool:
        """Whether ``events`` can still bring something."""
        return bool(self._jobs) or self._local.is_working

    def submit(self, task: Task) -> None:
        """Send a task to the cluster; what needs the build folder's files stays here."""
        if task.stage.scope is Scope.LIBRARY or (self._exchange and task.ranges):
            self._local.submit(task)
            return
        settings = self._settings
        if self._exchange is None:
            job: tuple[Any, ...] = (run_supervised, with_full_paths(task), settings)
        else:
            job = (run_sent, self._exchange.send(task), settings)
        future = self._client.submit(_carrier(), pickle.dumps(job), pure=False)
        self._jobs[future.key] = (future, task, job[1])
        future.add_done_callback(self._done.put)

    def events(self, patience_s: float = POLL_S) -> list[Event]:
        """Wait so long at most and return what happened."""
        found = self._local.events(patience_s) if self._local.is_working else []
        try:
            future = self._done.get(timeout=0 if found else patience_s)
            while True:
                found.append(self._outcome(future))
                future = self._done.get_nowait()
        except queue.Empty:
            return found

    def close(self) -> None:
        """Take back what has not begun; what runs on the cluster ends on its own."""
        self._client.cancel([future for future, _, _ in self._jobs.values()])
        self._jobs = {}
        self._local.close()

    def _outcome(self, future: Any) -> Event:
        from distributed import KilledWorker

        _, task, sent = self._jobs.pop(future.key)
        error = future.exception()
        if isinstance(error, KilledWorker):
            return Failed(task, f"every dask worker that took it was lost: {error}", Cause.DEATH)
        if isinstance(error, MmskinError):
            return Failed(task, str(error), Cause.FAULT, fatal=error)
        if error is not None:
            hint = "give all machines the same checkout, Python packages and tesseract"
            detail = f"{task.name}: a dask worker failed: {error!r}; {hint}"
            return Failed(task, detail, Cause.FAULT, fatal=StageError(detail))
        event: Event = pickle.loads(future.result())
        if isinstance(event, Finished) and isinstance(sent, Parcel) and self._exchange:
            self._exchange.receive(sent)
        return dataclasses.replace(event, task=task)


def _carrier() -> Callable[[bytes], bytes]:
    """Return a function that dask sends by value: the scheduler need not know this package."""

    def call(job: bytes) -> bytes:
        import pickle
        import sys
        from pathlib import Path

        checkout = str(Path.cwd())  # of the worker
        if checkout not in sys.path:
            sys.path.insert(0, checkout)
        function, *arguments = pickle.loads(job)
        return pickle.dumps(function(*arguments))

    return call


def run_supervised(task: Task, settings: RunnerSettings) -> Event:
    """Run a task in the supervised child of this thread; called by a dask worker."""
    _refuse_other_software(task)
    pool = getattr(_here, "pool", None)
    if pool is None:
        pool = _here.pool = WorkerPool(1, settings)
        _children.append(pool)
    pool.settings = settings
    pool.submit(task)
    while True:
        for event in pool.events():
            if not isinstance(event, PageSeen):
                return event


def _refuse_other_software(task: Task) -> None:
    """Raise when the task would make other rows here than where the build was planned."""
    here = {"code": code_digest(task.stage), **program_inputs(task.stage.programs, task.settings)}
    told = {k: v for k, v in task.inputs.items() if k == "code" or k.startswith("program ")}
    for name in sorted({*here, *told}):
        ours, theirs = here.get(name, ABSENT), told.get(name, ABSENT)
        if ours != theirs:
            what = "mmskin-build" if name == "code" else name
            raise RuntimeError(
                f"dask worker {_worker_name()} has another {what} than the machine of the build: "
                f"{ours} there, {theirs} here"
            )


def _worker_name() -> str:
    from distributed import get_worker

    worker = get_worker()
    return f"{worker.name} ({worker.address})"


def run_sent(parcel: Parcel, settings: RunnerSettings) -> Event:
    """Run a task that came through an exchange; called by a dask worker."""
    return run_parcel(parcel, lambda task: run_supervised(task, settings))


def close_children() -> None:
    """Kill the children of this process's dask threads."""
    while _children:
        _children.pop().close()


def with_full_paths(task: Task) -> Task:
    """Return a task whose files are found from any working folder."""
    tables = {
        name: TableFiles(tuple(p.absolute() for p in files.paths), files.shared)
        for name, files in task.tables.items()
    }
    sources = tuple(dataclasses.replace(s, path=str(Path(s.path).absolute())) for s in task.sources)
    return dataclasses.replace(
        task,
        tables=tables,
        sources=sources,
        build_dir=task.build_dir.absolute(),
        manifests=task.manifests.absolute(),
    )
