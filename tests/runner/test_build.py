"""What a user relies on of a run: resume, freshness, faults contained, nothing half written."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from toy_stages import TOYS, ToySettings

from mmskin_build.config import RunnerSettings
from mmskin_build.errors import ConfigError, SourceError
from mmskin_build.records import Page, Reject, Source, Verdict
from mmskin_build.runner.build import Build, BuildResult
from mmskin_build.runner.dask_pool import DaskPool
from mmskin_build.runner.exchange import Exchange
from mmskin_build.runner.layout import Layout, folder_name
from mmskin_build.runner.lock import build_lock
from mmskin_build.runner.merge import LEDGER
from mmskin_build.runner.plan import Plan, check_wiring
from mmskin_build.runner.pool import Event, Finished, PageSeen, WorkerPool
from mmskin_build.runner.programs import program_version
from mmskin_build.runner.task import Task
from mmskin_build.sealed_json import read_sealed, write_sealed
from mmskin_build.sources import ChecksumCache, discover
from mmskin_build.tables import read_rows


class Quiet:
    def __init__(self) -> None:
        self.messages: list[str] = []
        self.pages: list[tuple[str, int]] = []
        self.reasons: dict[tuple[str, str], str] = {}

    def begin(self, stage: str, units: int) -> None: ...
    def lose(self, stage: str, key: str) -> None: ...
    def page(self, stage: str, key: str, page: int) -> None:
        self.pages.append((stage, page))

    def advance(self, stage: str, key: str, *, fresh: bool) -> None: ...
    def close(self) -> None: ...

    def reason(self, stage: str, key: str, why: str) -> None:
        self.reasons[stage, key] = why

    def message(self, text: str) -> None:
        self.messages.append(text)


class Toy:
    """A folder of toy books (text files called .pdf) and runs over it."""

    def __init__(self, folder: Path) -> None:
        self.books = folder / "books"
        self.books.mkdir()
        self.root = folder / "build"
        self.progress = Quiet()

    def book(self, name: str, *lines: str) -> None:
        (self.books / f"{name}.pdf").write_text("\n".join(lines), encoding="utf-8")

    def say(self, words: str) -> None:
        file = self.root / "manifests/words/all.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(words, encoding="utf-8")

    def build(
        self,
        workers: int = 2,
        first: int = 0,
        last: int = 2,
        page_timeout_s: float = 120.0,
        range_pages: int = 100,
        worker_memory_mb: int = 4096,
        progress: Quiet | None = None,
        client: Any = None,
        store: str = "",
        **settings: float,
    ) -> BuildResult:
        checksums = ChecksumCache(self.root / "sums.json")
        sources = discover(self.books, checksums)
        checksums.save()
        self.progress = progress or Quiet()
        plan = Plan(
            stages=TOYS,
            settings={"read": ToySettings(**settings)},  # type: ignore[arg-type]
            sources=tuple(sorted(sources, key=lambda s: s.source_id)),
            layout=Layout(self.root),
            manifests=self.root / "manifests",
            runner=RunnerSettings(
                page_timeout_s=page_timeout_s,
                worker_memory_mb=worker_memory_mb,
                range_pages=range_pages,
            ),
            workers=workers,
            first=first,
            last=last,
            is_unchanged=checksums.is_unchanged,
        )
        exchange = Exchange(store) if store else None
        pool = DaskPool(client, plan.runner, exchange) if client else None
        return Build(plan, self.progress, pool).run()

    def verdicts(self) -> list[str]:
        return [r.pair_id for r in read_rows(self.root / "tables/verdicts.parquet", Verdict)]

    def rejects(self, stage: str) -> list[Reject]:
        return list(read_rows(self.root / f"rejects/{stage}.parquet", Reject))


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


def made(result: BuildResult) -> dict[str, int]:
    return {name: s.made for name, s in result.stages.items()}


def test_second_run_is_fresh_and_adding_a_book_costs_only_itself(toy: Toy) -> None:
    toy.book("a", "one", "two")
    toy.book("b", "one")
    assert made(toy.build()) == {"read": 2, "copy": 2, "judge": 1}
    assert toy.verdicts() == ["a-1", "a-2", "b-1"]
    assert made(toy.build()) == {"read": 0, "copy": 0, "judge": 0}
    toy.book("c", "one")
    assert made(toy.build()) == {"read": 1, "copy": 1, "judge": 1}
    assert toy.verdicts() == ["a-1", "a-2", "b-1", "c-1"]
    assert (toy.root / "made/out/count.txt").read_text() == "4"


def test_a_changed_setting_reruns_only_what_depends_on_it(toy: Toy) -> None:
    toy.book("a", "one")
    toy.build()
    toy.build(height=20.0)
    assert toy.progress.reasons["read", "a"] == "changed: settings"
    toy.build(height=20.0)
    assert toy.progress.reasons == {}


def test_another_version_of_a_program_reruns_the_stage_that_calls_it(
    toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "toy-reader"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    copy = replace(TOYS[1], programs=("toy-reader", "toy-program-nobody-has"))
    monkeypatch.setitem(globals(), "TOYS", (TOYS[0], copy, TOYS[2]))
    toy.book("a", "one")
    for version, again in (("1.0", 1), ("1.0", 0), ("2.0", 1)):
        program.write_text(f"#!/bin/sh\necho toy-reader {version}\n", encoding="utf-8")
        program.chmod(0o755)
        program_version.cache_clear()
        assert made(toy.build())["copy"] == again
    assert toy.progress.reasons["copy", "a"] == "changed: program toy-reader"


def test_a_damaged_part_and_a_damaged_table_are_made_again(toy: Toy) -> None:
    toy.book("a", "one")
    toy.build()
    (toy.root / "parts/copy/a/pages.parquet").write_bytes(b"rotten")
    (toy.root / "tables/verdicts.parquet").write_bytes(b"rotten")
    result = toy.build()
    assert made(result) == {"read": 0, "copy": 1, "judge": 0}
    assert toy.verdicts() == ["a-1"]


def test_a_lost_release_or_picture_is_made_again(toy: Toy) -> None:
    toy.book("a", "one", "picture")
    toy.build()
    shutil.rmtree(toy.root / "made/out")
    assert made(toy.build()) == {"read": 0, "copy": 0, "judge": 1}
    shutil.rmtree(toy.root / "images")
    assert made(toy.build()) == {"read": 1, "copy": 0, "judge": 0}
    assert toy.progress.reasons["read", "a"].endswith("is missing")


@pytest.mark.parametrize("fault", ["hang", "die"])
def test_one_bad_page_costs_only_that_page(toy: Toy, fault: str) -> None:
    toy.book("a", "one", fault, "three")
    toy.book("b", "one")
    # long enough for a busy machine: only the page that never ends may run into it
    result = toy.build(page_timeout_s=10.0 if fault == "hang" else 120.0)
    assert toy.verdicts() == ["a-1", "a-3", "b-1"]
    assert result.failed == {}
    assert [r.record_id for r in toy.rejects("read")] == ["a:p2"]


def test_a_page_with_an_exception_costs_only_that_page(toy: Toy) -> None:
    toy.book("a", "one", "raise", "three")
    result = toy.build()
    assert toy.verdicts() == ["a-1", "a-3"]
    assert result.failed == {}
    assert [(r.record_id, r.reason) for r in toy.rejects("read")] == [("a:p2", "page_damaged")]


def test_a_book_with_exceptions_on_many_pages_fails_as_a_whole(toy: Toy) -> None:
    toy.book("a", "one", *["raise"] * 6)
    toy.book("b", "one")
    assert "unbearable" in toy.build().failed["a"]
    assert toy.verdicts() == ["b-1"]


def test_a_worker_that_somebody_kills_costs_nothing(toy: Toy) -> None:
    toy.book("a", "one", "be killed once", "three")
    toy.build()
    assert toy.verdicts() == ["a-1", "a-2", "a-3"]
    assert toy.rejects("read") == []


def test_the_memory_of_programs_that_a_worker_runs_counts(toy: Toy) -> None:
    toy.book("a", "one", "hoard in a program", "three")
    toy.build(worker_memory_mb=500)
    assert toy.verdicts() == ["a-1", "a-3"]
    assert [r.reason for r in toy.rejects("read")] == ["page_memory"]


def test_a_fault_fails_one_source_names_it_and_is_tried_again(toy: Toy) -> None:
    toy.book("a", "raise")
    toy.book("b", "one")
    result = toy.build()
    assert "unbearable" in result.failed["a"]
    assert toy.verdicts() == ["b-1"]
    assert [r.record_id for r in toy.rejects("build")] == ["a"]
    toy.book("a", "one")
    toy.build()
    assert toy.verdicts() == ["a-1", "b-1"]
    assert toy.rejects("build") == []


def test_a_rejected_source_is_listed_and_others_go_on(toy: Toy) -> None:
    toy.book("empty")
    toy.book("b", "one")
    result = toy.build()
    assert result.failed == {"empty": "read: file_empty"}
    assert [r.reason for r in toy.rejects("read")] == ["file_empty"]
    assert toy.verdicts() == ["b-1"]


def test_a_missing_file_is_looked_for_again_although_its_digest_is_vouched_for(toy: Toy) -> None:
    toy.book("a", "missing")
    toy.book("b", "one")
    assert toy.build().failed == {"a": "read: file_missing: does not exist"}
    assert made(toy.build()) == {"read": 1, "copy": 0, "judge": 0}
    assert toy.progress.reasons == {("read", "a"): "the file could not be read last time"}


def test_no_readable_source_is_an_error_that_says_why(toy: Toy) -> None:
    toy.book("empty")
    with pytest.raises(SourceError, match="empty: read: file_empty"):
        toy.build()


def test_rows_do_not_depend_on_the_number_of_workers(toy: Toy) -> None:
    for name in "dacb":
        toy.book(name, *[f"line {i}" for i in range(5)])
    toy.build(workers=1)
    once = (toy.root / "parts/judge/_library/receipt.json").read_text()
    toy.root = toy.root.with_name("other")
    toy.build(workers=3)
    import json

    twice = (toy.root / "parts/judge/_library/receipt.json").read_text()
    assert json.loads(once)["digests"] == json.loads(twice)["digests"]


def test_starting_later_leaves_earlier_stages_alone(toy: Toy) -> None:
    toy.book("a", "one")
    with pytest.raises(ConfigError, match="without --from"):
        toy.build(first=1)
    toy.build()
    assert made(toy.build(first=1, height=99.0))["read"] == 0
    assert made(toy.build(height=99.0))["read"] == 1


def test_a_second_build_in_the_folder_is_told_who_holds_it(tmp_path: Path) -> None:
    with (
        build_lock(tmp_path),
        pytest.raises(ConfigError, match="is building here"),
        build_lock(tmp_path),
    ):
        pass


def test_odd_source_names_get_folders_of_their_own() -> None:
    names = ["a b", "a_b", "a/b", "..", "_library", "x" * 300, "ä\n'\"", "plain-1.2"]
    folders = [folder_name(n) for n in names if n != "_library"]
    assert len(set(folders)) == len(folders)
    assert all("/" not in f and len(f) < 100 for f in folders)
    assert folder_name("plain-1.2") == "plain-1.2"


def test_a_pipeline_whose_tables_do_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="made by no stage above"):
        check_wiring((TOYS[1],))
    with pytest.raises(ValueError, match="written by"):
        check_wiring((TOYS[0], TOYS[0]))


def test_a_worker_that_dies_between_two_tasks_is_replaced(tmp_path: Path) -> None:
    pool = WorkerPool(1, RunnerSettings())
    try:
        assert isinstance(run_one(pool, toy_task(tmp_path, "a")), Finished)
        process = pool._workers[0].process
        process.kill()
        process.wait(10)
        assert isinstance(run_one(pool, toy_task(tmp_path, "b")), Finished)
    finally:
        pool.close()


def toy_task(folder: Path, name: str) -> Task:
    book = folder / f"{name}.pdf"
    book.write_text("one", encoding="utf-8")
    source = Source(source_id=name, path=str(book), sha256="")
    return Task(TOYS[0], ToySettings(), (source,), {}, {}, folder / "build", folder)


def run_one(pool: WorkerPool, task: Task) -> Event:
    pool.submit(task)
    while True:
        for event in pool.events():
            if not isinstance(event, PageSeen):
                return event


def test_starting_later_leaves_out_a_source_that_a_fault_took(toy: Toy) -> None:
    toy.book("a", "one")
    toy.book("b", "one")
    toy.build()
    toy.book("a", "raise")
    toy.build()
    result = toy.build(first=1)
    assert "unbearable" in result.failed["a"]
    assert toy.verdicts() == ["b-1"]
    assert [r.record_id for r in toy.rejects("build")] == ["a"]


def test_a_build_until_an_early_stage_also_says_that_no_source_could_be_read(toy: Toy) -> None:
    toy.book("empty")
    with pytest.raises(SourceError, match="empty: read: file_empty"):
        toy.build(last=1)


def test_a_skipped_page_is_tried_again_under_new_limits(toy: Toy) -> None:
    toy.book("a", "one", "die")
    toy.build()
    assert made(toy.build())["read"] == 0
    assert made(toy.build(page_timeout_s=240.0))["read"] == 1
    assert toy.progress.reasons["read", "a"] == "pages were skipped under other limits"


def test_what_a_killed_run_left_half_written_is_swept_away(toy: Toy) -> None:
    left = [toy.root / "parts/read/.a.123/output", toy.root / "made/.out.old-123"]
    for folder in left:
        folder.mkdir(parents=True)
    picture = toy.root / "images/ab/.abc.png.123"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"half")
    toy.book("a", "one")
    toy.build()
    assert [p for p in (*left, left[0].parent, picture) if p.exists()] == []


def test_a_book_may_be_named_like_the_library(toy: Toy) -> None:
    toy.book("_library", "raise")
    toy.book("b", "one")
    assert "unbearable" in toy.build().failed["_library"]
    assert toy.verdicts() == ["b-1"]


def test_a_picture_cut_by_a_crash_of_the_machine_is_made_again(toy: Toy) -> None:
    toy.book("a", "one", "picture")
    toy.build()
    picture = next((toy.root / "images").rglob("*.png"))
    picture.write_bytes(b"")
    assert made(toy.build())["read"] == 1
    assert picture.read_bytes() == b"picture"


def test_tables_follow_books_that_come_go_and_change(toy: Toy) -> None:
    for name in "bdf":
        toy.book(name, "one", "two")
    toy.build()
    for name in "aceg":
        toy.book(name, "one")
        toy.book("d", *["line"] * len(name))
        toy.build()
    (toy.books / "b.pdf").unlink()
    toy.book("empty")
    toy.build()
    merged = [(r.source_id, r.page) for r in read_rows(toy.root / "tables/pages.parquet", Page)]
    assert merged == [("a", 1), ("c", 1), ("d", 1), ("e", 1), ("f", 1), ("f", 2), ("g", 1)]
    assert [r.record_id for r in toy.rejects("read")] == ["empty"]


def test_a_build_folder_of_an_older_version_is_merged_anew(toy: Toy) -> None:
    toy.book("a", "one")
    toy.build()
    ledger = toy.root / "tables" / LEDGER
    write_sealed(ledger, {name: ["a list"] for name in read_sealed(ledger) or {}})
    toy.build()
    rows = list(read_rows(toy.root / "tables/pages.parquet", Page))
    assert [(r.source_id, r.page) for r in rows] == [("a", 1)]
