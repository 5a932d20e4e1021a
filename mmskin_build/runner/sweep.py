"""Clear away what a killed run left half-written; finished parts are never hidden folders."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from mmskin_build.runner.layout import Layout


def sweep(layout: Layout, made_folders: Iterable[str]) -> None:
    """Remove hidden leftovers; the caller holds the build folder, so that none is in the making."""
    patterns = [
        "parts/*/.*",
        "ranges/*/*/.*",
        "images/??/.*",
        *(f"{name}/.*.old-*" for name in made_folders),
    ]
    for pattern in patterns:
        for left in list(layout.root.glob(pattern)):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
