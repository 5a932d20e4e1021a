"""The queues of marks and of sensitive pictures: what filter found, for a person to confirm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.records import ImageCheck, Pair, Source, Verdict
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.review.decisions import Verdicts, by_pair, read_ledger, what_is_said
from mmskin_build.review.kinds import ANNOTATED, CROP, DROP, HELD_BACK, KEEP, MASK, SENSITIVE, Kind
from mmskin_build.review.lock import queue_lock
from mmskin_build.review.queue_csv import FOLDER, Entry, Typed, typed_labels, write_entries

NEAR = 0.15  # how far below its threshold a score still asks for a look
FINDINGS: dict[str, tuple[RejectReason, ...]] = {
    ANNOTATED.name: (RejectReason.ANNOTATED, RejectReason.PANEL_LETTER),
    SENSITIVE.name: (
        RejectReason.FACE,
        RejectReason.SENSITIVE_CAPTION,
        RejectReason.PERSONAL_DATA,
        RejectReason.BURNT_IN_TEXT,
    ),
}
HELD, DIFFER, STALE = "held back", "reviewers disagree", "picture changed since its review"
DROPPED, PASSED = "dropped by the settings", "kept by the settings"
EDITED, CLOSE = "marks taken out", "score just below the threshold"
ORDER = (HELD, DIFFER, STALE, CLOSE, EDITED, DROPPED, PASSED)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the build says of the pairs: the tables of screen and filter, and the thresholds."""

    pairs: tuple[Pair, ...]
    checks: Mapping[str, ImageCheck]
    verdicts: Mapping[str, Verdict]
    annotated_threshold: float
    face_threshold: float


def write_findings_queue(
    build_dir: Path, kind: Kind, findings: Findings, sources: Iterable[Source], manifests: Path
) -> tuple[Path, int]:
    """Write ``annotated.csv`` or ``sensitive.csv``; return it and how many pairs are held back.

    What waits comes first, then the doubtful. A pair leaves when its decision is in the ledger;
    labels typed and not yet applied are carried over.
    """
    ledger = by_pair(read_ledger(manifests.glob(kind.pattern), kind))
    with queue_lock(build_dir / FOLDER):
        typed = typed_labels(build_dir / FOLDER / kind.file)
        entries = _wanted(kind, findings, ledger, typed)
        path = write_entries(build_dir, kind, entries, sources, typed)
    return path, sum(e.reason.startswith(HELD) for e in entries)


def _wanted(
    kind: Kind, findings: Findings, ledger: Mapping[str, Verdicts], typed: dict[str, Typed]
) -> list[Entry]:
    """Return the rows in their order; what is typed and in the ledger leaves ``typed``."""
    limit = findings.annotated_threshold if kind is ANNOTATED else findings.face_threshold
    wanted: list[Entry] = []
    for pair in findings.pairs:
        own = typed.get(pair.pair_id)
        said = what_is_said(ledger.get(pair.pair_id), pair.image_digest)
        if said.label and (own is None or own.label.casefold() in ("", said.label)):
            typed.pop(pair.pair_id, None)
            continue
        entry = _entry(kind, findings, pair, ledger.get(pair.pair_id))
        if entry is not None or own is not None:
            wanted.append(entry or _plain(pair))
    return sorted(wanted, key=lambda entry: _rank(entry, limit))


def _entry(kind: Kind, findings: Findings, pair: Pair, verdicts: Verdicts | None) -> Entry | None:
    """Return the row of a pair with a finding of this kind or a score just below; else None."""
    verdict, check = findings.verdicts.get(pair.pair_id), findings.checks.get(pair.pair_id)
    if verdict is None or check is None:
        return None
    told = _told(kind, verdict)
    score, limit = _score(kind, findings, check)
    close = limit - NEAR <= score < limit
    if not told and not close:
        return None
    reason = _reason(verdict, told, pair, verdicts)
    return Entry(
        pair,
        suggested=_suggestion(kind, verdict, told),
        score=f"{score:.4f}",
        second="",
        second_score="",
        votes="; ".join(told),
        reason=reason,
    )


def _told(kind: Kind, verdict: Verdict) -> list[str]:
    """Return what the verdict says of this kind, as 'face: eye bar (0.40)'."""
    parts = verdict.detail.split("; ")
    return [
        part
        for part in parts
        if any(part.startswith(f"{reason.value}: ") for reason in FINDINGS[kind.name])
    ]


def _score(kind: Kind, findings: Findings, check: ImageCheck) -> tuple[float, float]:
    if kind is ANNOTATED:
        return check.annotated_score, findings.annotated_threshold
    return max(check.face_score, check.eye_bar_score), findings.face_threshold


def _reason(verdict: Verdict, told: list[str], pair: Pair, verdicts: Verdicts | None) -> str:
    said = what_is_said(verdicts, pair.image_digest)
    if said.differing:
        return f"{DIFFER} ({said.differing})"
    if said.stale:
        return STALE
    if not told:
        return CLOSE
    if verdict.masked_digest:
        return EDITED
    if verdict.keep:
        return PASSED
    return HELD if verdict.detail.endswith(HELD_BACK) else DROPPED


def _suggestion(kind: Kind, verdict: Verdict, told: list[str]) -> str:
    """Return what the settings do now; the cautious choice where they leave it to a person."""
    if not told:
        return KEEP
    if kind is ANNOTATED and verdict.masked_digest:
        return CROP if "cut off" in " ".join(told) else MASK
    return KEEP if verdict.keep else DROP


def _plain(pair: Pair) -> Entry:
    return Entry(pair, KEEP, "", "", "", "", "no finding any more")


def _rank(entry: Entry, limit: float) -> tuple[int, float, str]:
    """Sort by what waits first, then by how close the score is to the threshold."""
    state = next((i for i, name in enumerate(ORDER) if entry.reason.startswith(name)), len(ORDER))
    return state, round(abs(float(entry.score or 1) - limit), 4), entry.pair.pair_id
