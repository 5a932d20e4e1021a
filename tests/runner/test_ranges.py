"""A long book is made in page ranges; nobody can tell from the result."""

from __future__ import annotations

import pytest
from toy_library import LINES, Quiet, Toy, parts

from mmskin_build.runner.ranges import cut
from mmskin_build.runner.task import PageRange


def test_parts_and_receipts_are_the_same_in_one_piece_and_in_ranges(toy: Toy) -> None:
    toy.book("long", *LINES)
    toy.book("short", "one")
    toy.build(workers=1)
    whole = parts(toy.root)
    assert len(whole) > 10
    toy.root = toy.root.with_name("other")
    toy.build(workers=3, range_pages=4)
    assert parts(toy.root) == whole
    assert not (toy.root / "ranges").exists()


def test_a_bad_page_costs_only_itself_in_ranges_too(toy: Toy) -> None:
    toy.book("a", "one", "die", "three", "four", "die", "six")
    assert toy.build(range_pages=2).failed == {}
    assert toy.verdicts() == ["a-1", "a-3", "a-4", "a-6"]
    assert [r.record_id for r in toy.rejects("read")] == ["a:p2", "a:p5"]


def test_a_fault_in_one_range_fails_the_book_once(toy: Toy) -> None:
    toy.book("a", "one", *["raise"] * 8, "six")
    toy.book("b", "one")
    assert "unbearable" in toy.build(range_pages=1).failed["a"]
    assert [r.record_id for r in toy.rejects("build")] == ["a"]
    assert toy.verdicts() == ["b-1"]


class StopAt(Quiet):
    """Ctrl-C when a worker enters a page."""

    def __init__(self, page: int) -> None:
        super().__init__()
        self._stop = page

    def page(self, stage: str, key: str, page: int) -> None:
        if page == self._stop:
            raise KeyboardInterrupt


def test_a_stopped_run_goes_on_by_range(toy: Toy) -> None:
    toy.book("a", *LINES)
    with pytest.raises(KeyboardInterrupt):
        toy.build(workers=1, range_pages=5, progress=StopAt(13))
    toy.build(workers=1, range_pages=5)
    entered = [page for stage, page in toy.progress.pages if stage == "read"]
    assert entered[0] > 5
    assert entered[-1] == len(LINES)
    assert len(toy.verdicts()) == len(LINES)


def test_ranges_cover_a_book_evenly() -> None:
    assert cut(7, 3) == (PageRange(1, 2), PageRange(3, 4), PageRange(5, 7))
    assert cut(100, 100) == (PageRange(1, 100),)
    assert [str(r) for r in cut(12000, 6000)] == ["000001-006000", "006001-012000"]
