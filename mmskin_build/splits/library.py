"""The split stage's work on the whole library."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mmskin_build.duplicates.components import group_of
from mmskin_build.records import (
    CaptionText,
    DuplicateGroup,
    ModalityLabel,
    Pair,
    Record,
    Reject,
    Split,
    SplitRow,
    Verdict,
)
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.splits.assign import Placement, place_units
from mmskin_build.splits.leakage import check_no_leakage
from mmskin_build.splits.lock import LOCK_NAME, read_lock
from mmskin_build.splits.settings import SplitSettings, Unit
from mmskin_build.splits.units import BookUnit, Member, book_units, copy_keys
from mmskin_build.stage import StageContext


def split_library(ctx: StageContext, settings: SplitSettings) -> Iterator[Record]:
    """Yield one SplitRow per kept pair, and a Reject row per pair withheld to avoid a leak."""
    kept = {v.pair_id for v in ctx.rows(Verdict) if v.keep}
    labels = {r.pair_id: r.label for r in ctx.rows(ModalityLabel)}
    links = {r.pair_id: r.links for r in ctx.rows(DuplicateGroup)}
    captions = {r.pair_id: r for r in ctx.rows(CaptionText)}
    members: dict[str, list[Member]] = defaultdict(list)
    for pair in ctx.rows(Pair):
        key = pair.pair_id
        if key in kept:
            copies = copy_keys(pair.image_digest, links[key]) if key in links else frozenset()
            member = Member(pair, labels.get(key, ""), copies, captions.get(key))
            members[pair.source_id].append(member)
    lock = {r.pair_id: r.split for path in ctx.manifest(LOCK_NAME) for r in read_lock(path)}
    rows, rejects = split_rows(members, lock, settings)
    check_no_leakage(rows, {m.pair.pair_id: m.copies for book in members.values() for m in book})
    yield from rows
    yield from rejects


def split_rows(
    members: Mapping[str, Sequence[Member]], lock: Mapping[str, Split], settings: SplitSettings
) -> tuple[list[SplitRow], list[Reject]]:
    """Return the split of every kept pair (by book) and the pairs withheld."""
    units = [u for book in sorted(members) for u in book_units(members[book])]
    placements = place_units(units, lock, settings)
    whole_books = settings.unit == Unit.BOOK
    names = _group_names([p.unit for p in placements if p.split is not None], whole_books)
    rows: list[SplitRow] = []
    rejects: list[Reject] = []
    for placement in placements:
        if placement.split is None:
            rejects += _withheld(placement)
        else:
            rows += _rows(placement, placement.split, names[placement.unit.key])
    return rows, rejects


def _rows(placement: Placement, split: Split, group_id: str) -> list[SplitRow]:
    unit = placement.unit
    return [
        SplitRow(unit.source_id, pair_id, group_id, split.value, placement.decided_by)
        for pair_id in unit.pair_ids
    ]


def _withheld(placement: Placement) -> list[Reject]:
    unit = placement.unit
    reason = RejectReason.DUPLICATE.value
    return [Reject(unit.source_id, pair_id, reason, placement.note) for pair_id in unit.pair_ids]


def _group_names(units: Sequence[BookUnit], whole_books: bool) -> dict[str, str]:
    """Return the group id of each unit: units that share a photograph share the group."""
    first: dict[str, int] = {}
    links = [(first.setdefault(c, i), i) for i, u in enumerate(units) for c in sorted(u.copies)]
    if whole_books:
        links += [(first.setdefault(f"book {u.source_id}", i), i) for i, u in enumerate(units)]
    roots = group_of(len(units), links)
    return {u.key: _name(units[root].key) for u, root in zip(units, roots, strict=True)}


def _name(key: str) -> str:
    return f"grp-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
