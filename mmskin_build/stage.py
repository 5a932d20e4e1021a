"""What a stage is: a pure function from records to records or rejects, plus a declaration.

A stage never opens or writes tables; it asks its context for rows and yields rows. The runner
(``mmskin_build.runner``) does files, caching, progress and workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TypeVar

from mmskin_build.images import ImageStore
from mmskin_build.records import Record, Source

R = TypeVar("R", bound=Record)


class Scope(StrEnum):
    """How much of the library one call of a stage sees."""

    PAGES = "pages"  # a row depends on its own page only: long books are made in page ranges
    SOURCE = "source"  # one call per book, in parallel
    LIBRARY = "library"  # one call over all books, when every book is ready


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a build was made, for a stage that records it.

    Attributes:
        settings: of every section, as the stages get them.
        versions: of every stage of the pipeline.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)


class StageContext(Protocol):
    """What the runner hands to a stage."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """The book at hand (scopes PAGES and SOURCE: exactly one) or all books (LIBRARY)."""

    @property
    def images(self) -> ImageStore:
        """The content-addressed image store."""

    @property
    def output_dir(self) -> Path:
        """An empty folder for a stage that makes files (export); renamed into place at the end."""

    @property
    def recipe(self) -> Recipe:
        """How the whole build is made; empty unless the stage records it."""

    def rows(self, record: type[R]) -> Iterator[R]:
        """Stream the rows of a needed table, in stored order; may be called again.

        In a call for a page range only rows of these pages come.
        """

    def pages(self, count: int) -> range:
        """Return which of a book's ``count`` pages to work on: all, or the range of this call."""

    def manifest(self, pattern: str) -> tuple[Path, ...]:
        """Return the files below ``manifests/`` that match a declared pattern, sorted."""

    def enter_page(self, page: int) -> bool:
        """Announce work on a page (heartbeat). False: skip it, it broke a worker before."""


@dataclass(frozen=True, slots=True)
class Program:
    """An outside program that a stage calls; another version may make other rows.

    Attributes:
        name: as it is called; ``name --version`` tells its version.
        data: from the stage's settings the files that the program has learnt from and reads
            by itself, by name; None for none.
    """

    name: str
    data: Callable[[Any], Mapping[str, Path]] | None = None


StageFunction = Callable[[StageContext, Any], Iterator[Record]]


@dataclass(frozen=True, slots=True)
class Stage:
    """Declaration of one stage.

    Attributes:
        name: as on the command line.
        run: ``run(context, settings)`` yields records of ``makes`` or ``Reject`` rows.
        needs: record types whose tables it reads.
        makes: record types it writes; nothing else writes them. A row of a subclass, which has
            the same columns, is filed under its parent.
        section: config section handed to ``run`` as ``settings``; '' for none.
        version: raised when rows change although the code digest would not show it.
        scope: one call per page range, per book, or one for the library.
        manifests: glob patterns below ``manifests/`` whose content is an input.
        programs: outside programs it calls; their versions and data are inputs.
        makes_folder: name below build/ of a folder it writes through ``output_dir``; '' for none.
        records_recipe: its output tells the settings of the whole build, which are then an input.
        help: one line for ``stages list``.
    """

    name: str
    run: StageFunction
    needs: tuple[type[Record], ...]
    makes: tuple[type[Record], ...]
    section: str = ""
    version: int = 1
    scope: Scope = Scope.SOURCE
    manifests: tuple[str, ...] = ()
    programs: tuple[Program, ...] = ()
    makes_folder: str = ""
    records_recipe: bool = False
    help: str = ""

    def made_as(self, kind: type[Record]) -> type[Record] | None:
        """Return the type of ``makes`` under which rows are filed: their own or its parent."""
        return next((parent for parent in kind.__mro__ if parent in self.makes), None)
