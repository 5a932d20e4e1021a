"""One self-contained page about a build: what came in, what came out, what was dropped and why."""

from __future__ import annotations

from pathlib import Path

MANIFESTS = Path("manifests")  # where the command line keeps people's decisions


def write_report(build_dir: Path, manifests: Path = MANIFESTS) -> Path:
    """Write ``report/index.html`` below the build folder and return it.

    Raises:
        ConfigError: there is nothing built yet.
    """
    from mmskin_build.report.page import write_page

    return write_page(build_dir, manifests)
