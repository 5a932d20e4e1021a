"""One task: what a worker needs to make one part. Plain data; it travels to other machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmskin_build.records import Source
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.runner.layout import LIBRARY, Layout
from mmskin_build.stage import Recipe, Scope, Stage


@dataclass(frozen=True, slots=True, order=True)
class PageRange:
    """Pages ``first`` to ``last``, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        """Return a name that sorts like the range."""
        return f"{self.first:06d}-{self.last:06d}"

    def __contains__(self, page: int) -> bool:
        """Whether a page lies in the range."""
        return self.first <= page <= self.last


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The part files that hold one table, and whether rows of other sources stand in them."""

    paths: tuple[Path, ...]
    shared: bool  # written by a library stage: filter by source_id


@dataclass(frozen=True, slots=True)
class Task:
    """Everything a worker needs to make one part."""

    stage: Stage
    settings: Any
    sources: tuple[Source, ...]
    inputs: dict[str, str]
    tables: dict[str, TableFiles]
    build_dir: Path
    manifests: Path
    limits: str = ""
    length: int = 0  # pages of the book, as far as known
    range_pages: int = 100  # a longer book is done in ranges where the stage allows it
    pages: PageRange | None = None  # only these pages
    ranges: tuple[PageRange, ...] = ()  # put the part together from these finished ranges
    skip_pages: dict[int, RejectReason] = field(default_factory=dict)
    recipe: Recipe = field(default_factory=Recipe)

    @property
    def key(self) -> str:
        """The source's id, or LIBRARY."""
        return LIBRARY if self.stage.scope is Scope.LIBRARY else self.sources[0].source_id

    @property
    def folder(self) -> Path:
        """Where the result is put."""
        layout = Layout(self.build_dir)
        if self.pages is not None:
            return layout.range(self.stage.name, self.key, str(self.pages))
        return layout.part(self.stage.name, self.key)

    @property
    def name(self) -> str:
        """For messages: stage and source."""
        whole = self.stage.scope is Scope.LIBRARY
        return f"{self.stage.name} of {'the library' if whole else self.key}"
