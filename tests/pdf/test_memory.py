import sys
from pathlib import Path

import pytest

from mmskin_build.pdf.memory import _malloc_trim, give_back_memory

BLOCK, BLOCKS = 100_000, 1_000  # bytes; below what the allocator maps apart


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@pytest.mark.skipif(
    sys.platform != "linux" or _malloc_trim() is None, reason="only glibc can return its heap"
)
def test_memory_held_open_by_small_blocks_goes_back_to_the_system() -> None:
    give_back_memory()
    before = resident_mb()
    held = [(bytearray(b"x") * BLOCK, bytes(600)) for _ in range(BLOCKS)]
    kept = [small for _, small in held]
    del held
    give_back_memory()
    assert resident_mb() - before < 0.2 * BLOCK * BLOCKS / 2**20
    assert len(kept) == BLOCKS
