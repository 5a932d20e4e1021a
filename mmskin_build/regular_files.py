"""Ask about a file before it is opened: a pipe or a device would be read for ever."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def stat_regular(file: Path) -> os.stat_result:
    """Return the status of a regular file, links followed.

    Raises:
        OSError: there is none, it cannot be reached, or it is no regular file.
    """
    seen = file.stat()
    if stat.S_ISDIR(seen.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(file))
    if not stat.S_ISREG(seen.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(file))
    return seen
