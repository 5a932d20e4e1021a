"""The stage context of a real run: rows from part files, pictures in the build folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from mmskin_build.images import ImageStore
from mmskin_build.records import Record
from mmskin_build.runner.ranges import LongBook
from mmskin_build.runner.task import PageRange, Task
from mmskin_build.stage import Scope
from mmskin_build.tables import BATCH_ROWS, check_columns, from_batch

R = TypeVar("R", bound=Record)


class FileContext:
    """What a worker hands to a stage (see ``mmskin_build.stage.StageContext``)."""

    def __init__(
        self,
        task: Task,
        folders: tuple[Path, Path, Path],
        on_page: Callable[[int], None],
    ) -> None:
        """Bind to ``folders`` = (image store, output folder, manifests)."""
        self.sources = task.sources
        self.length = 0
        self.images = ImageStore(folders[0])
        self.output_dir = folders[1]
        self.recipe = task.recipe
        self._manifests = folders[2]
        self._task = task
        self._on_page = on_page

    def rows(self, record: type[R]) -> Iterator[R]:
        """Stream the rows of a needed table."""
        files = self._task.tables.get(record.table)
        if files is None:
            raise KeyError(f"table {record.table!r} is not among the stage's declared needs")
        wanted = {s.source_id for s in self.sources}
        for path in files.paths:
            yield from _read(path, record, wanted if files.shared else None, self._task.pages)

    def pages(self, count: int) -> range:
        """Return the pages of this call.

        Raises:
            LongBook: there are too many for one call, and the runner did not know.
        """
        self.length = count
        task = self._task
        if task.pages is not None:
            return range(task.pages.first, min(task.pages.last, count) + 1)
        if count > task.range_pages and task.stage.scope is Scope.PAGES:
            raise LongBook(count)
        return range(1, count + 1)

    def manifest(self, pattern: str) -> tuple[Path, ...]:
        """Return the files below ``manifests/`` that match a declared pattern, sorted."""
        if pattern not in self._task.stage.manifests:
            raise KeyError(f"{pattern!r} is not among the stage's declared manifests")
        return tuple(sorted(self._manifests.glob(pattern)))

    def enter_page(self, page: int) -> bool:
        """Announce work on a page; False when it broke a worker before."""
        if page in self._task.skip_pages:
            return False
        self._on_page(page)
        return True


def _read(
    path: Path, record: type[R], wanted: set[str] | None, pages: PageRange | None
) -> Iterator[R]:
    with pq.ParquetFile(path) as file:
        check_columns(path, file, record)
        groups = [g for g in range(file.num_row_groups) if _may_hold(file, g, wanted, pages)]
        if not groups:
            return
        # Without threads: a worker has one core, and in a part's few rows they cost more than gain.
        for batch in file.iter_batches(BATCH_ROWS, groups, use_threads=False):
            if wanted is not None:  # before rows are made: there may be a book's among a million
                batch = batch.filter(_one_of(batch.column(0), wanted))
            rows = from_batch(record, batch)
            if pages is not None:
                rows = [row for row in rows if row.page in pages]  # type: ignore[attr-defined]
            yield from rows


def _one_of(column: pa.Array, wanted: set[str]) -> pa.Array:
    import pyarrow.compute as pc

    return pc.is_in(column, value_set=pa.array(sorted(wanted)))


def _may_hold(
    file: pq.ParquetFile, group: int, wanted: set[str] | None, pages: PageRange | None
) -> bool:
    """Tell from the row group's statistics whether a wanted source or page can be in it."""
    found = file.metadata.row_group(group)
    source = found.column(0).statistics
    if wanted is not None and source is not None and source.has_min_max:
        return any(source.min <= source_id <= source.max for source_id in wanted)
    if pages is None:
        return True
    page = found.column(file.schema_arrow.get_field_index("page")).statistics
    if page is None or not page.has_min_max:
        return True
    return bool(page.min <= pages.last and page.max >= pages.first)
