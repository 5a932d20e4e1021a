"""Outside programs that stages call, and their data: others may read pages differently."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from mmskin_build.runner.receipts import digest_of_file
from mmskin_build.stage import Program

VERSION_TIMEOUT_S = 30.0
MISSING = "not installed"


def program_inputs(programs: Iterable[Program], settings: Any) -> dict[str, str]:
    """Return the versions of programs on this machine, and digests of the data they read."""
    found: dict[str, str] = {}
    for program in programs:
        found[f"program {program.name}"] = program_version(program.name)
        for name, file in (program.data(settings) if program.data else {}).items():
            stat = file.stat()
            found[f"program {program.name}, data {name}"] = _digest(
                file, stat.st_size, stat.st_mtime_ns
            )
    return found


@cache
def _digest(file: Path, size: int, changed_ns: int) -> str:
    return digest_of_file(file)[:16]


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
