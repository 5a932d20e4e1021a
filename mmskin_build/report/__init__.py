"""One self-contained page about a build: what came in, what came out, what was dropped and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_report(build_dir: Path) -> Path:
    """Write ``report/index.html`` below the build folder and return it.

    Raises:
        ConfigError: there is nothing built yet.
    """
    from mmskin_build.report.page import write_page

    return write_page(build_dir)
