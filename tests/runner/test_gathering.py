"""What a library stage reads: one file per table, of which a new book costs its own rows only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from toy_library import Toy, made
from toy_stages import COPY, JUDGE, READ

from mmskin_build.config import RunnerSettings
from mmskin_build.records import ModalityVote, Page, Record, Reject, SplitRow, Verdict
from mmskin_build.runner import ledger
from mmskin_build.runner.pool import WorkerPool
from mmskin_build.runner.task import Task
from mmskin_build.stage import Scope, Stage, StageContext
from mmskin_build.tables import read_rows

GATHERED = "gathered/pages.parquet"


class Seen(WorkerPool):
    """A pool that tells which files a library stage was given."""

    def __init__(self) -> None:
        super().__init__(2, RunnerSettings())
        self.files: list[str] = []

    def submit(self, task: Task) -> None:
        if task.stage.scope is Scope.LIBRARY:
            paths = [p for files in task.tables.values() for p in files.paths]
            self.files += [str(p.relative_to(task.build_dir)) for p in paths]
        super().submit(task)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The parquet files this process (not its workers) opens."""
    paths: list[Path] = []

    class Counting(pq.ParquetFile):  # type: ignore[misc]
        def __init__(self, path: Path, *args: Any, **options: Any) -> None:
            paths.append(path)
            super().__init__(path, *args, **options)

    monkeypatch.setattr(pq, "ParquetFile", Counting)
    return paths


def pages(toy: Toy, file: str = GATHERED) -> list[tuple[str, int]]:
    return [(r.source_id, r.page) for r in read_rows(toy.root / file, Page)]


def test_one_more_book_rereads_its_own_parts_only(toy: Toy, opened: list[Path]) -> None:
    for name in "abde":
        toy.book(name, "one", "two")
    toy.build()
    toy.book("c", "one")
    opened.clear()
    seen = Seen()
    toy.build(pool=seen)
    assert seen.files == [GATHERED]
    books = {p.parent.name for p in opened if "parts" in p.parts}
    assert books == {"c", "_library"}
    assert pages(toy) == pages(toy, "tables/pages.parquet")
    assert [v[0] for v in toy.verdicts()] == [*"aabbcddee"]


def test_when_nothing_changed_no_table_is_opened(toy: Toy, opened: list[Path]) -> None:
    toy.book("a", "one")
    toy.build()
    opened.clear()
    toy.build()
    assert [p.name for p in opened] == ["build.parquet"]  # which books a fault took out last time


@pytest.mark.parametrize("damage", [b"", b"rotten"])
def test_a_damaged_gathered_table_is_found_and_made_again(toy: Toy, damage: bytes) -> None:
    toy.book("a", "one")
    toy.build()
    (toy.root / GATHERED).write_bytes(damage)
    toy.book("b", "one")
    assert toy.build().failed == {}
    assert toy.verdicts() == ["a-1", "b-1"]
    assert pages(toy) == pages(toy, "tables/pages.parquet") == [("a", 1), ("b", 1)]


def test_a_damaged_list_of_parts_only_costs_the_reading_of_all(toy: Toy) -> None:
    toy.book("a", "one")
    toy.build()
    for file in (toy.root / "tables" / ledger.LISTS).iterdir():
        file.write_text('["b", "0", 1]\n')
    toy.book("b", "one")
    toy.build()
    assert pages(toy) == [("a", 1), ("b", 1)]


@pytest.mark.parametrize("killed_in", ["concatenate", "digest_of_file", "write_sealed"])
def test_a_kill_while_tables_are_gathered_loses_nothing(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    toy.book("a", "one")
    toy.build()
    toy.book("b", "one")
    work = getattr(ledger, killed_in)

    def killed(*arguments: Any, **options: Any) -> Any:
        if "b" in {p.name for p in (toy.root / "parts/copy").iterdir()}:
            raise KeyboardInterrupt
        return work(*arguments, **options)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ledger, killed_in, killed)
        toy.build()
    assert pages(toy, "tables/pages.parquet") == [("a", 1)]  # tables change together, at the end
    assert made(toy.build()) == {"read": 0, "copy": 0, "judge": 1}
    assert pages(toy) == pages(toy, "tables/pages.parquet") == [("a", 1), ("b", 1)]
    assert not list(toy.root.glob("*/.*.part"))
    lists = {p.name for p in (toy.root / "tables" / ledger.LISTS).iterdir()}
    assert not [name for name in lists if not name.endswith(".txt")]


def vote(ctx: StageContext, settings: None) -> Iterator[Record]:
    source = ctx.sources[0].source_id
    if any(page.text_source == "bad" for page in ctx.rows(Page)):
        yield Reject(source, source, "file_empty")
        return
    yield from (
        ModalityVote(v.source_id, v.pair_id, "toy", "", 1.0, 0.0, 0.0, 0.0, "")
        for v in ctx.rows(Verdict)
    )


def split(ctx: StageContext, settings: None) -> Iterator[Record]:
    known = {row.source_id for row in ctx.rows(Page)}
    voted = {row.source_id for row in ctx.rows(ModalityVote)}
    for row in ctx.rows(Verdict):
        yield SplitRow(row.source_id, row.pair_id, ",".join(sorted(known & voted)), "train", "")


def test_a_book_lost_between_two_library_stages_is_not_in_what_the_second_reads(toy: Toy) -> None:
    toy.stages = (
        READ,
        COPY,
        replace(JUDGE, makes_folder=""),
        Stage("vote", vote, (Page, Verdict), (ModalityVote,)),
        Stage("split", split, (Page, Verdict, ModalityVote), (SplitRow,), scope=Scope.LIBRARY),
    )
    for name in "abc":
        toy.book(name, "bad" if name == "b" else "one")
    assert set(toy.build(last=4).failed) == {"b"}
    splits = list(read_rows(toy.root / "tables/splits.parquet", SplitRow))
    assert [(s.pair_id, s.group_id) for s in splits] == [("a-1", "a,c"), ("c-1", "a,c")]
    assert pages(toy) == [("a", 1), ("c", 1)]
