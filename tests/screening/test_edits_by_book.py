"""A word about one book's marks makes the copies of that book again, and of no other."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from skin import skin
from test_masking import say
from test_stages import pair as one_pair

from mmskin_build.config import RunnerSettings
from mmskin_build.records import ImageCheck, MaskedImage, Pair, Record
from mmskin_build.runner.build import Build, BuildResult
from mmskin_build.runner.layout import Layout
from mmskin_build.runner.plan import Plan
from mmskin_build.runner.progress import PlainProgress
from mmskin_build.screening.settings import Action, ScreeningSettings
from mmskin_build.sources import ChecksumCache, discover
from mmskin_build.stage import Stage, StageContext
from mmskin_build.tables import read_rows
from stages import edit, mask


def picture(ctx: StageContext, settings: None) -> Iterator[Record]:
    name = ctx.sources[0].source_id
    yield one_pair(ctx, f"{name}-1", skin(ord(name)), source=name)  # type: ignore[arg-type]


def arrow(ctx: StageContext, settings: None) -> Iterator[Record]:
    for pair in ctx.rows(Pair):
        ids = (pair.source_id, pair.pair_id, pair.image_digest)
        yield ImageCheck(*ids, 0.9, ("arrow",), 0.0, 0.0, "", "", "")


STAGES = (
    Stage("align", picture, (), (Pair,)),
    Stage("screen", arrow, (Pair,), (ImageCheck,)),
    edit.STAGE,
    mask.STAGE,
)


class Shelf:
    """Two books, each with one picture that carries an arrow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in "ab":
            (folder / f"{name}.pdf").write_text(name, encoding="utf-8")

    def build(self, settings: ScreeningSettings) -> BuildResult:
        plan = Plan(
            stages=STAGES,
            settings={"filter": settings},
            sources=tuple(discover(self.folder, ChecksumCache(self.folder / "sums.json"))),
            layout=Layout(self.folder / "build"),
            manifests=self.folder / "manifests",
            runner=RunnerSettings(),
            workers=1,
            first=0,
            last=len(STAGES) - 1,
        )
        return Build(plan, PlainProgress(Console(file=io.StringIO()))).run()

    def copies(self) -> dict[str, str]:
        rows = read_rows(self.folder / "build/tables/masked_images.parquet", MaskedImage)
        return {row.source_id: row.method for row in rows}

    def pair_of(self, name: str) -> Pair:
        rows = read_rows(self.folder / "build/tables/pairs.parquet", Pair)
        return next(row for row in rows if row.source_id == name)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_word_about_one_book_makes_only_its_copies_again(shelf: Shelf) -> None:
    shelf.build(ScreeningSettings(on_annotated=Action.MASK))
    assert shelf.copies() == {"a": "mask", "b": "mask"}
    say(shelf.folder, shelf.pair_of("b"), "crop")
    result = shelf.build(ScreeningSettings(on_annotated=Action.MASK))
    assert shelf.copies() == {"a": "mask", "b": "crop"}
    assert result.stages["mask"].made == 1


def test_settings_that_change_no_wish_make_no_copy_again(shelf: Shelf) -> None:
    shelf.build(ScreeningSettings(on_annotated=Action.MASK))
    result = shelf.build(ScreeningSettings(on_annotated=Action.MASK, on_face=Action.KEEP))
    assert (result.stages["edit"].made, result.stages["mask"].made) == (1, 0)
    assert shelf.build(ScreeningSettings()).stages["mask"].made == 2
    assert shelf.copies() == {}
