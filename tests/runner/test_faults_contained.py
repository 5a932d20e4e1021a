"""One bad page, book or worker costs only itself."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import pytest
from toy_library import Toy, made
from toy_stages import TOYS, ToySettings

from mmskin_build.config import RunnerSettings
from mmskin_build.errors import SourceError
from mmskin_build.records import Source
from mmskin_build.runner.pool import POLL_S, Event, Finished, PageSeen, WorkerPool
from mmskin_build.runner.receipts import why_stale
from mmskin_build.runner.task import Task


@pytest.mark.parametrize("fault", ["hang", "die"])
def test_one_bad_page_costs_only_that_page(toy: Toy, fault: str) -> None:
    toy.book("a", "one", fault, "three")
    toy.book("b", "one")
    # long enough for a busy machine: only the page that never ends may run into it
    result = toy.build(page_timeout_s=10.0 if fault == "hang" else 120.0)
    assert toy.verdicts() == ["a-1", "a-3", "b-1"]
    assert result.failed == {}
    assert [r.record_id for r in toy.rejects("read")] == ["a:p2"]


@pytest.mark.parametrize(("got_cores", "kept"), [(True, []), (False, ["a-1"])])
def test_a_page_that_gets_no_core_is_waited_for_and_one_that_computes_is_not(
    toy: Toy, monkeypatch: pytest.MonkeyPatch, got_cores: bool, kept: list[str]
) -> None:
    toy.book("a", "work for 3 s")
    if not got_cores:  # as on a machine with many other jobs
        monkeypatch.setattr("mmskin_build.runner.pool.cpu_seconds", lambda pid: 0.1)
    else:
        monkeypatch.setattr("mmskin_build.runner.pool.cpu_seconds", lambda pid: next(seconds))
    seconds = itertools.count()
    toy.build(page_timeout_s=1.0)
    assert toy.verdicts() == kept


def test_the_time_in_which_a_whole_job_was_stopped_does_not_count(tmp_path: Path) -> None:
    pool = WorkerPool(1, RunnerSettings())
    try:
        pool.submit(toy_task(tmp_path, "a"))
        (worker,) = pool._workers
        before = worker.since
        pool._forgive_a_stop(pool._looked + 5)
        assert worker.since == before
        pool._forgive_a_stop(pool._looked + 3600)
        assert worker.since == pytest.approx(before + 3600)
    finally:
        pool.close()


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


def test_more_memory_than_the_limit_allows_is_refused_at_once(toy: Toy) -> None:
    toy.book("a", "one", "claim", "three")
    toy.build(worker_memory_mb=500)
    assert toy.verdicts() == ["a-1", "a-3"]
    (lost,) = toy.rejects("read")
    assert (lost.record_id, lost.reason) == ("a:p2", "page_memory")


def test_a_worker_computes_on_one_core_whatever_the_shell_says(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENCV_FOR_THREADS_NUM"):
        monkeypatch.setenv(name, "7")
    toy.book("a", "count threads")
    toy.build()
    assert (toy.books / "a.pdf.mark").read_text() == "1 1 1"


def test_a_page_is_not_blamed_for_what_its_worker_kept_from_books_before(toy: Toy) -> None:
    for name in "ab":
        toy.book(name, "keep")
    toy.build(workers=1, worker_memory_mb=1100)
    assert toy.verdicts() == ["a-1", "b-1"]
    assert toy.rejects("read") == []


def test_workers_are_looked_after_while_many_parts_are_found_fresh(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "bcdefgh":
        toy.book(name, "one")
    toy.build(last=1)
    toy.book("a", "hang", "the largest book comes first")
    looks: list[float] = []

    class Watched(WorkerPool):
        def events(self, patience_s: float = POLL_S) -> list[Event]:
            looks.append(patience_s)
            return super().events(patience_s)

    def slow(*parts: Any) -> str:
        time.sleep(POLL_S)
        return why_stale(*parts)

    monkeypatch.setattr("mmskin_build.runner.build.why_stale", slow)
    toy.build(last=1, pool=Watched(2, RunnerSettings(page_timeout_s=4.0)))
    assert looks.count(0.0) >= 3
    assert [r.reason for r in toy.rejects("read")] == ["page_timeout"]


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
