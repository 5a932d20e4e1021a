"""Which split a unit goes to. ``docs/splits.md`` explains the rules in words.

1. Within a book, units of one modality are ranked by a salted hash and cut at the shares. This
   sees one book only, so another book cannot change it.
2. A unit with locked pairs goes where they are locked.
3. Units of different books that show the same photograph must agree. Locked ones come first,
   then books in order of their ids; a later unlocked unit joins locked ones, but where its own
   split differs from an unlocked one it is withheld: rows are left out rather than moved.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mmskin_build.errors import LeakageError
from mmskin_build.records import Split
from mmskin_build.splits.settings import SplitSettings, Unit
from mmskin_build.splits.units import BookUnit

SPREAD_FROM = 3  # a book with fewer units cannot fill three splits


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a unit goes: ``split`` is None when it is withheld, ``note`` says why."""

    unit: BookUnit
    split: Split | None
    decided_by: str  # 'hash', 'spread', 'lock', 'merge' or 'withheld'
    note: str = ""


def salted_hash(salt: str, key: str) -> float:
    """Return a number in [0, 1) that depends on nothing but salt and key."""
    digest = hashlib.sha256(f"{salt}|{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def own_splits(units: Sequence[BookUnit], settings: SplitSettings) -> dict[str, tuple[Split, str]]:
    """Return split and rule ('hash' or 'spread') of each unit of one book, by unit key."""
    if settings.unit == Unit.BOOK:
        place = salted_hash(settings.salt, units[0].source_id) if units else 0.0
        whole = _cut(place, settings)
        return {u.key: (whole, "hash") for u in units}
    strata: dict[str, list[BookUnit]] = defaultdict(list)
    for unit in units:
        strata[unit.modality].append(unit)
    chosen: dict[str, tuple[Split, str]] = {}
    for modality, members in sorted(strata.items()):
        ranked = sorted(members, key=lambda u: salted_hash(settings.salt, u.key))
        start = salted_hash(settings.salt, f"{members[0].source_id}|{modality}")
        first, second = (
            math.floor(share * len(ranked) + start + 1e-9)
            for share in (settings.train, settings.train + settings.validation)
        )
        for rank, unit in enumerate(ranked):
            split = Split.TRAIN if rank < first else Split.VALIDATION
            chosen[unit.key] = (Split.TEST if rank >= max(first, second) else split, "hash")
    _spread(chosen, settings)
    return chosen


def _cut(place: float, settings: SplitSettings) -> Split:
    if place < settings.train:
        return Split.TRAIN
    return Split.VALIDATION if place < settings.train + settings.validation else Split.TEST


def _spread(chosen: dict[str, tuple[Split, str]], settings: SplitSettings) -> None:
    """Give each split a unit of a book that has three or more, taken from the fullest split."""
    wanted = [s for s in Split if getattr(settings, s.value) > 0]
    if len(chosen) < SPREAD_FROM:
        return
    for split in wanted:
        counts = {s: sum(c[0] == s for c in chosen.values()) for s in wanted}
        if counts[split] == 0:
            fullest = max(wanted, key=lambda s: counts[s])
            donors = [key for key, (s, _) in chosen.items() if s == fullest]
            moved = max(donors, key=lambda key: salted_hash(settings.salt, key))
            chosen[moved] = (split, "spread")


@dataclass(slots=True)
class _Taken:
    """Splits already given, by copied picture or link; locked ones weigh more."""

    locked: dict[str, Split] = field(default_factory=dict)
    settled: dict[str, Split] = field(default_factory=dict)

    def of(self, unit: BookUnit, among: Mapping[str, Split]) -> set[Split]:
        return {among[c] for c in unit.copies if c in among}


def place_units(
    units: Iterable[BookUnit], lock: Mapping[str, Split], settings: SplitSettings
) -> list[Placement]:
    """Return where every unit goes, in order of book and unit.

    Args:
        units: of all books.
        lock: split of each locked pair id.
        settings: shares and salt.

    Raises:
        LeakageError: the lock itself divides a unit or copies of one photograph.
    """
    books: dict[str, list[BookUnit]] = defaultdict(list)
    for unit in units:
        books[unit.source_id].append(unit)
    taken = _Taken()
    placed: dict[str, Placement] = {}
    for unit in (u for book in sorted(books) for u in books[book]):
        split = _locked_split(unit, lock)
        if split is not None:
            _claim(unit, split, taken)
            placed[unit.key] = Placement(unit, split, "lock")
    for book in sorted(books):
        own = own_splits(books[book], settings)
        if settings.unit == Unit.BOOK:
            own |= _book_lock(books[book], placed)
        for unit in books[book]:
            if unit.key not in placed:
                placed[unit.key] = _place(unit, own[unit.key], taken, settings.unit)
    return [placed[u.key] for book in sorted(books) for u in books[book]]


def _book_lock(
    units: Sequence[BookUnit], placed: Mapping[str, Placement]
) -> dict[str, tuple[Split, str]]:
    """Return the split of a whole book of which some units are locked."""
    locked = {p.split: u.key for u in units if (p := placed.get(u.key)) and p.split}
    if len(locked) > 1:
        raise LeakageError(
            f"the split lock divides book {units[0].source_id} although split.unit is 'book'; "
            "delete all but one split of it from the lock file, or set split.unit to 'figure'"
        )
    return {u.key: (split, "merge") for split in locked for u in units}


def _locked_split(unit: BookUnit, lock: Mapping[str, Split]) -> Split | None:
    locked = {p: lock[p] for p in unit.pair_ids if p in lock}
    if len(set(locked.values())) > 1:
        rows = ", ".join(f"{p} ({s})" for p, s in locked.items())
        raise LeakageError(
            f"the split lock divides one group: {rows}; these show the same figure, case or "
            "photograph. Delete all but one side of them from the lock file"
        )
    return next(iter(locked.values()), None)


def _claim(unit: BookUnit, split: Split, taken: _Taken) -> None:
    for copy in sorted(unit.copies):
        if taken.locked.setdefault(copy, split) != split:
            raise LeakageError(
                f"the split lock puts copies of one photograph ({_shown(copy)}) into "
                f"{taken.locked[copy]} and {split}; one of them is {unit.pair_ids[0]}. Delete "
                "one side of them from the lock file"
            )


def _place(unit: BookUnit, own: tuple[Split, str], taken: _Taken, whole: Unit) -> Placement:
    """Settle an unlocked unit among the locked ones and those settled before it."""
    locked, settled = taken.of(unit, taken.locked), taken.of(unit, taken.settled)
    split, rule = own
    if len(locked) == 1 and whole == Unit.FIGURE:
        split, rule = next(iter(locked)), "merge"
    elif locked - {split}:
        return Placement(unit, None, "withheld", _conflict(unit, locked, taken.locked))
    if settled - {split}:
        return Placement(unit, None, "withheld", _conflict(unit, settled, taken.settled))
    for copy in unit.copies:
        taken.settled.setdefault(copy, split)
    return Placement(unit, split, rule)


def _conflict(unit: BookUnit, splits: set[Split], among: Mapping[str, Split]) -> str:
    copies = ", ".join(f"{_shown(c)} ({among[c]})" for c in sorted(unit.copies) if c in among)
    held = " and ".join(sorted(splits))
    return f"shows photographs that other books already hold in {held}: {copies}"


def _shown(copy: str) -> str:
    """Return a picture's digest or a link of two in the short form used in ids."""
    return "~".join(digest[:12] for digest in copy.split("~"))
