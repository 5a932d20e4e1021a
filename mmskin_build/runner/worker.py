"""The child process that runs tasks: it reports pages as heartbeats and dies with its parent."""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from mmskin_build.errors import MmskinError, StageError, disk_trouble
from mmskin_build.runner.part import run_task
from mmskin_build.runner.ranges import LongBook
from mmskin_build.runner.receipts import Receipt
from mmskin_build.runner.task import Task

_PR_SET_PDEATHSIG = 1


# No multiprocessing.Process: a daemonic process (a dask worker) may not start one, and it would
# import the main module again.
_BOOT = (
    "import sys; sys.path[:] = sys.argv[2:]; from mmskin_build.runner import worker; worker.main()"
)
# Workers are as many as cores: none may compute on more than one, whatever the shell says.
ONE_CORE = {
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",  # tesseract's
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
}
Process = subprocess.Popen[bytes]
Answer = Receipt | LongBook | MmskinError | str


def start_worker(connection: Connection) -> Process:
    """Start a process that serves tasks from its end of a pipe."""
    number = connection.fileno()
    return subprocess.Popen(
        [sys.executable, "-c", _BOOT, str(number), *map(os.path.abspath, sys.path)],
        stdin=subprocess.DEVNULL,
        env={**os.environ, **ONE_CORE},
        pass_fds=(number,),
        process_group=0,  # from its first moment: Ctrl-C is for the parent
    )


def main() -> None:
    """Serve the pipe whose number stands on the command line."""
    serve(Connection(int(sys.argv[1])))


def serve(connection: Connection) -> None:
    """Run tasks from the connection until it closes.

    Answers: ``("page", n)`` while working, then ``("done", Receipt)``, ``("error", MmskinError)``
    for a fault that ends the build, ``("fault", text)`` for one that fails this source only,
    ``("page_fault", text)`` for one that the page at hand may be to blame for, ``("page_memory",
    text)`` when the kernel refused it memory, or ``("long", LongBook)`` when the book is to be
    done in page ranges.
    """
    _settle()
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(_attempt(task, connection))


def _settle() -> None:
    """Lead a process group of its own (so that children die too) and die with the parent."""
    os.setpgid(0, 0)
    # Rows by the ten thousand and no cycles among them: looking for some takes time for nothing.
    gc.set_threshold(100_000, 20, 20)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _attempt(task: Task, connection: Connection) -> tuple[str, Answer]:
    try:
        return "done", run_task(task, lambda page: connection.send(("page", page)))
    except LongBook as found:
        return "long", found
    except MmskinError as error:
        return "error", error
    except OSError as error:
        if trouble := disk_trouble(error):
            return "error", StageError(f"{task.name}: {_place(error, task.build_dir)}: {trouble}")
        return "fault", _log(task)
    except MemoryError:
        return "page_memory", f"more memory asked for than the limit allows; {_log(task)}"
    except BaseException:  # whatever a document provokes must not end the build
        return "page_fault", _log(task)


def _place(error: OSError, build_dir: Path) -> str:
    """Return where a disk is in trouble: writing tells no name, and programs use a second place."""
    if error.filename:
        return str(error.filename)
    temporary = Path(tempfile.gettempdir())
    if error.errno == errno.ENOSPC and _free(temporary) < _free(build_dir):
        return f"{temporary}, the folder for temporary files (another one: TMPDIR)"
    return str(build_dir)


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _log(task: Task) -> str:
    """Keep the traceback in build/logs and return its last line."""
    text = traceback.format_exc()
    folder = task.build_dir / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{task.stage.name}-{Path(task.key).name[:80]}.log"
        (folder / name).write_text(text, encoding="utf-8")
    except OSError:
        return text.strip().splitlines()[-1]
    return f"{text.strip().splitlines()[-1]} (traceback: {folder / name})"
