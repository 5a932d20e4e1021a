"""One build per build folder: the second is told who holds it."""

from __future__ import annotations

import fcntl
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmskin_build.errors import ConfigError, StageError


@contextmanager
def build_lock(root: Path) -> Iterator[None]:
    """Hold the build folder for this process.

    Raises:
        ConfigError: another process is building in it (its number is named).
        StageError: the folder cannot be written.
    """
    path = root / ".lock"
    try:
        root.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise StageError(f"{root}: the build folder cannot be written: {error.strerror}") from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            raise ConfigError(
                f"{root}: {handle.read().strip() or 'another process'} is building here; wait "
                "for it, or give this build another --build-dir"
            ) from None
        handle.truncate(0)
        started = time.strftime("%Y-%m-%d %H:%M:%S")
        handle.write(f"process {os.getpid()} on {platform.node()} (since {started})")
        handle.flush()
        yield
