"""The stage context of a real run: rows from part files, pictures in the build folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow.parquet as pq

from mmskin_build.images import ImageStore
from mmskin_build.records import Record, Source
from mmskin_build.tables import BATCH_ROWS, from_batch

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The part files that hold one table, and whether rows of other sources stand in them."""

    paths: tuple[Path, ...]
    shared: bool  # written by a library stage: filter by source_id


class FileContext:
    """What a worker hands to a stage (see ``mmskin_build.stage.StageContext``)."""

    def __init__(
        self,
        sources: tuple[Source, ...],
        tables: Mapping[str, TableFiles],
        folders: tuple[Path, Path, Path],
        skip_pages: frozenset[int],
        on_page: Callable[[int], None],
    ) -> None:
        """Bind to ``folders`` = (image store, output folder, manifests)."""
        self.sources = sources
        self.images = ImageStore(folders[0])
        self.output_dir = folders[1]
        self._manifests = folders[2]
        self._tables = tables
        self._skip_pages = skip_pages
        self._on_page = on_page

    def rows(self, record: type[R]) -> Iterator[R]:
        """Stream the rows of a needed table."""
        files = self._tables.get(record.table)
        if files is None:
            raise KeyError(f"table {record.table!r} is not among the stage's declared needs")
        wanted = {s.source_id for s in self.sources}
        for path in files.paths:
            yield from _read(path, record, wanted if files.shared else None)

    def manifest(self, pattern: str) -> tuple[Path, ...]:
        """Return the files below ``manifests/`` that match, sorted."""
        return tuple(sorted(self._manifests.glob(pattern)))

    def enter_page(self, page: int) -> bool:
        """Announce work on a page; False when it broke a worker before."""
        if page in self._skip_pages:
            return False
        self._on_page(page)
        return True


def _read(path: Path, record: type[R], wanted: set[str] | None) -> Iterator[R]:
    with pq.ParquetFile(path) as file:
        groups = [g for g in range(file.num_row_groups) if _may_hold(file, g, wanted)]
        if not groups:
            return
        for batch in file.iter_batches(batch_size=BATCH_ROWS, row_groups=groups):
            for row in from_batch(record, batch):
                if wanted is None or row.source_id in wanted:
                    yield row


def _may_hold(file: pq.ParquetFile, group: int, wanted: set[str] | None) -> bool:
    """Tell from the row group's statistics whether a wanted source can be in it."""
    statistics = file.metadata.row_group(group).column(0).statistics
    if wanted is None or statistics is None or not statistics.has_min_max:
        return True
    return any(statistics.min <= source_id <= statistics.max for source_id in wanted)
