"""The dask engine: the same parts as here, workers that die are replaced, faults are contained."""

from __future__ import annotations

import builtins
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from toy_library import LINES, Quiet, Toy, parts
from toy_stages import TOYS, ToySettings

from mmskin_build.config import RunnerSettings
from mmskin_build.errors import ExitCode, MissingDependencyError, StageError
from mmskin_build.records import Source
from mmskin_build.runner.dask_pool import DaskPool, cluster_client
from mmskin_build.runner.plan import code_digest
from mmskin_build.runner.pool import Event, Failed
from mmskin_build.runner.programs import program_version
from mmskin_build.runner.task import Task
from mmskin_build.stage import Program

distributed = pytest.importorskip("distributed", reason="the extra 'dask' is not installed")


def test_the_same_parts_as_the_local_engine(toy: Toy, client: Any) -> None:
    toy.book("long", *LINES)
    toy.book("short", "one", "die", "three")
    toy.build()
    local = parts(toy.root)
    toy.root = toy.root.with_name("other")
    toy.build(client=client, range_pages=6)
    assert parts(toy.root) == local


def test_supervision_holds_inside_dask_workers(toy: Toy, client: Any) -> None:
    toy.book("a", "one", "hang", "three")
    toy.book("b", "raise")
    result = toy.build(client=client, page_timeout_s=10.0)
    assert toy.verdicts() == ["a-1", "a-3"]
    assert [(r.record_id, r.reason) for r in toy.rejects("read")] == [("a:p2", "page_timeout")]
    assert "unbearable" in result.failed["b"]


class KillOneAt(Quiet):
    """Kill a dask worker process when a part is done."""

    def __init__(self, worker: Any) -> None:
        super().__init__()
        self._worker = worker

    def advance(self, stage: str, key: str, *, fresh: bool) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait(10)
            self._worker = None


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers as on a cluster, without nannies."""
    with distributed.LocalCluster(
        n_workers=0, processes=False, dashboard_address=None, protocol="tcp"
    ) as cluster:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", cluster.scheduler_address]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command += ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
        workers = [subprocess.Popen([*command, "--name", f"w{i}"], env=env) for i in range(2)]
        try:
            with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
                client.wait_for_workers(2, timeout=120)
            yield cluster.scheduler_address, workers
        finally:
            for worker in workers:
                worker.kill()
                worker.wait(10)


def test_a_lost_worker_costs_nothing_but_time(
    toy: Toy, machines: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, workers = machines
    for name in "abcdef":
        toy.book(name, *LINES)
    toy.build()
    local = parts(toy.root)
    toy.root = toy.root.with_name("other")
    with cluster_client(address, 1) as client:
        result = toy.build(client=client, range_pages=5, progress=KillOneAt(workers[0]))
    assert result.failed == {}
    assert workers[0].poll() is not None
    assert workers[1].poll() is None
    assert parts(toy.root) == local


def test_a_worker_with_another_program_is_refused_by_name(tmp_path: Path, client: Any) -> None:
    stage = replace(TOYS[0], programs=(Program("tesseract"),))
    book = tmp_path / "a.pdf"
    book.write_text("one", encoding="utf-8")
    source = Source(source_id="a", path=str(book), sha256="")
    planned = {"code": code_digest(stage), "program tesseract": "tesseract 0.1"}
    task = Task(stage, ToySettings(), (source,), planned, {}, tmp_path / "build", tmp_path)
    pool = DaskPool(client, RunnerSettings())
    pool.submit(task)
    events: list[Event] = []
    while not events:
        events = pool.events()
    assert isinstance(events[0], Failed)
    assert isinstance(events[0].fatal, StageError)
    here = re.escape(program_version("tesseract"))
    told = rf"dask worker .* has another program tesseract .*{here} there, tesseract 0\.1"
    assert re.search(told, str(events[0].fatal))
    assert not (tmp_path / "build").exists()


def test_no_scheduler_at_the_address_is_said_so() -> None:
    with (
        pytest.raises(StageError, match="no dask scheduler answers"),
        cluster_client("tcp://127.0.0.1:9", 1),
    ):
        pass


def test_a_missing_extra_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "distributed":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with (
        pytest.raises(MissingDependencyError, match=r"pip install .*\[dask\]") as caught,
        cluster_client("", 1),
    ):
        pass
    assert caught.value.exit_code == ExitCode.DEPENDENCY
