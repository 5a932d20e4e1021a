"""The built-in sample: synthetic books, typeset and drawn by the program itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_sample(folder: Path) -> list[Path]:
    """Typeset the built-in synthetic books into ``folder`` and return the PDF files."""
    from mmskin_build.sample.printing import write_sample as write

    return write(folder)
