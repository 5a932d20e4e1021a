"""Splits never leak, and old rows never move."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libraries import Book, books, libraries, pair

from mmskin_build.errors import LeakageError
from mmskin_build.records import Split, SplitRow
from mmskin_build.splits.leakage import check_no_leakage
from mmskin_build.splits.library import split_rows
from mmskin_build.splits.lock import lock_rows
from mmskin_build.splits.settings import SplitSettings, Unit
from mmskin_build.splits.units import Member

FIGURE = SplitSettings()
BOOK = SplitSettings(unit=Unit.BOOK)
UNITS = st.sampled_from((FIGURE, BOOK))


def splits(library: dict[str, Book], lock: dict[str, Split], rule: SplitSettings) -> dict[str, str]:
    return {r.pair_id: r.split for r in split_rows(library, lock, rule)[0]}


def members(library: dict[str, Book]) -> list[Member]:
    return [m for book in library.values() for m in book]


@given(libraries(), UNITS)
@settings(max_examples=80, deadline=None)
def test_nothing_leaks_and_every_pair_is_placed_or_withheld(
    library: dict[str, Book], rule: SplitSettings
) -> None:
    rows, rejects = split_rows(library, {}, rule)
    copies = {m.pair.pair_id: m.copy_group for m in members(library) if m.copy_group}
    check_no_leakage(rows, copies)
    where = {r.pair_id: r.split for r in rows}
    figures: dict[str, set[str | None]] = {}
    for member in members(library):
        figures.setdefault(member.pair.figure_id, set()).add(where.get(member.pair.pair_id))
    assert all(len(found) == 1 for found in figures.values())
    accounted = sorted([*where, *(r.record_id for r in rejects)])
    assert accounted == sorted(m.pair.pair_id for m in members(library))


@given(libraries(), books("new"), st.sampled_from(("0new", "d5", "znew")), UNITS)
@settings(max_examples=80, deadline=None)
def test_adding_a_book_moves_no_old_row(
    library: dict[str, Book], book: Book, name: str, rule: SplitSettings
) -> None:
    before = splits(library, {}, rule)
    after = splits({**library, name: book}, {}, rule)
    moved = {p for p in before if p in after and after[p] != before[p]}
    assert moved == set()
    if name == "znew":  # later in order: nothing old is even withheld
        assert before.items() <= after.items()


@given(libraries(), books("0new"), UNITS)
@settings(max_examples=80, deadline=None)
def test_locked_rows_stay_whatever_book_comes(
    library: dict[str, Book], book: Book, rule: SplitSettings
) -> None:
    before, _ = split_rows(library, {}, rule)
    lock = {r.pair_id: r.split for r in lock_rows(before)}
    after, _ = split_rows({**library, "0new": book}, lock, rule)
    copies = {m.pair.pair_id: m.copy_group for m in [*members(library), *book] if m.copy_group}
    check_no_leakage(after, copies)
    assert {(r.pair_id, r.split) for r in before} <= {(r.pair_id, r.split) for r in after}


@given(libraries(), UNITS)
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_does_not_matter(library: dict[str, Book], rule: SplitSettings) -> None:
    turned = {name: book[::-1] for name, book in reversed(library.items())}
    assert split_rows(library, {}, rule)[0] == split_rows(turned, {}, rule)[0]


def test_a_new_copy_of_locked_rows_joins_their_split() -> None:
    lock = {"b-f000": Split.TEST}
    library = {
        "a": [Member(pair("a", 0), "clinical", "d0")],
        "b": [Member(pair("b", 0), "clinical", "d0")],
    }
    rows, rejects = split_rows(library, lock, FIGURE)
    assert {(r.pair_id, r.split, r.decided_by) for r in rows} == {
        ("a-f000", "test", "merge"),
        ("b-f000", "test", "lock"),
    }
    assert rejects == []
    assert len({r.group_id for r in rows}) == 1


def test_a_new_figure_that_bridges_two_locked_splits_is_withheld_and_reported() -> None:
    lock = {"a-f000": Split.TEST, "b-f000": Split.TRAIN}
    library = {
        "a": [Member(pair("a", 0), "clinical", "d0")],
        "b": [Member(pair("b", 0), "clinical", "d1")],
        "c": [
            Member(pair("c", 0, "a"), "clinical", "d0"),
            Member(pair("c", 0, "b"), "clinical", "d1"),
        ],
    }
    rows, rejects = split_rows(library, lock, FIGURE)
    assert {r.pair_id for r in rows} == {"a-f000", "b-f000"}
    assert [r.record_id for r in rejects] == ["c-f000a", "c-f000b"]
    assert "d0 (test), d1 (train)" in rejects[0].detail


def test_a_lock_that_divides_a_figure_or_a_photograph_is_a_leak() -> None:
    panels = {"a": [Member(pair("a", 0, "a")), Member(pair("a", 0, "b"))]}
    with pytest.raises(LeakageError, match=r"a-f000a .*a-f000b"):
        split_rows(panels, {"a-f000a": Split.TEST, "a-f000b": Split.TRAIN}, FIGURE)
    copies = {n: [Member(pair(n, 0), "clinical", "d7")] for n in "ab"}
    with pytest.raises(LeakageError, match="d7"):
        split_rows(copies, {"a-f000": Split.TEST, "b-f000": Split.TRAIN}, FIGURE)


def test_shares_hold_within_each_modality_of_a_book() -> None:
    book = [
        Member(pair("big", i), "dermoscopy" if i % 4 == 0 else "clinical", "") for i in range(400)
    ]
    rows, _ = split_rows({"big": book}, {}, FIGURE)
    modality = {m.pair.pair_id: m.modality for m in book}
    counts = Counter((modality[r.pair_id], r.split) for r in rows)
    assert abs(counts["clinical", "test"] - 30) <= 1
    assert abs(counts["dermoscopy", "validation"] - 10) <= 1
    assert abs(counts["dermoscopy", "train"] - 80) <= 1


def test_a_book_of_three_figures_fills_three_splits() -> None:
    for name in "abcdefghij":
        rows, _ = split_rows(
            {name: [Member(pair(name, i), "clinical") for i in range(3)]}, {}, FIGURE
        )
        assert {r.split for r in rows} == {"train", "validation", "test"}


def test_a_whole_book_stays_in_one_split_when_so_set() -> None:
    library = {n: [Member(pair(n, i), "clinical") for i in range(9)] for n in "abcdef"}
    rows, _ = split_rows(library, {}, BOOK)
    assert all(len({r.split for r in rows if r.source_id == n}) == 1 for n in library)
    assert all(len({r.group_id for r in rows if r.source_id == n}) == 1 for n in library)


def test_a_group_in_two_splits_is_named() -> None:
    rows = [
        SplitRow("a", "a1", "g1", "train", "hash"),
        SplitRow("a", "a2", "g2", "test", "hash"),
        SplitRow("b", "b1", "g1", "test", "hash"),
    ]
    with pytest.raises(LeakageError, match=r"group g1 .*a1 .*b1"):
        check_no_leakage(rows, {})
    with pytest.raises(LeakageError, match="copies d0"):
        check_no_leakage(rows[:2], {"a1": "d0", "a2": "d0"})


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"train": 0.9}, "add up"),
        ({"train": 1.5, "test": -0.6}, "train"),
        ({"unit": "page"}, "unit"),
    ],
)
def test_bad_settings_are_refused(values: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        SplitSettings(**values)  # type: ignore[arg-type]
