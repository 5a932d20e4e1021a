"""Progress for people: live bars on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import time
from typing import Protocol

from rich import progress as bars
from rich.console import Console
from rich.markup import escape

from mmskin_build.runner.layout import LIBRARY

PLAIN_EVERY_S = 15.0


class Progress(Protocol):
    """What a build tells while it runs."""

    def begin(self, stage: str, units: int) -> None:
        """A stage is about to be brought up to date for so many books (1: the library)."""

    def reason(self, stage: str, key: str, why: str) -> None:
        """A part is made (again), and why."""

    def page(self, stage: str, key: str, page: int) -> None:
        """A worker began a page."""

    def advance(self, stage: str, key: str, *, fresh: bool) -> None:
        """One part is done, or was fresh."""

    def lose(self, stage: str, key: str) -> None:
        """A book that failed in an earlier stage will not come to this one."""

    def message(self, text: str) -> None:
        """Something the user should know."""

    def close(self) -> None:
        """The build is over."""


class BarProgress:
    """One bar per stage on a terminal."""

    def __init__(self, console: Console) -> None:
        """Draw on ``console``."""
        self._bars = bars.Progress(
            bars.TextColumn("{task.description:<13}"),
            bars.BarColumn(bar_width=28),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
            bars.TextColumn("[dim]{task.fields[note]}"),
            console=console,
        )
        self._ids: dict[str, bars.TaskID] = {}
        self._bars.start()

    def begin(self, stage: str, units: int) -> None:
        """Add a bar."""
        self._ids[stage] = self._bars.add_task(stage, total=units, note="")

    def reason(self, stage: str, key: str, why: str) -> None:
        """Show what is being made."""
        name = "library" if key == LIBRARY else key
        self._bars.update(self._ids[stage], note=escape(f"{name} ({why})"))

    def page(self, stage: str, key: str, page: int) -> None:
        """Show the page."""
        self._bars.update(self._ids[stage], note=escape(f"{key} page {page}"))

    def advance(self, stage: str, key: str, *, fresh: bool) -> None:
        """Move the bar."""
        task = self._ids[stage]
        self._bars.advance(task)
        state = self._bars.tasks[task]
        if state.finished:
            self._bars.update(task, note="fresh" if fresh else "")

    def lose(self, stage: str, key: str) -> None:
        """Expect one part less."""
        task = self._ids[stage]
        self._bars.update(task, total=(self._bars.tasks[task].total or 1) - 1)

    def message(self, text: str) -> None:
        """Print above the bars."""
        self._bars.console.print(text, markup=False, highlight=False)

    def close(self) -> None:
        """Stop drawing."""
        self._bars.stop()


class PlainProgress:
    """A line when a stage is complete, and one now and then while it is not."""

    def __init__(self, console: Console) -> None:
        """Print on ``console``."""
        self._console = console
        self._left: dict[str, int] = {}
        self._units: dict[str, int] = {}
        self._made: dict[str, int] = {}
        self._last = time.monotonic()

    def begin(self, stage: str, units: int) -> None:
        """Remember how many parts a stage has."""
        self._left[stage] = self._units[stage] = units
        self._made[stage] = 0

    def reason(self, stage: str, key: str, why: str) -> None:
        """Say nothing: the stage line counts what was made."""

    def page(self, stage: str, key: str, page: int) -> None:
        """Give a sign of life now and then."""
        if time.monotonic() - self._last >= PLAIN_EVERY_S:
            self._print(f"{stage}: {key} page {page}")

    def advance(self, stage: str, key: str, *, fresh: bool) -> None:
        """Print the stage once it is complete."""
        self._left[stage] -= 1
        self._made[stage] += not fresh
        self._tell_complete(stage)

    def lose(self, stage: str, key: str) -> None:
        """Expect one part less."""
        self._left[stage] -= 1
        self._units[stage] -= 1
        self._tell_complete(stage)

    def _tell_complete(self, stage: str) -> None:
        if self._left[stage] == 0 and self._units[stage]:
            made = self._made[stage]
            units = self._units[stage]
            self._print(
                f"{stage}: {made} made, {units - made} fresh" if made else f"{stage}: fresh"
            )

    def message(self, text: str) -> None:
        """Print a line."""
        self._print(text)

    def close(self) -> None:
        """Nothing is left open."""

    def _print(self, text: str) -> None:
        self._last = time.monotonic()
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


def progress_for(console: Console) -> Progress:
    """Return bars on a terminal, plain lines elsewhere."""
    return BarProgress(console) if console.is_terminal else PlainProgress(console)
