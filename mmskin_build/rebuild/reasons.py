"""Why a row was not reproduced, as far as the rebuild's own tables tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from mmskin_build.geometry import iou
from mmskin_build.rebuild.compare import Difference, What
from mmskin_build.records import Page, Pair, Record, Reject
from mmskin_build.tables import read_rows

R = TypeVar("R", bound=Record)
SAME_PLACE = 0.7  # overlap (intersection over union) from which two boxes are one figure
TEMPLATES = "templates"
QUESTION_TABLES = ("vqa", "vqa_text", "vqa_other")


@dataclass(frozen=True, slots=True)
class Here:
    """What the rebuild knows of itself.

    Attributes:
        missing: ids of the books that are not here.
        failed: why, by id of each book that could not be read.
        software: programs whose version differs, each with 'there, here'.
        ocr_pages: (source, page) read by OCR.
        skipped: reason, by (source, page) that was left out.
        pairs: the pairs found here, by (source, page).
    """

    missing: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)
    software: Mapping[str, str] = field(default_factory=dict)
    ocr_pages: frozenset[tuple[str, int]] = frozenset()
    skipped: Mapping[tuple[str, int], str] = field(default_factory=dict)
    pairs: Mapping[tuple[str, int], Sequence[Pair]] = field(default_factory=dict)


def look(
    build_dir: Path, missing: frozenset[str], failed: Mapping[str, str], software: Mapping[str, str]
) -> Here:
    """Read from a rebuild's folder what explains its differences."""
    pairs: dict[tuple[str, int], list[Pair]] = defaultdict(list)
    for pair in _rows(build_dir / "tables", Pair):
        pairs[pair.source_id, pair.page].append(pair)
    pages = _rows(build_dir / "tables", Page)
    return Here(
        missing=missing,
        failed=failed,
        software=software,
        ocr_pages=frozenset((p.source_id, p.page) for p in pages if p.text_source == "ocr"),
        skipped=_skipped_pages(build_dir / "rejects"),
        pairs=pairs,
    )


def _rows(folder: Path, record: type[R]) -> list[R]:
    path = folder / f"{record.table}.parquet"
    return list(read_rows(path, record)) if path.is_file() else []


def _skipped_pages(folder: Path) -> dict[tuple[str, int], str]:
    skipped = {}
    for path in sorted(folder.glob("*.parquet")):
        for row in read_rows(path, Reject):
            page = row.record_id.removeprefix(f"{row.source_id}:p")
            if page.isdecimal():
                skipped[row.source_id, int(page)] = row.reason
    return skipped


def why(difference: Difference, pointer: Mapping[str, object], here: Here) -> str:
    """Return the likeliest cause of a difference in one line, '' when nothing tells."""
    source_id, place = difference.source_id, (difference.source_id, difference.page)
    if source_id in here.missing:
        return "the book is not here"
    if source_id in here.failed:
        return f"the book could not be read here: {here.failed[source_id]}"
    if place in here.skipped:
        return f"page left out here: {here.skipped[place]}"
    if What.MISSING in difference.what:
        return _why_missing(difference, pointer, here)
    if What.WORDS in difference.what and place in here.ocr_pages:
        return f"page read by OCR; {_versions(here, 'tesseract', 'pytesseract')}"
    if What.PICTURE in difference.what or What.PLACE in difference.what:
        return _versions(here, "code", "pymupdf", "opencv-python-headless", "pillow")
    if difference.table in QUESTION_TABLES and here.missing | set(here.failed):
        return "wordings are chosen over all books of the release, of which some are not here"
    return _versions(here, "code")


def _why_missing(difference: Difference, pointer: Mapping[str, object], here: Here) -> str:
    generator = pointer.get("generator")
    if generator is not None and generator != TEMPLATES:
        return f"question written by {generator}; a rebuild makes those of the templates only"
    box = pointer.get("bbox")
    near = [
        pair
        for pair in here.pairs.get((difference.source_id, difference.page), ())
        if isinstance(box, list) and iou(pair.panel_bbox, tuple(box)) >= SAME_PLACE
    ]
    if any(pair.pair_id == pointer["pair_id"] for pair in near):
        if difference.table in QUESTION_TABLES and here.missing | set(here.failed):
            return "wordings are chosen over all books of the release, of which some are not here"
        return f"the pair is here, this row of it is not; {_versions(here, 'code')}"
    if near:
        return f"found here as {near[0].pair_id}; {_versions(here, 'code', 'pymupdf')}"
    return f"figure not found on the page; {_versions(here, 'code', 'pymupdf', 'tesseract')}"


def _versions(here: Here, *names: str) -> str:
    told = [f"{name} {here.software[name]}" for name in names if name in here.software]
    return "; ".join(told) or "same software here and there"
