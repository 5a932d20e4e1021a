"""Clear away what a killed run left half-written; finished parts are never hidden folders."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from mmskin_build.runner.layout import Layout

LONG_S = 3600  # the review page may be writing while a build starts; a write takes no second


def sweep(layout: Layout, made_folders: Iterable[str]) -> None:
    """Remove hidden leftovers; the caller holds the build folder, so that none is in the making."""
    patterns = [
        "parts/*/.*",
        "ranges/*/*/.*",
        "images/??/.*",
        "gathered/.*",
        "tables/.merged/*.part",
        *(f"{name}/.*.old-*" for name in made_folders),
    ]
    found = [left for pattern in patterns for left in layout.root.glob(pattern)]
    for left in [*found, *filter(_is_old, layout.root.glob("review/**/.*"))]:
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _is_old(file: Path) -> bool:
    try:
        return abs(time.time() - file.stat().st_mtime) > LONG_S
    except OSError:
        return False
