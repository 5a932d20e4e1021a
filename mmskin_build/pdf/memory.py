"""Hand memory back to the operating system between documents and after large pictures."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

RETURN_ALL = 0  # bytes the allocator may keep


def give_back_memory() -> None:
    """Empty MuPDF's store and return free heap to the system.

    Decoded pictures lie between small long-lived blocks; glibc keeps such a heap at its highest
    mark for ever, so that a worker would grow with every book it draws pictures of. Takes a
    few milliseconds; elsewhere than on glibc only the store is emptied.
    """
    import pymupdf

    pymupdf.TOOLS.store_shrink(100)
    trim = _malloc_trim()
    if trim is not None:
        trim(RETURN_ALL)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return None
    return trim
