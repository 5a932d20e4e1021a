"""What the training commands show: console, progress bar, and the newest run by default."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from mmskin_build.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = Path("build/runs")
# Of several processes (torchrun, accelerate launch) only the first one speaks.
_SILENT = os.environ.get("RANK", "0") != "0"
out = Console(quiet=_SILENT)
err = Console(stderr=True, quiet=_SILENT)


def newest_run() -> Path:
    """Return the run folder finished last.

    Raises:
        ConfigError: there is none.
    """
    from mmskin_build.train.run_card import FILE_NAME

    found = sorted(RUNS.glob(f"*/{FILE_NAME}"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise ConfigError(f"{RUNS}: no finished training run; run `make train` first")
    return found[-1].parent


def quiet() -> None:
    """Keep transformers' own bars and warnings away from ours."""
    import warnings

    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")


class Bar:
    """A progress bar on a terminal; elsewhere a plain line at every tenth."""

    def __init__(self, title: str) -> None:
        """Nothing is shown before the first report."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._title = title
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeRemainingColumn(),
            console=err,
            disable=not err.is_terminal,
        )
        self._task = self._progress.add_task(title, total=None)
        self._tenth = -1

    def __enter__(self) -> Bar:
        """Start drawing."""
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Leave the last state on the screen."""
        self._progress.stop()

    @property
    def losses(self) -> Callable[[int, int, float], None]:
        """Return a callback for training: step, steps in all, loss."""
        return lambda step, total, loss: self._show(step, total, f"loss {loss:.3f}")

    @property
    def count(self) -> Callable[[int, int], None]:
        """Return a callback for answering: answered, in all."""
        return lambda done, total: self._show(done, total, "")

    def _show(self, done: int, total: int, note: str) -> None:
        text = f"{self._title} {note}".rstrip()
        self._progress.update(self._task, completed=done, total=total, description=text)
        tenth = 10 * done // max(1, total)
        if not err.is_terminal and tenth != self._tenth:
            err.print(f"{text} {done}/{total}", highlight=False)
            self._tenth = tenth
