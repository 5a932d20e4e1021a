"""One writer of the review queues at a time: a page, another page, or a build."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def queue_lock(folder: Path) -> Iterator[None]:
    """Wait for the folder of the queues and hold it; a process that dies lets go of it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
