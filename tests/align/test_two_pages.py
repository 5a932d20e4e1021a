"""A scan of two book pages is paired page by page, in the points of the whole scan."""

from pathlib import Path

from mmskin_build.align.settings import AlignSettings
from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import Page, Pair, ScanRegion, Source, TextLine
from mmskin_build.reject_reasons import RejectReason
from stages.align import STAGE

GUTTER = 500.0
LEFT, RIGHT = (290.0, 100.0, 490.0, 300.0), (510.0, 100.0, 710.0, 300.0)


def line(number: int, block: int, box: tuple[float, float, float, float], text: str) -> TextLine:
    return TextLine(
        source_id="book",
        page=1,
        line=number,
        block=block,
        bbox=box,
        text=text,
        font="",
        size_pt=9.0,
        bold=False,
        italic=False,
        color=0,
        lead_bold=False,
        lead_color=0,
        angle=0,
        origin="ocr",
        confidence=0.95,
    )


def paired(folder: Path, gutter: float | None) -> tuple[list[Pair], list[str]]:
    """Pair a scan: a picture with caption left of the fold, a bare one right of it."""
    found = MemoryContext(folder, [Source("book", str(folder / "book.pdf"), "0" * 64)])
    found.add([Page("book", 1, 1000.0, 700.0, 0, "ocr", 0.95, 0.0, gutter)])
    found.add([ScanRegion("book", 1, box, 0.9) for box in (LEFT, RIGHT)])
    found.add([line(0, 0, (300.0, 306.0, 480.0, 316.0), "Fig. 1. Red plaques with scale.")])
    found.run(STAGE, AlignSettings(write_images=False))
    return list(found.rows(Pair)), [reject.reason for reject in found.rejects]


def test_pictures_on_both_sides_of_a_fold_are_two_figures(tmp_path: Path) -> None:
    (pair,), reasons = paired(tmp_path, GUTTER)
    assert (pair.page, pair.bbox) == (1, LEFT)
    assert RejectReason.FIGURE_WITHOUT_CAPTION in reasons


def test_without_a_fold_they_are_one(tmp_path: Path) -> None:
    panels, _ = paired(tmp_path, None)
    assert {pair.bbox for pair in panels} == {(LEFT[0], LEFT[1], RIGHT[2], RIGHT[3])}
