"""Take people's labels from a file into the ledger: check everything first, then append."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.errors import ReviewError
from mmskin_build.review.decisions import COLUMNS, Decision, by_pair, read_ledger
from mmskin_build.review.kinds import MODALITY, Kind
from mmskin_build.review.spreadsheet import Table, TableRow, harmless, read_table, write_atomically

LISTED = 25  # faults named in one message
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of applying a file."""

    path: Path | None  # the ledger file appended to; None when there was nothing new
    added: int
    known: int  # decisions that stood in the ledger already
    undecided: int  # rows without a label
    disagreements: tuple[str, ...]  # pair ids on which reviewers now differ


@dataclass(frozen=True, slots=True)
class Request:
    """Who applies which file, when, to which ledger."""

    file: Path
    manifests: Path
    reviewer: str
    decided_on: str  # ISO date
    kind: Kind = MODALITY
    unit: str = "row"  # what messages call an entry of the file


def apply_file(request: Request, digests: Mapping[str, str]) -> Applied:
    """Append the labels of a spreadsheet to the ledger; ``digests`` maps pair to picture.

    Raises:
        ReviewError: as ``apply_table``, or the file is no table.
    """
    return apply_table(request, read_table(request.file, needed=("pair_id", "label")), digests)


def apply_table(request: Request, table: Table, digests: Mapping[str, str]) -> Applied:
    """Append the labels of a table to the ledger; ``digests`` maps pair to picture.

    Raises:
        ReviewError: a row has a bad label, an unknown pair, a picture that has changed, no
            reviewer, or contradicts another row. All are listed and nothing is written.
    """
    if not _DATE.fullmatch(request.decided_on):
        raise ReviewError(f"the date {request.decided_on!r} is not of the form 2026-01-31")
    decided = [row for row in table.rows if row.cells["label"]]
    _refuse_faults(request, decided, digests, "image_digest" in table.columns)
    wanted = _decisions(request, decided, digests)
    ledger = read_ledger(request.manifests.glob(request.kind.pattern), request.kind)
    latest = {
        (d.pair_id, d.reviewer.casefold()): d for v in by_pair(ledger).values() for d in v.decisions
    }
    new = [d for d in wanted if not _same(latest.get((d.pair_id, d.reviewer.casefold())), d)]
    paths = [
        _append(request, name, [d for d in new if d.reviewer == name])
        for name in sorted({d.reviewer for d in new})
    ]
    after = by_pair([*ledger, *new])
    differing = sorted({d.pair_id for d in wanted if len(after[d.pair_id].labels) > 1})
    return Applied(
        paths[0] if paths else None,
        len(new),
        len(wanted) - len(new),
        len(table.rows) - len(decided),
        tuple(differing),
    )


def _refuse_faults(
    request: Request, rows: list[TableRow], digests: Mapping[str, str], digests_told: bool
) -> None:
    faults = [
        f"{request.unit} {row.number}: {fault}"
        for row in rows
        for fault in _faults(request, row.cells, digests, digests_told)
    ]
    faults += _contradictions(request, rows)
    if faults:
        more = len(faults) - LISTED
        tail = [f"… and {more} more"] if more > 0 else []
        raise ReviewError(
            "\n".join(
                [f"{request.file}: nothing was applied, please mend:", *faults[:LISTED], *tail]
            )
        )


def _faults(
    request: Request, cells: Mapping[str, str], digests: Mapping[str, str], digests_told: bool
) -> Iterable[str]:
    pair_id, label = cells["pair_id"], cells["label"].casefold()
    if label not in request.kind.labels:
        allowed = ", ".join(request.kind.labels)
        yield (
            f"label {cells['label']!r} is not one of {allowed} (blank: undecided) of the "
            f"{request.kind.name} queue; give another queue with --queue"
        )
    if not (cells.get("reviewer") or request.reviewer):
        yield "no reviewer; fill the column or give --reviewer NAME"
    if not pair_id:
        yield "the pair_id is empty; keep the ids of the exported file"
    elif pair_id not in digests:
        yield f"pair {pair_id!r} is not in the build; clear its label or rebuild its book"
    elif digests_told and cells.get("image_digest") not in ("", digests[pair_id]):
        yield (
            f"the picture of {pair_id!r} has changed since this row was exported; look at it "
            "again in the new queue, then copy its image_digest or clear the label"
        )


def _contradictions(request: Request, rows: list[TableRow]) -> list[str]:
    """Return faults of one reviewer giving one pair two labels in one file."""
    seen: dict[tuple[str, str], TableRow] = {}
    faults = []
    for row in rows:
        reviewer = (row.cells.get("reviewer") or request.reviewer).casefold()
        first = seen.setdefault((row.cells["pair_id"], reviewer), row)
        if first.cells["label"].casefold() != row.cells["label"].casefold():
            faults.append(
                f"{request.unit} {row.number}: {row.cells['pair_id']!r} has label "
                f"{row.cells['label']!r} here and {first.cells['label']!r} in {request.unit} "
                f"{first.number}; keep one"
            )
    return faults


def _decisions(
    request: Request, rows: list[TableRow], digests: Mapping[str, str]
) -> list[Decision]:
    unique = {}
    for row in rows:
        cells = row.cells
        decision = Decision(
            cells["pair_id"],
            digests[cells["pair_id"]],
            cells["label"].casefold(),
            cells.get("reviewer") or request.reviewer,
            cells.get("note", ""),
            request.decided_on,
        )
        unique[(decision.pair_id, decision.reviewer.casefold())] = decision
    return list(unique.values())


def _same(old: Decision | None, new: Decision) -> bool:
    return old is not None and (old.label, old.image_digest, old.note) == (
        new.label,
        new.image_digest,
        new.note,
    )


def _append(request: Request, reviewer: str, decisions: list[Decision]) -> Path:
    """Append to the reviewer's file of the day; the file is replaced as a whole."""
    name = re.sub(r"[^\w.-]+", "-", reviewer).strip("-.") or "reviewer"
    path = request.manifests / request.kind.ledger / f"{request.decided_on}-{name}.csv"
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    old = path.read_bytes() if path.is_file() else b""
    if not old:
        writer.writerow(COLUMNS)
    elif not old.endswith(b"\n"):
        text.write("\n")
    for decision in decisions:
        writer.writerow([harmless(str(getattr(decision, column))) for column in COLUMNS])
    write_atomically(path, old + text.getvalue().encode("utf-8"))
    return path
