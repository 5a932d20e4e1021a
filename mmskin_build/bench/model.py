"""A model of what a library costs, from counts of pages and pictures; held against real builds.

Unit costs were fitted to the 45 development files (books, scans, documents, papers; one core of a
crowded 2-core virtual machine) and rounded. They are CPU seconds: other processors differ by a
factor that ``bench`` shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mmskin_build.bench.costs import stage_costs
from mmskin_build.records import DuplicateGroup, Page, Pair
from mmskin_build.runner.layout import Layout
from mmskin_build.tables import read_rows

SOURCE_S = 0.45  # per book or paper: opening it in four stages, starting tesseract on its pictures
PAGE_S = 0.010  # extract, passing through ocr, align without pictures, demographics
SCANNED_PAGE_S = 2.97  # tesseract at 300 dpi, on top
PICTURE_S = 0.115  # modality, screen: most steps work on a reduced copy
MEGAPIXEL_S = 0.08  # decode, draw, encode, look for writing
COPY_S = 0.08  # of a picture that the library holds twice: the pair is laid over each other
ROW_S = 0.012  # of the other library stages, per picture: label, filter, vqa, split, export
PAGE_KB = 20  # tables and the parts they are merged from
PICTURE_KB = 40  # stored once
MEGAPIXEL_KB = 105
RELEASE_SHARE = 2.0  # of the pictures: a private release embeds most of them twice
RECEIPTS_KB = 12  # per book or paper, of all stages


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a library holds."""

    name: str
    sources: int
    pages: int
    scanned_pages: int
    pictures: int
    megapixels: float  # of all pictures together
    copies: int  # pictures that show what another one shows

    @property
    def core_hours(self) -> float:
        """CPU time of a whole build."""
        read = PAGE_S * self.pages + SCANNED_PAGE_S * self.scanned_pages
        looked = (PICTURE_S + ROW_S) * self.pictures + MEGAPIXEL_S * self.megapixels
        return (SOURCE_S * self.sources + read + looked + COPY_S * self.copies) / 3600

    @property
    def gib(self) -> float:
        """Size of the build folder with its private release."""
        pictures = PICTURE_KB * self.pictures + MEGAPIXEL_KB * self.megapixels
        rest = PAGE_KB * self.pages + RECEIPTS_KB * self.sources
        return ((1 + RELEASE_SHARE) * pictures + rest) / 2**20


# 900 pages and a picture on four of five pages is a textbook; 10 pages and 4.3 pictures a paper.
# Sizes and copies of the pictures as in the development books (0.3 megapixels) and papers (0.84).
EXAMPLES = (
    Holdings("15 books", 15, 13_500, 0, 10_800, 3_240, 400),
    Holdings("15 books, 3 of them scanned", 15, 13_500, 2_700, 10_800, 3_240, 400),
    Holdings("1,000 books", 1_000, 900_000, 0, 720_000, 216_000, 29_000),
    Holdings("1,000,000 papers", 1_000_000, 10_000_000, 0, 4_300_000, 3_600_000, 215_000),
)


@dataclass(frozen=True, slots=True)
class Check:
    """A build as it was, beside what the model says of it."""

    holdings: Holdings
    core_hours: float
    gib: float


def check(build_dir: Path) -> Check:
    """Hold the model against a build that ran through to the export, or until a stage before."""
    layout = Layout(build_dir)
    pages = list(read_rows(layout.tables / f"{Page.table}.parquet", Page))
    pictures = {
        pair.image_digest: pair.width_px * pair.height_px / 1e6
        for pair in read_rows(layout.tables / f"{Pair.table}.parquet", Pair)
    }
    groups = layout.tables / f"{DuplicateGroup.table}.parquet"
    holdings = Holdings(
        name=build_dir.name,
        sources=len({p.source_id for p in pages}),
        pages=len(pages),
        scanned_pages=sum(p.text_source == "ocr" for p in pages),
        pictures=len(pictures),
        megapixels=sum(pictures.values()),
        copies=sum(1 for _ in read_rows(groups, DuplicateGroup)) if groups.is_file() else 0,
    )
    stages = sorted(folder.name for folder in (layout.root / "parts").iterdir())
    seconds = sum(cost.cpu_seconds for cost in stage_costs(layout, stages))
    return Check(holdings, seconds / 3600, _gib(layout.root))


def _gib(folder: Path) -> float:
    """Return what a folder takes; pictures that are linked into the release count once."""
    seen = (file.stat() for file in folder.rglob("*") if file.is_file())
    return sum({(s.st_dev, s.st_ino): s.st_size for s in seen}.values()) / 2**30
