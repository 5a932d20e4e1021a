"""How often a task that failed is tried again, and when it is tried without a page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from mmskin_build.runner.pool import Cause, Failed

MAX_DEATHS = 3  # of a worker at one place: somebody may kill one or two, a bad page kills all
MAX_FAULTY_PAGES = 5  # of a book, by exceptions: more are no fault of the pages


@dataclass(slots=True)
class Patience:
    """Counts what happened to the tasks of one run."""

    _deaths: Counter[tuple[str, str, int | None]] = field(default_factory=Counter)
    _faults: Counter[tuple[str, str]] = field(default_factory=Counter)

    def may_repeat(self, event: Failed) -> bool:
        """Whether the task is handed out again as it is: the worker may have been killed."""
        if event.cause is not Cause.DEATH:
            return False
        place = (event.task.stage.name, event.task.key, event.page)
        self._deaths[place] += 1
        return self._deaths[place] < MAX_DEATHS

    def may_skip_page(self, event: Failed) -> bool:
        """Whether the task is handed out again without the page it failed on."""
        if event.page is None:
            return False
        if event.cause is not Cause.FAULT:
            return True
        book = (event.task.stage.name, event.task.key)
        self._faults[book] += 1
        return self._faults[book] <= MAX_FAULTY_PAGES
