"""The review queues as spreadsheets: ``build/review/<kind>.csv`` with thumbnails beside them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.images import ImageStore
from mmskin_build.records import ModalityLabel, ModalityVote, Pair, Source
from mmskin_build.review.contact_sheet import write_sheet
from mmskin_build.review.kinds import EXCLUDE, MODALITY, Kind
from mmskin_build.review.lock import queue_lock
from mmskin_build.review.spreadsheet import encode, read_table, write_atomically
from mmskin_build.review.thumbnails import make_thumbnail

COLUMNS = (
    "pair_id",
    "thumbnail",
    "source",
    "page",
    "figure",
    "caption_start",
    "suggested",
    "score",
    "second",
    "second_score",
    "votes",
    "reason_for_review",
    "label",
    "reviewer",
    "note",
    "image_digest",
)
FOLDER = "review"
CAPTION_START = 200  # characters
AUDIT = "audit sample"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person wrote into a row and has not applied yet."""

    label: str
    reviewer: str
    note: str
    image_digest: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One pair that waits for a person, and what the build says of it."""

    pair: Pair
    suggested: str
    score: str
    second: str
    second_score: str
    votes: str
    reason: str


def write_queue(
    build_dir: Path,
    pairs: Iterable[Pair],
    votes: Iterable[ModalityVote],
    labels: Iterable[ModalityLabel],
    sources: Iterable[Source],
) -> Path:
    """Write the pairs whose modality needs a person, lowest margin first, the audit sample last.

    Labels typed into the file on disk are carried over, also to rows that would otherwise
    have left the queue; the file as it was is kept as ``modality.previous.csv``.
    """
    known, said = {p.pair_id: p for p in pairs}, list(labels)
    waiting = (r.pair_id for r in said if r.needs_review)
    make_thumbnails(build_dir, (known[pair_id] for pair_id in waiting if pair_id in known))
    with queue_lock(build_dir / FOLDER):
        typed = typed_labels(build_dir / FOLDER / MODALITY.file)
        wanted = _wanted(said, typed)
        told: dict[str, list[ModalityVote]] = {}
        for vote in votes:
            if vote.pair_id in wanted:
                told.setdefault(vote.pair_id, []).append(vote)
        chosen = sorted((p for p in wanted if p in known), key=lambda p: _order(wanted[p]))
        entries = (_entry(known[p], wanted[p], told.get(p, [])) for p in chosen)
        return write_entries(build_dir, MODALITY, entries, sources, typed)


def make_thumbnails(build_dir: Path, pairs: Iterable[Pair]) -> None:
    """Make what is missing before the queue is locked: a page must not wait for it."""
    store = ImageStore(build_dir / "images")
    for pair in pairs:
        make_thumbnail(store, pair.image_digest, build_dir / FOLDER)


def write_entries(
    build_dir: Path,
    kind: Kind,
    entries: Iterable[Entry],
    sources: Iterable[Source],
    typed: dict[str, Typed],
) -> Path:
    """Write one queue, locked by the caller, in the order given.

    What is left in ``typed`` follows as rows of its own.
    """
    folder = build_dir / FOLDER
    path = folder / kind.file
    titles = {s.source_id: s.title or s.source_id for s in sources}
    store = ImageStore(build_dir / "images")
    left = dict(typed)
    rows = []
    for entry in entries:
        row = _row(entry, titles)
        thumbnail = make_thumbnail(store, entry.pair.image_digest, folder)
        own = left.pop(entry.pair.pair_id, None)
        rows.append([row[0], thumbnail, *row[1:], *_typed_cells(own, entry.pair)])
    rows += [_orphan(pair_id, own) for pair_id, own in sorted(left.items())]
    _keep_backup(path)
    write_atomically(path, encode(COLUMNS, rows))
    write_sheet(path.with_suffix(".html"), kind, COLUMNS, rows)
    return path


def _wanted(labels: Iterable[ModalityLabel], typed: dict[str, Typed]) -> dict[str, ModalityLabel]:
    """Return the labels to queue; what somebody typed and the build goes by leaves ``typed``."""
    found = {}
    for label in labels:
        if _applied(label, typed.get(label.pair_id)):
            del typed[label.pair_id]
        if label.needs_review or label.pair_id in typed:
            found[label.pair_id] = label
    return found


def typed_labels(path: Path) -> dict[str, Typed]:
    """Return labels and notes a person typed into the queue on disk, by pair."""
    if not path.is_file():
        return {}
    found = {}
    for row in read_table(path, needed=("pair_id",)).rows:
        cells = row.cells
        entry = Typed(
            cells.get("label", ""),
            cells.get("reviewer", ""),
            cells.get("note", ""),
            cells.get("image_digest", ""),
        )
        if cells["pair_id"] and (entry.label or entry.note):
            found[cells["pair_id"]] = entry
    return found


def _applied(row: ModalityLabel, typed: Typed | None) -> bool:
    """Return whether the label somebody typed is the one the build already goes by."""
    if typed is None or row.decided_by != "reviewer":
        return False
    return typed.label.casefold() in ("", EXCLUDE if row.excluded else row.label)


def _order(label: ModalityLabel) -> tuple[bool, float, str]:
    margin = label.probability - label.second_probability
    return (label.review_reason == AUDIT, round(margin, 4), label.pair_id)


def _entry(pair: Pair, label: ModalityLabel, votes: list[ModalityVote]) -> Entry:
    return Entry(
        pair,
        label.label,
        f"{label.probability:.4f}",
        label.second_label,
        f"{label.second_probability:.4f}",
        "; ".join(_told(vote) for vote in sorted(votes, key=lambda v: v.voter != "image")),
        label.review_reason,
    )


def _row(entry: Entry, titles: dict[str, str]) -> list[str]:
    pair = entry.pair
    caption = " ".join((pair.panel_caption or pair.caption).split())
    figure = " ".join(x for x in (pair.label, f"({pair.panel})" if pair.panel else "") if x)
    return [
        pair.pair_id,
        titles.get(pair.source_id, pair.source_id),
        str(pair.page),
        figure,
        caption[:CAPTION_START],
        entry.suggested,
        entry.score,
        entry.second,
        entry.second_score,
        entry.votes,
        entry.reason,
    ]


def _told(vote: ModalityVote) -> str:
    if not vote.label:
        return f"{vote.voter}: silent" + (f" ({vote.evidence})" if vote.evidence else "")
    share = max(vote.p_clinical, vote.p_dermoscopy, vote.p_pathology, vote.p_other)
    because = f" ({vote.evidence})" if vote.evidence else ""
    return f"{vote.voter}: {vote.label} {share:.2f}{because}"


def _typed_cells(typed: Typed | None, pair: Pair) -> list[str]:
    """Return label, reviewer, note and digest; a typed label keeps the picture it was given for."""
    if typed is None:
        return ["", "", "", pair.image_digest]
    return [typed.label, typed.reviewer, typed.note, typed.image_digest or pair.image_digest]


def _orphan(pair_id: str, typed: Typed) -> list[str]:
    """Return a row for a typed label whose pair is not in this build, so that it is not lost."""
    cells = dict.fromkeys(COLUMNS, "")
    cells |= {
        "pair_id": pair_id,
        "reason_for_review": "not in this build",
        "label": typed.label,
        "reviewer": typed.reviewer,
        "note": typed.note,
        "image_digest": typed.image_digest,
    }
    return [cells[c] for c in COLUMNS]


def _keep_backup(path: Path) -> None:
    if path.is_file():
        backup = path.with_name(f"{path.stem}.previous.csv")
        part = backup.with_name(f".{backup.name}.{os.getpid()}")
        part.write_bytes(path.read_bytes())
        part.replace(backup)
