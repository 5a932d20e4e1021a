"""Splits never leak, and old rows never move."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libraries import Library, Shown, books, libraries, members, pair

from mmskin_build.errors import LeakageError
from mmskin_build.records import Split, SplitRow
from mmskin_build.splits.leakage import PlacedPicture, check_no_leakage, nearest_cross_split
from mmskin_build.splits.library import split_rows
from mmskin_build.splits.lock import lock_rows
from mmskin_build.splits.settings import SplitSettings, Unit
from mmskin_build.splits.units import Member, copy_keys

FIGURE = SplitSettings()
BOOK = SplitSettings(unit=Unit.BOOK)
UNITS = st.sampled_from((FIGURE, BOOK))


def placed(library: Library, lock: dict[str, Split], rule: SplitSettings) -> list[SplitRow]:
    """Split a library, check it for leaks, return the rows."""
    seen = members(library)
    rows, rejects = split_rows(seen, lock, rule)
    check_no_leakage(rows, {m.pair.pair_id: m.copies for book in seen.values() for m in book})
    where = {r.pair_id: r.split for r in rows}
    pictures = [shown for book in library.values() for shown in book]
    for one in pictures:
        for two in pictures:
            tied = one.parts & two.parts or one.pair.figure_id == two.pair.figure_id
            if tied and {one.pair.pair_id, two.pair.pair_id} <= set(where):
                assert where[one.pair.pair_id] == where[two.pair.pair_id]
    accounted = sorted([*where, *(r.record_id for r in rejects)])
    assert accounted == sorted(shown.pair.pair_id for shown in pictures)
    return rows


def splits(library: Library, lock: dict[str, Split], rule: SplitSettings) -> dict[str, str]:
    return {r.pair_id: r.split for r in placed(library, lock, rule)}


@given(libraries(), UNITS)
@settings(max_examples=80, deadline=None)
def test_nothing_leaks_and_every_pair_is_placed_or_withheld(
    library: Library, rule: SplitSettings
) -> None:
    rows = placed(library, {}, rule)
    homes: dict[str, set[str]] = {}
    for row in rows:
        homes.setdefault(row.group_id, set()).add(row.split)
    assert all(len(found) == 1 for found in homes.values())


@given(libraries(), UNITS)
@settings(max_examples=80, deadline=None)
def test_figures_of_one_patient_are_never_apart(library: Library, rule: SplitSettings) -> None:
    where = {r.pair_id: r.split for r in placed(library, {}, rule)}
    for name, book in library.items():
        by_number = {s.pair.label.removeprefix("1."): s.pair for s in book}
        for shown in book:
            named = shown.pair.caption.partition("Fig. 1.")[2].rstrip(".")
            if named in by_number:
                pair_ids = {shown.pair.pair_id, by_number[named].pair_id}
                assert len({where[p] for p in pair_ids if p in where}) <= 1, name


@given(libraries(), books("new"), st.sampled_from(("0new", "d5", "znew")), UNITS)
@settings(max_examples=120, deadline=None)
def test_adding_a_book_moves_no_old_row(
    library: Library, book: list[Shown], name: str, rule: SplitSettings
) -> None:
    before = splits(library, {}, rule)
    after = splits({**library, name: book}, {}, rule)
    moved = {p for p in before if p in after and after[p] != before[p]}
    assert moved == set()
    if name == "znew":  # later in order: nothing old is even withheld
        assert before.items() <= after.items()


@given(libraries(), st.lists(st.sampled_from("zyxwv"), min_size=1, unique=True), st.data(), UNITS)
@settings(max_examples=60, deadline=None)
def test_locked_rows_stay_whatever_books_come(
    library: Library, names: list[str], data: st.DataObject, rule: SplitSettings
) -> None:
    before = placed(library, {}, rule)
    for name in names:  # a release and its lock after each book
        lock = {r.pair_id: r.split for r in lock_rows(before)}
        library = {**library, f"0{name}": data.draw(books(f"0{name}"))}
        after = placed(library, lock, rule)
        assert {(r.pair_id, r.split) for r in before} <= {(r.pair_id, r.split) for r in after}
        before = after


@given(libraries(), UNITS)
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_does_not_matter(library: Library, rule: SplitSettings) -> None:
    turned = {name: book[::-1] for name, book in reversed(library.items())}
    assert placed(library, {}, rule) == placed(turned, {}, rule)


def test_a_new_copy_of_locked_rows_joins_their_split() -> None:
    lock = {"b-f000": Split.TEST}
    library = {
        "a": [Member(pair("a", 0), "clinical", frozenset({"d0"}))],
        "b": [Member(pair("b", 0), "clinical", frozenset({"d0"}))],
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
        "a": [Member(pair("a", 0), "clinical", frozenset({"d0"}))],
        "b": [Member(pair("b", 0), "clinical", frozenset({"d1"}))],
        "c": [
            Member(pair("c", 0, "a"), "clinical", frozenset({"d0"})),
            Member(pair("c", 0, "b"), "clinical", frozenset({"d1"})),
        ],
    }
    rows, rejects = split_rows(library, lock, FIGURE)
    assert {r.pair_id for r in rows} == {"a-f000", "b-f000"}
    assert [r.record_id for r in rejects] == ["c-f000a", "c-f000b"]
    assert "d0 (test), d1 (train)" in rejects[0].detail


def test_a_photograph_of_which_old_rows_show_two_parts_gives_way_to_them() -> None:
    """Two crops that share nothing are in two splits; then a book prints the whole picture.

    All three are one duplicate group now. The new one is withheld, the old ones stay.
    """
    lock = {"a-f000": Split.TEST, "b-f000": Split.TRAIN}
    left = Member(pair("a", 0), "clinical", copy_keys("a0", ["c0"]))
    right = Member(pair("b", 0), "clinical", copy_keys("b0", ["c0"]))
    whole = Member(pair("c", 0), "clinical", copy_keys("c0", ["a0", "b0"]))
    rows, rejects = split_rows({"a": [left], "b": [right], "c": [whole]}, lock, FIGURE)
    assert {(r.pair_id, r.split) for r in rows} == set(lock.items())
    assert [r.record_id for r in rejects] == ["c-f000"]
    assert "a0~c0 (test), b0~c0 (train)" in rejects[0].detail


def test_a_lock_that_divides_a_figure_or_a_photograph_is_a_leak() -> None:
    panels = {"a": [Member(pair("a", 0, "a")), Member(pair("a", 0, "b"))]}
    with pytest.raises(LeakageError, match=r"a-f000a .*a-f000b"):
        split_rows(panels, {"a-f000a": Split.TEST, "a-f000b": Split.TRAIN}, FIGURE)
    copies = {n: [Member(pair(n, 0), "clinical", frozenset({"d7"}))] for n in "ab"}
    with pytest.raises(LeakageError, match="d7"):
        split_rows(copies, {"a-f000": Split.TEST, "b-f000": Split.TRAIN}, FIGURE)


def test_shares_hold_within_each_modality_of_a_book() -> None:
    book = [Member(pair("big", i), "dermoscopy" if i % 4 == 0 else "clinical") for i in range(400)]
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
        check_no_leakage(rows[:2], {"a1": {"d0"}, "a2": {"d0"}})


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


def test_each_held_out_picture_is_shown_with_its_nearest_training_picture() -> None:
    def picture(name: str, split: str, bits: int) -> PlacedPicture:
        return PlacedPicture(name, split, name, f"{2**bits - 1:x}", "0" if name != "gone" else "")

    pictures = [
        picture("far", "test", 30),
        picture("near", "validation", 9),
        picture("old", "train", 12),
        picture("older", "train", 20),
        picture("gone", "test", 12),  # could not be read, so has no hash
    ]
    found = [
        (n.held_out.pair_id, n.train.pair_id, n.distance) for n in nearest_cross_split(pictures)
    ]
    assert found == [("near", "old", 1.5), ("far", "older", 5.0)]
    assert nearest_cross_split(pictures[:2]) == []
