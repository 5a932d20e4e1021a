"""Start real builds, kill them or their workers, and compare what they leave."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
from repository import ROOT

AT_A_WRITE = ROOT / "tests" / "reliability" / "at_a_write"


class Builder:
    """Builds over a folder of books, each in a process group of its own, as a shell starts them."""

    def __init__(self, books: Path, folder: Path, *args: str) -> None:
        self.root = folder
        self.where = ("--pdfs", str(books), "--workers", "2")
        self.args = args

    def start(self, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "stages", "build", *self.where, *self.args]
        return subprocess.Popen(
            [*command, "--build-dir", str(self.root)],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_listen_to_ctrl_c,
        )

    def finish(self) -> str:
        """Run to the end and return what was said; fails the test when the build fails."""
        process = self.start()
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
        return out + err

    def die_at_change(self, number: int) -> bool:
        """Run until some process of the build makes its Nth change to the folder, and dies of it.

        Returns whether there were as many changes. The build goes on when a worker died.
        """
        count = self.root.with_name(f"{self.root.name}-{number}.count")
        found = os.environ.get("PYTHONPATH", "")
        process = self.start(
            PYTHONPATH=f"{AT_A_WRITE}:{found}" if found else str(AT_A_WRITE),
            KILL_FOLDER=str(self.root),
            KILL_COUNT=str(count),
            KILL_AT=str(number),
        )
        process.communicate(timeout=600)
        return count.stat().st_size >= number

    def result(self) -> dict[str, str]:
        """Return a digest of every table's and reject file's rows, and of the release's files."""
        found = {}
        for folder in ("tables", "rejects"):
            for file in (self.root / folder).glob("*.parquet"):
                rows = pq.read_table(file).to_pylist()
                found[f"{folder}/{file.name}"] = hashlib.sha256(repr(rows).encode()).hexdigest()
        for file in sorted((self.root / "release").rglob("*")):
            if file.is_file():
                name = str(file.relative_to(self.root))
                found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
        return found

    def leftovers(self) -> list[str]:
        """Return files that no finished build leaves behind.

        Those of the review folder are swept an hour later: a review page may be writing them.
        """
        hidden = {".lock", ".merged", ".merged.json"}
        names = [p for p in self.root.rglob(".*") if p.name not in hidden]
        names = [p for p in names if self.root / "review" not in p.parents]
        return [str(p.relative_to(self.root)) for p in names]


def _listen_to_ctrl_c() -> None:
    """Undo what a shell does to the jobs it starts in the background: they ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes below one."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield int(child)
        yield from descendants(int(child))


def wait_for_workers(process: subprocess.Popen[str], file: Path) -> list[int]:
    """Return the processes below a build once it works: ``file`` exists and workers run."""
    while process.poll() is None:
        below = list(descendants(process.pid))
        if below and file.exists():
            return below
        time.sleep(0.02)
    raise AssertionError(f"the build ended before it could be killed: {process.communicate()}")


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and waits for its parent's call does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def all_gone(pids: list[int], patience_s: float = 20.0) -> bool:
    """Whether processes end within a while."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if not any(is_alive(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def kill(pid: int) -> None:
    """Kill a process that may have ended."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
