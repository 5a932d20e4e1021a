"""A stage context held in memory: for tests, notebooks and single-document commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from mmskin_build.images import ImageStore
from mmskin_build.records import Record, Reject, Source
from mmskin_build.stage import Recipe, Stage

R = TypeVar("R", bound=Record)


class MemoryContext:
    """Run stages on rows kept in lists: ``context.run(EXTRACT, settings)``, then the next.

    Args:
        folder: where images and stage-made folders go (a temporary folder).
        sources: the books; a SOURCE-scoped stage wants exactly one.
        manifests: folder of people's decisions, or None.
    """

    def __init__(
        self, folder: Path, sources: Iterable[Source] = (), manifests: Path | None = None
    ) -> None:
        """Start with no rows."""
        self.sources = tuple(sources)
        self.images = ImageStore(folder / "images")
        self.output_dir = folder / "output"
        self.recipe = Recipe()
        self.rejects: list[Reject] = []
        self._manifests = manifests
        self._tables: dict[type[Record], list[Record]] = {}

    def add(self, rows: Iterable[Record]) -> None:
        """File rows under their own type; rejects go to ``rejects``."""
        for row in rows:
            if isinstance(row, Reject):
                self.rejects.append(row)
            else:
                self._tables.setdefault(type(row), []).append(row)

    def run(self, stage: Stage, settings: Any) -> None:
        """Run one stage on the rows present and file what it yields."""
        self.output_dir.mkdir(parents=True, exist_ok=True)
        for row in list(stage.run(self, settings)):
            kind = stage.made_as(type(row))
            if kind is None:
                self.add([row])
            else:
                self._tables.setdefault(kind, []).append(row)

    def rows(self, record: type[R]) -> Iterator[R]:
        """Stream the rows of one table."""
        for row in self._tables.get(record, []):
            assert isinstance(row, record)
            yield row

    def pages(self, count: int) -> range:
        """Every page is worked on."""
        return range(1, count + 1)

    def manifest(self, pattern: str) -> tuple[Path, ...]:
        """Return matching files of the manifests folder, sorted."""
        return tuple(sorted(self._manifests.glob(pattern))) if self._manifests else ()

    def enter_page(self, page: int) -> bool:
        """Every page may be worked on."""
        return page >= 1
