"""The verdict on one pair: everything that speaks against it, and whether it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from mmskin_build.records import CaptionText, ImageCheck, Modality, ModalityLabel, Pair, Verdict
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.screening.personal_data import find_personal_data
from mmskin_build.screening.sensitive_sites import sensitive_sites
from mmskin_build.screening.settings import Action, ScreeningSettings

MIN_CAPTION_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the tables say of one pair; None or 0 where a table has no row for it."""

    pair: Pair
    check: ImageCheck | None = None
    label: ModalityLabel | None = None
    caption: CaptionText | None = None
    pages_seen_on: int = 1
    first_copy: str = ""  # pair_id of the copy that is preferred to this one


@dataclass(slots=True)
class _Findings:
    reasons: list[RejectReason] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    dropped: bool = False
    held: bool = False

    def add(self, reason: RejectReason, detail: str, action: Action = Action.DROP) -> None:
        self.reasons.append(reason)
        self.details.append(f"{reason.value}: {detail}")
        self.dropped |= action == Action.DROP
        self.held |= action == Action.REVIEW


def judge(evidence: Evidence, settings: ScreeningSettings) -> Verdict:
    """Return the verdict on a pair; ``reason`` also names findings the settings let pass."""
    found = _Findings()
    _judge_pair(evidence, settings, found)
    _judge_image(evidence, settings, found)
    _judge_caption(evidence, settings, found)
    label = evidence.label
    if label is not None and label.excluded:
        found.add(RejectReason.EXCLUDED_BY_REVIEWER, "marked 'exclude'")
    # A person who has labelled the pair has seen it: what waited for review is released.
    released = label is not None and label.decided_by == "reviewer" and not label.excluded
    held = found.held and not released
    if held:
        found.details.append("held back until reviewed")
    pair = evidence.pair
    return Verdict(
        source_id=pair.source_id,
        pair_id=pair.pair_id,
        keep=not (found.dropped or held),
        reason="; ".join(r.value for r in found.reasons),
        detail="; ".join(found.details),
    )


def _judge_pair(evidence: Evidence, settings: ScreeningSettings, found: _Findings) -> None:
    pair = evidence.pair
    if min(pair.width_px, pair.height_px) < settings.min_side_px:
        found.add(RejectReason.TOO_SMALL, f"{pair.width_px} x {pair.height_px} pixels")
    if pair.score < settings.min_pair_score:
        found.add(RejectReason.LOW_PAIR_SCORE, f"{pair.score:.2f}")
    if evidence.pages_seen_on >= settings.repeated_pages:
        found.add(RejectReason.REPEATED_OVER_PAGES, f"on {evidence.pages_seen_on} pages")
    if evidence.first_copy:
        found.add(RejectReason.DUPLICATE, f"of {evidence.first_copy}", settings.on_duplicate)


def _judge_image(evidence: Evidence, settings: ScreeningSettings, found: _Findings) -> None:
    check = evidence.check
    if check is None:
        found.add(RejectReason.IMAGE_UNREADABLE, "no image check")
        return
    if check.annotated_score >= settings.annotated_threshold:
        kinds = ", ".join(check.annotation_kinds) or "marks"
        detail = f"{kinds} ({check.annotated_score:.2f})"
        action = settings.on_annotated
        if _is_drawing(check, evidence.label):
            action = settings.on_annotated_drawing
        found.add(RejectReason.ANNOTATED, detail, action)
    # A covered pair of eyes does not make a face unrecognisable, and shows that there is one.
    face = max(check.face_score, check.eye_bar_score)
    if face >= settings.face_threshold:
        kind = "eye bar" if check.eye_bar_score >= settings.face_threshold else "face"
        found.add(RejectReason.FACE, f"{kind} ({face:.2f})", settings.on_face)


def _is_drawing(check: ImageCheck, label: ModalityLabel | None) -> bool:
    """A chart or diagram: its letters and arrows are its own, nobody drew them on a picture."""
    other = label is not None and label.label == Modality.OTHER
    return other and "drawing" in check.annotation_kinds


def _judge_caption(evidence: Evidence, settings: ScreeningSettings, found: _Findings) -> None:
    caption = evidence.caption.text if evidence.caption else evidence.pair.caption
    if sum(c.isalpha() for c in caption) < MIN_CAPTION_LETTERS:
        found.add(RejectReason.EMPTY_CAPTION, repr(caption))
    personal = find_personal_data(caption)
    if personal:
        # The kind only: a table that quoted the name would publish what is being taken out.
        kinds = ", ".join(sorted({p.kind for p in personal}))
        found.add(RejectReason.PERSONAL_DATA, kinds, settings.on_personal_data)
    sites = sensitive_sites(caption)
    microscopy = evidence.label is not None and evidence.label.label == Modality.PATHOLOGY
    if sites and not microscopy:
        detail = ", ".join(sites)
        found.add(RejectReason.SENSITIVE_CAPTION, detail, settings.on_sensitive_caption)
