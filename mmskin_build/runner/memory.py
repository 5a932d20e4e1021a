"""Peak memory of this process, as the operating system counts it."""

from __future__ import annotations

import resource
from pathlib import Path


def reset_peak() -> None:
    """Start the peak-memory count anew where the kernel offers it (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def peak_mb() -> float:
    """Return the peak resident memory in MiB since the last reset."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        line = next(row for row in status.splitlines() if row.startswith("VmHWM"))
        return round(int(line.split()[1]) / 1024, 1)
    except (OSError, StopIteration):
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
