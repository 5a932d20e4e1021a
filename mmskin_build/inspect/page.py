"""The overlay picture of one page: everything the build saw and decided there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pyarrow.compute as pc
import pyarrow.dataset as ds

from mmskin_build.errors import ConfigError
from mmskin_build.records import Graphic, Page, Pair, Record, Reject, ScanRegion, Source, TextLine
from mmskin_build.tables import from_batch

R = TypeVar("R", bound=Record)


def page_overlay(
    build_dir: Path, source: Source, page: int, passwords: Sequence[str] = (), *, dpi: int = 110
) -> bytes:
    """Return a PNG of the page with lines, graphics, figures, captions and their links drawn in.

    Below the page stand the evidence of each pair and the rejects of the page.

    Raises:
        ConfigError: the page is not in the build, or none of the passwords opens the file.
    """
    from mmskin_build.align.overlay import draw_page, evidence_notes
    from mmskin_build.pdf.opening import DocumentProblem

    seen = _rows(build_dir, Page, source.source_id, page)
    if not seen:
        raise ConfigError(
            f"page {page} of {source.source_id!r} is not in {build_dir}; pages count from 1 and "
            "the book must have been built with --until align or further"
        )
    pairs = _rows(build_dir, Pair, source.source_id, page, "caption_page")
    try:
        return draw_page(
            Path(source.path),
            seen[0],
            _rows(build_dir, TextLine, source.source_id, page),
            _rows(build_dir, Graphic, source.source_id, page),
            _rows(build_dir, ScanRegion, source.source_id, page),
            pairs,
            dpi=dpi,
            passwords=passwords,
            notes=evidence_notes(pairs, _rejects(build_dir, source.source_id, page)),
        )
    except DocumentProblem as problem:
        raise ConfigError(
            f"{source.path}: {problem.detail}; name the build's settings with --config if they "
            "hold the passwords"
        ) from problem


def _rejects(build_dir: Path, source_id: str, page: int) -> list[Reject]:
    """Return what the align stage rejected on a page."""
    path = build_dir / "rejects" / "align.parquet"
    if not path.is_file():
        return []
    start = f"{source_id}:p{page}:"
    table = ds.dataset(path).to_table(filter=pc.field("source_id") == source_id)
    rows = [row for batch in table.to_batches() for row in from_batch(Reject, batch)]
    return [row for row in rows if row.record_id.startswith(start)]


def _rows(build_dir: Path, record: type[R], source_id: str, page: int, other: str = "") -> list[R]:
    path = build_dir / "tables" / f"{record.table}.parquet"
    if not path.is_file():
        return []
    here = pc.field("page") == page
    if other:
        here = here | (pc.field(other) == page)
    wanted = (pc.field("source_id") == source_id) & here
    table = ds.dataset(path).to_table(filter=wanted)
    return [row for batch in table.to_batches() for row in from_batch(record, batch)]
