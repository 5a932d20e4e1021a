from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mmskin_build.errors import ConfigError
from mmskin_build.inspect.explain import explain
from mmskin_build.records import Pair, Qa, Reject, Verdict
from mmskin_build.stage import Stage
from mmskin_build.tables import write_rows
from stages.cli import app

BOX = (0.0, 0.0, 1.0, 1.0)
STAGES = (
    Stage("align", lambda ctx, settings: iter(()), (), (Pair,)),
    Stage("filter", lambda ctx, settings: iter(()), (), (Verdict,)),
    Stage("vqa", lambda ctx, settings: iter(()), (), (Qa,)),
)


def pair(panel: str) -> Pair:
    return Pair(
        "book", f"book-p1-{panel}", "fig-1", panel, 1, BOX, "1", "c", "c", 1, BOX, BOX, "d", 9, 9,
        False, 0.9, (),
    )  # fmt: skip


@pytest.fixture
def build(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    (tmp_path / "rejects").mkdir()
    write_rows(tmp_path / "tables/pairs.parquet", Pair, [pair("a"), pair("b")])
    keep = Verdict("book", "book-p1-a", True, "", "")
    drop = Verdict("book", "book-p1-b", False, "annotated", "arrow")
    write_rows(tmp_path / "tables/verdicts.parquet", Verdict, [keep, drop])
    qa = Qa("book", "qa-1", "book-p1-a", "q", "a", "open", "t", "", "", "needs_image", False, "x")
    write_rows(tmp_path / "tables/qa.parquet", Qa, [qa])
    reject = Reject("book", "book-p1-b", "annotated", "arrow")
    write_rows(tmp_path / "rejects/filter.parquet", Reject, [reject])
    return tmp_path


def told(build: Path, row_id: str) -> list[tuple[str, int]]:
    return [(c.table, len(c.rows)) for c in explain(build, STAGES, row_id)]


def test_a_pair_is_told_from_page_to_question(build: Path) -> None:
    assert told(build, "book-p1-a") == [("pairs", 1), ("verdicts", 1), ("qa", 1)]


def test_a_dropped_pair_is_told_with_its_reason(build: Path) -> None:
    assert told(build, "book-p1-b") == [("pairs", 1), ("verdicts", 1), ("rejects", 1)]


def test_a_figure_and_a_question_lead_to_their_pairs(build: Path) -> None:
    assert told(build, "fig-1")[0] == ("pairs", 2)
    assert told(build, "qa-1") == [("pairs", 1), ("verdicts", 1), ("qa", 1)]


def test_a_book_that_a_fault_took_is_told(build: Path) -> None:
    lost = Reject("lost", "lost", "stage_fault", "died")
    write_rows(build / "rejects/build.parquet", Reject, [lost])
    assert told(build, "lost") == [("rejects", 1)]


def test_an_unknown_id_names_the_ones_that_look_alike(build: Path) -> None:
    with pytest.raises(ConfigError, match="look alike: book-p1-a, book-p1-b"):
        explain(build, STAGES, "BOOK-P1")


def test_packed_bytes_are_cut_short_on_the_screen(build: Path) -> None:
    packed = replace(pair("a"), caption="A papule. " * 30, image_digest="k" * 3000)
    write_rows(build / "tables/pairs.parquet", Pair, [packed])
    shown = CliRunner().invoke(app, ["explain", "book-p1-a", "--build-dir", str(build)]).output
    assert "A papule. " * 29 in shown
    assert "… (3000 characters)" in shown and "k" * 200 not in shown
