"""A model of what a library costs, from counts of pages and pictures; held against real builds.

Unit costs were measured on the 30 development papers and 5 development books (one core of a
2-core virtual machine, other work beside it). They are CPU seconds: other processors differ by a
factor that ``bench`` shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mmskin_build.bench.costs import sizes_mb, stage_costs
from mmskin_build.records import Page, Pair
from mmskin_build.runner.layout import Layout
from mmskin_build.tables import read_rows

PAGE_S = 0.024  # extract, passing through ocr, align without pictures, demographics
SCANNED_PAGE_S = 4.2  # tesseract at 300 dpi, on top
PICTURE_S = 0.19  # draw or copy, modality, screen
ROW_S = 0.013  # of the library stages, per picture: label, filter, vqa, split, export
PAGE_KB = 18  # tables and the parts they are merged from
PICTURE_KB = 100  # stored once
RELEASE_KB = 230  # per picture: embedded in parquet and beside the JSON files
RECEIPTS_KB = 24  # per book or paper, of all stages
STAGES = (
    *("extract", "ocr", "align", "modality", "demographics", "screen"),
    *("label", "filter", "vqa", "split", "export"),
)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a library holds."""

    name: str
    sources: int
    pages: int
    scanned_pages: int
    pictures: int

    @property
    def core_hours(self) -> float:
        """CPU time of a whole build."""
        read = PAGE_S * self.pages + SCANNED_PAGE_S * self.scanned_pages
        return (read + (PICTURE_S + ROW_S) * self.pictures) / 3600

    @property
    def gib(self) -> float:
        """Size of the build folder with its release."""
        per_picture = (PICTURE_KB + RELEASE_KB) * self.pictures
        return (PAGE_KB * self.pages + per_picture + RECEIPTS_KB * self.sources) / 2**20


# 900 pages and a picture on four of five pages is a textbook; 10 pages and 4 pictures a paper.
EXAMPLES = (
    Holdings("15 books", 15, 13_500, 0, 10_800),
    Holdings("15 books, 3 of them scanned", 15, 13_500, 2_700, 10_800),
    Holdings("1,000 books", 1_000, 900_000, 0, 720_000),
    Holdings("1,000,000 papers", 1_000_000, 10_000_000, 0, 4_300_000),
)


@dataclass(frozen=True, slots=True)
class Check:
    """A build as it was, beside what the model says of it."""

    holdings: Holdings
    core_hours: float
    gib: float


def check(build_dir: Path) -> Check:
    """Hold the model against a build that ran through to the export."""
    layout = Layout(build_dir)
    made = [s for s in STAGES if (layout.root / "parts" / s).is_dir()]
    pages = list(read_rows(layout.tables / f"{Page.table}.parquet", Page))
    holdings = Holdings(
        name=build_dir.name,
        sources=len({p.source_id for p in pages}),
        pages=len(pages),
        scanned_pages=sum(p.text_source == "ocr" for p in pages),
        pictures=sum(1 for _ in read_rows(layout.tables / f"{Pair.table}.parquet", Pair)),
    )
    seconds = sum(cost.cpu_seconds for cost in stage_costs(layout, made))
    release = sum(f.stat().st_size for f in layout.root.glob("release/**/*") if f.is_file())
    gib = sum(sizes_mb(layout).values()) / 2**10 + release / 2**30
    return Check(holdings, seconds / 3600, gib)
