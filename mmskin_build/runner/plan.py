"""What a build is asked to do, and the inputs that decide whether a part is fresh."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mmskin_build.config import RunnerSettings, published
from mmskin_build.records import Source
from mmskin_build.runner.code import code_digests
from mmskin_build.runner.layout import LIBRARY, Layout
from mmskin_build.runner.made import Receipts
from mmskin_build.runner.programs import program_inputs
from mmskin_build.runner.receipts import digest_of, digest_of_file
from mmskin_build.runner.task import TableFiles, Task
from mmskin_build.sources import profile_file
from mmskin_build.stage import Recipe, Scope, Stage


@dataclass(frozen=True, slots=True)
class Plan:
    """One build: the stages in order, their settings, the books and the folders.

    ``first`` and ``last`` are indexes into ``stages``: what lies before ``first`` is taken as it
    is, what lies after ``last`` is not run. ``is_unchanged`` tells of a book's file whether it is
    still the one that its source's digest was taken of.
    """

    stages: tuple[Stage, ...]
    settings: Mapping[str, Any]
    sources: tuple[Source, ...]
    layout: Layout
    manifests: Path
    runner: RunnerSettings
    workers: int
    first: int
    last: int
    is_unchanged: Callable[[Path], bool] = lambda file: True
    _known_inputs: dict[str, dict[str, str]] = field(default_factory=dict, init=False)
    _producers: dict[str, Stage] = field(default_factory=dict, init=False)

    @property
    def limits(self) -> str:
        """The limits on a page, in words for receipts of parts that lack one."""
        runner = self.runner
        return f"page {runner.page_timeout_s:g} s, memory {runner.worker_memory_mb} MiB"

    @property
    def recipe(self) -> Recipe:
        """How the build is made, for the stage that records it."""
        return Recipe(self.settings, {s.name: s.version for s in self.stages})

    def segments(self) -> list[tuple[Stage, ...]]:
        """Return the stages to consider, cut where a library stage waits for every book."""
        cut: list[tuple[Stage, ...]] = []
        for stage in self.stages[: self.last + 1]:
            if stage.scope is Scope.LIBRARY or not cut or cut[-1][0].scope is Scope.LIBRARY:
                cut.append((stage,))
            else:
                cut[-1] = (*cut[-1], stage)
        return cut

    def is_frozen(self, stage: Stage) -> bool:
        """Whether a stage lies before the first one to run."""
        return self.stages.index(stage) < self.first

    def producer(self, table: str) -> Stage:
        """Return the stage that writes a table."""
        if not self._producers:
            self._producers.update({r.table: s for s in self.stages for r in s.makes})
        return self._producers[table]

    def task(self, stage: Stage, sources: tuple[Source, ...], receipts: Receipts) -> Task:
        """Return the task of a stage for one book, or for the library, without its tables.

        Which files it reads is only asked when it has to be done (``files``, ``gather``).
        """
        return Task(
            stage=stage,
            settings=self.settings.get(stage.section),
            sources=sources,
            inputs=self._inputs(stage, sources, receipts),
            tables={},
            build_dir=self.layout.root,
            manifests=self.manifests,
            limits=self.limits,
            length=self._length(stage, sources, receipts),
            range_pages=self.runner.range_pages,
            recipe=self.recipe if stage.records_recipe else Recipe(),
        )

    def _inputs(
        self, stage: Stage, sources: tuple[Source, ...], receipts: Receipts
    ) -> dict[str, str]:
        inputs = dict(self._inputs_of_stage(stage))
        inputs["sources"] = digest_of(tuple(_identity(s, stage.scope) for s in sources))
        for source in sources:
            if profile := profile_file(source):
                inputs[f"profile {source.profile}"] = digest_of_file(profile)
        for record in stage.needs:
            inputs[f"table {record.table}"] = self._table_digest(record.table, sources, receipts)
        return inputs

    def _inputs_of_stage(self, stage: Stage) -> dict[str, str]:
        """Return the inputs that are the same for every book; looked at once in a run."""
        if stage.name in self._known_inputs:
            return self._known_inputs[stage.name]
        settings = self.settings.get(stage.section)
        inputs = {
            "stage version": str(stage.version),
            "settings": digest_of(settings),
            "code": code_digest(stage),
        }
        for pattern in stage.manifests:
            files = sorted(self.manifests.glob(pattern))
            inputs[f"manifests/{pattern}"] = digest_of([(f.name, digest_of_file(f)) for f in files])
        inputs |= program_inputs(stage.programs, settings)
        if stage.records_recipe:
            inputs["recipe"] = digest_of((published(self.settings), self.recipe.versions))
        self._known_inputs[stage.name] = inputs
        return inputs

    def _length(self, stage: Stage, sources: tuple[Source, ...], receipts: Receipts) -> int:
        """Return how many pages a book has, 0 before the first stage counted them."""
        if stage.scope is Scope.LIBRARY:
            return 0
        made = (self.producer(r.table).name for r in stage.needs)
        return max((receipts.pages(name, sources[0].source_id) for name in made), default=0)

    def _table_digest(self, table: str, sources: tuple[Source, ...], receipts: Receipts) -> str:
        producer = self.producer(table)
        whole = producer.scope is Scope.LIBRARY
        return digest_of(
            [
                receipts.table_digest(
                    producer.name, LIBRARY if whole else s.source_id, table, s.source_id
                )
                for s in sources
            ]
        )

    def files(self, stage: Stage, source: Source, receipts: Receipts) -> dict[str, TableFiles]:
        """Return the files a stage reads of one book; a part without a row is not opened."""
        found: dict[str, TableFiles] = {}
        for record in stage.needs:
            table, producer = record.table, self.producer(record.table)
            if producer.scope is Scope.LIBRARY:
                found[table] = self.library_file(table)
                continue
            made = receipts.part(producer.name, source.source_id, table)
            part = self.layout.part(producer.name, source.source_id) / f"{table}.parquet"
            found[table] = TableFiles((part,) if made and made[1] else (), shared=False)
        return found

    def library_file(self, table: str) -> TableFiles:
        """Return the file of a table that a library stage makes."""
        part = self.layout.part(self.producer(table).name, LIBRARY)
        return TableFiles((part / f"{table}.parquet",), shared=True)


def _identity(source: Source, scope: Scope) -> tuple[str, ...]:
    """What of a source a stage may see: a book's title changes no box, but changes the card."""
    if scope is not Scope.LIBRARY:
        return (source.source_id, source.sha256, source.profile)
    values = (source.title, source.edition, source.year, source.publisher, source.identifier)
    return (source.source_id, source.sha256, *values, source.licence, source.redistribute)


@cache
def code_digest(stage: Stage) -> str:
    """Return the digest of all code a stage can reach."""
    return digest_of(sorted(code_digests(_module_file(stage)).items()))


def _module_file(stage: Stage) -> Path:
    file = importlib.import_module(stage.run.__module__).__file__
    assert file is not None
    return Path(file)


def check_wiring(stages: Iterable[Stage]) -> None:
    """Refuse a pipeline in which a table has two writers or is needed before it is made."""
    made: dict[str, str] = {}
    for stage in stages:
        for record in stage.needs:
            if record.table not in made:
                raise ValueError(f"stage {stage.name} needs {record.table}, made by no stage above")
        for record in stage.makes:
            if record.table in made:
                raise ValueError(
                    f"{record.table}: written by {made[record.table]} and {stage.name}"
                )
            made[record.table] = stage.name
