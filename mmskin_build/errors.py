"""Errors a user can meet, each with a documented exit code and a message that names the fix.

Trouble with one record is never an exception: it is a ``Reject`` row (see ``records``).
"""

from __future__ import annotations

import errno
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of ``python -m stages``."""

    OK = 0
    CONFIG = 2
    SOURCE = 3
    REVIEW = 4
    LEAKAGE = 5
    LICENCE = 6
    DEPENDENCY = 7
    INTERNAL = 8
    MISMATCH = 9


class MmskinError(Exception):
    """Base of every error meant for the user; the message says what, where and how to mend it."""

    exit_code: ExitCode = ExitCode.INTERNAL


class ConfigError(MmskinError):
    """A bad config file, command-line argument or manifest cell."""

    exit_code = ExitCode.CONFIG


class SourceError(MmskinError):
    """No readable source, or a source that is not the file its checksum vouches for."""

    exit_code = ExitCode.SOURCE


class ReviewError(MmskinError):
    """A review file with a bad label, an unknown id or a stale image; lists the rows."""

    exit_code = ExitCode.REVIEW


class LeakageError(MmskinError):
    """A group of related images found in two splits."""

    exit_code = ExitCode.LEAKAGE


class LicenceError(MmskinError):
    """A public release that would embed what a source does not allow."""

    exit_code = ExitCode.LICENCE


class MismatchError(MmskinError):
    """A rebuild whose rows are not those of the release it was made from."""

    exit_code = ExitCode.MISMATCH


class MissingDependencyError(MmskinError):
    """A program or an optional extra that is not installed; names the command that installs it."""

    exit_code = ExitCode.DEPENDENCY


class StageError(MmskinError):
    """A fault inside a stage, wrapped with the stage and the record it was working on."""

    exit_code = ExitCode.INTERNAL


_DISK_TROUBLES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "a file would grow beyond what this account may write",
    errno.EROFS: "the disk is read-only",
}


def disk_trouble(error: OSError) -> str:
    """Return what is wrong with the disk and how to go on, '' when the error is another one."""
    trouble = _DISK_TROUBLES.get(error.errno or 0, "")
    return trouble and (
        f"{trouble}; make room or give another place, and run the same command again: what is "
        "finished is kept"
    )
