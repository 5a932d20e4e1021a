"""Versions of the outside programs that stages call: a new one may read pages differently."""

from __future__ import annotations

import subprocess
from functools import cache

VERSION_TIMEOUT_S = 30.0
MISSING = "not installed"


@cache
def program_version(name: str) -> str:
    """Return the first line of ``name --version``; 'not installed' when it cannot be run."""
    try:
        done = subprocess.run(
            [name, "--version"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # older releases print their version there
            timeout=VERSION_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return MISSING
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    return lines[0].strip() if lines else ""
