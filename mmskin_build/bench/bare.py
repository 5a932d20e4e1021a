"""What the libraries alone cost on the pages of a build: the limit its stages are held against."""

from __future__ import annotations

import re
import resource
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from mmskin_build.records import Page, Pair, Source
from mmskin_build.tables import read_rows

TEXT, IMAGE_LIST, DRAWINGS, RENDER, OCR = "text", "image list", "drawings", "render", "OCR"
CALLS_OF = {"extract": (TEXT, IMAGE_LIST, DRAWINGS), "ocr": (OCR,), "align": (RENDER,)}
OCR_DPI = 300
OCR_TIMEOUT_S = 600.0
_DRAWN = re.compile(r"drawn at (\d+) dpi")


@dataclass(slots=True)
class BareCalls:
    """CPU seconds of each library call, over all pages that a build made it for."""

    pages: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def of_stage(self, stage: str) -> float:
        """Return what a stage's library calls cost alone; 0 for a stage of our own code."""
        return sum(self.seconds.get(name, 0.0) for name in CALLS_OF.get(stage, ()))

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Count CPU time, that of programs called included."""
        before = cpu_seconds()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + cpu_seconds() - before


def bare_calls(sources: Iterable[Source], tables: Path) -> BareCalls:
    """Make the calls a build made, without it: same pages, boxes and resolutions.

    Args:
        sources: the books; unreadable ones count nothing.
        tables: the merged tables of a build of these books, at least until align.
    """
    found = BareCalls()
    pairs = _by_source(read_rows(tables / f"{Pair.table}.parquet", Pair))
    pages = _by_source(read_rows(tables / f"{Page.table}.parquet", Page))
    for source in sources:
        with _opened(source.path) as document:
            if document is not None:
                _read(document, found)
                _draw(document, pairs.get(source.source_id, []), found)
                _recognise(document, pages.get(source.source_id, []), found)
    return found


def _by_source(rows: Iterable[Any]) -> dict[str, list[Any]]:
    return {key: list(group) for key, group in groupby(rows, key=lambda row: row.source_id)}


@contextmanager
def _opened(path: str) -> Iterator[Any]:
    import pymupdf

    try:
        document = pymupdf.open(path)
    except (RuntimeError, ValueError):  # damaged files are the build's business
        yield None
        return
    with document:
        yield None if document.needs_pass else document


def _read(document: Any, found: BareCalls) -> None:
    import pymupdf

    flags = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES
    calls: dict[str, Callable[[Any], object]] = {
        TEXT: lambda page: page.get_text("dict", flags=flags),
        IMAGE_LIST: lambda page: page.get_image_info(),
        DRAWINGS: lambda page: page.get_cdrawings(),
    }
    for name, call in calls.items():
        with found.timed(name):
            for page in document:
                call(page)
    found.pages += document.page_count


def _draw(document: Any, pairs: Iterable[Pair], found: BareCalls) -> None:
    """Draw the boxes that align drew; pictures copied as stored bytes cost no render."""
    import pymupdf

    with found.timed(RENDER):
        for pair in pairs:
            drawn = _DRAWN.search(" ".join(pair.evidence))
            if drawn:
                page = document[pair.page - 1]
                page.get_pixmap(clip=pymupdf.Rect(pair.panel_bbox), dpi=int(drawn[1]))


def _recognise(document: Any, pages: Iterable[Page], found: BareCalls) -> None:
    """Have tesseract read the pages that the ocr stage had it read, on one core."""
    import numpy as np
    import pymupdf

    from mmskin_build.ocr.tesseract import Layout, read_words

    layout = Layout(("eng",), OCR_DPI)
    with found.timed(OCR):
        for row in pages:
            if row.text_source == "ocr":
                page = document[row.page - 1]
                drawn = page.get_pixmap(dpi=OCR_DPI, alpha=False, colorspace=pymupdf.csGRAY)
                grey = np.frombuffer(drawn.samples_mv, np.uint8).reshape(drawn.h, drawn.stride)
                read_words(grey[:, : drawn.w], layout, OCR_TIMEOUT_S)


def cpu_seconds() -> float:
    """Return the CPU time of this process and of the children it has waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)
