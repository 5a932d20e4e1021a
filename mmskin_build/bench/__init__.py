"""What a build costs, read from its receipts, and the bare library loop to hold it against."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.runner.layout import Layout
from mmskin_build.runner.receipts import read_receipt


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds and memory of one stage over all books."""

    name: str
    cpu_seconds: float
    peak_rss_mb: float


@dataclass(frozen=True, slots=True)
class BareLoop:
    """PyMuPDF alone on the same pages: text without images, image list, drawings."""

    pages: int
    cpu_seconds: float


def bare_loop(files: Iterable[Path]) -> BareLoop:
    """Read every page of the files with PyMuPDF's own calls; unreadable files count nothing."""
    import pymupdf

    flags = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES
    pages, started = 0, time.process_time()
    for file in files:
        try:
            with pymupdf.open(file) as document:
                for page in document:
                    page.get_text("dict", flags=flags)
                    page.get_image_info(xrefs=True)
                    page.get_cdrawings()
                    pages += 1
        except (RuntimeError, ValueError):  # damaged files are the build's business
            continue
    return BareLoop(pages, time.process_time() - started)


def stage_costs(layout: Layout, stages: Sequence[str]) -> list[Cost]:
    """Return what each stage cost over all its parts, from the receipts of a build."""
    costs = []
    for stage in stages:
        receipts = [read_receipt(p) for p in sorted((layout.root / "parts" / stage).iterdir())]
        known = [r for r in receipts if r is not None]
        seconds = sum(r.cpu_seconds for r in known)
        costs.append(Cost(stage, seconds, max((r.peak_rss_mb for r in known), default=0.0)))
    return costs
