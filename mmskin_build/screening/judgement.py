"""The verdict on one pair: everything that speaks against it, and whether it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from mmskin_build.records import (
    CaptionText,
    ImageCheck,
    MaskedImage,
    Modality,
    ModalityLabel,
    Pair,
    Verdict,
)
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.review.decisions import NOTHING_SAID, Said
from mmskin_build.review.kinds import CROP, DROP, HELD_BACK, KEEP, MASK
from mmskin_build.screening.personal_data import find_personal_data
from mmskin_build.screening.sensitive_sites import sensitive_sites
from mmskin_build.screening.settings import Action, ScreeningSettings
from mmskin_build.screening.treatment import LETTER_ONLY, action_on_marks, is_annotated

MIN_CAPTION_LETTERS = 3
DONE = {MASK: "painted over", CROP: "cut off"}  # what a copy's method did to the marks


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the tables say of one pair; None or 0 where a table has no row for it."""

    pair: Pair
    check: ImageCheck | None = None
    label: ModalityLabel | None = None
    caption: CaptionText | None = None
    pages_seen_on: int = 1
    first_copy: str = ""  # pair_id of the copy that is preferred to this one
    masked: MaskedImage | None = None  # a copy without its marks, when one was wanted
    on_annotated: Said = NOTHING_SAID  # what reviewers say of its marks
    on_sensitive: Said = NOTHING_SAID  # what they say of faces, sites and personal data


@dataclass(slots=True)
class _Findings:
    reasons: list[RejectReason] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    dropped: bool = False
    held: bool = False
    masked_digest: str = ""

    def add(self, reason: RejectReason, detail: str, action: Action = Action.DROP) -> None:
        self.reasons.append(reason)
        self.details.append(f"{reason.value}: {detail}")
        self.dropped |= action not in (Action.KEEP, Action.REVIEW)
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
    if found.held:
        found.details.append(HELD_BACK)
    pair = evidence.pair
    keep = not (found.dropped or found.held)
    return Verdict(
        source_id=pair.source_id,
        pair_id=pair.pair_id,
        keep=keep,
        reason="; ".join(r.value for r in found.reasons),
        detail="; ".join(found.details),
        masked_digest=found.masked_digest if keep else "",
    )


def decided(said: Said, action: Action) -> Action:
    """Return what happens to a finding once people have spoken: their word goes first."""
    if said.differing:
        return Action.REVIEW
    return {KEEP: Action.KEEP, DROP: Action.DROP}.get(said.label, action)


def _judge_pair(evidence: Evidence, settings: ScreeningSettings, found: _Findings) -> None:
    pair = evidence.pair
    if min(pair.width_px, pair.height_px) < settings.min_side_px:
        found.add(RejectReason.TOO_SMALL, f"{pair.width_px} x {pair.height_px} pixels")
    if pair.score < settings.min_pair_score:
        found.add(RejectReason.LOW_PAIR_SCORE, f"{pair.score:.2f}")
    if evidence.pages_seen_on >= settings.repeated_pages:
        found.add(RejectReason.REPEATED_OVER_PAGES, f"on {evidence.pages_seen_on} pages")
    if evidence.first_copy:
        action = settings.on_duplicate
        label = evidence.label
        if action == Action.REVIEW and label is not None and label.decided_by == "reviewer":
            action = Action.KEEP  # who labelled the copy has seen it
        found.add(RejectReason.DUPLICATE, f"of {evidence.first_copy}", action)


def _judge_image(evidence: Evidence, settings: ScreeningSettings, found: _Findings) -> None:
    check = evidence.check
    if check is None:
        found.add(RejectReason.IMAGE_UNREADABLE, "no image check")
        return
    cleaned = _judge_marks(evidence, check, settings, found)
    # A covered pair of eyes does not make a face unrecognisable, and shows that there is one.
    face = max(check.face_score, check.eye_bar_score)
    if face >= settings.face_threshold:
        kind = "eye bar" if check.eye_bar_score >= settings.face_threshold else "face"
        action = decided(evidence.on_sensitive, settings.on_face)
        found.add(RejectReason.FACE, f"{kind} ({face:.2f})", action)
    if check.burnt_in:
        detail = ", ".join(check.burnt_in)
        action = decided(evidence.on_sensitive, settings.on_burnt_in_text)
        if cleaned and evidence.masked and not evidence.masked.burnt_in:
            detail, action = f"{detail}, taken out", Action.KEEP
        found.add(RejectReason.BURNT_IN_TEXT, detail, action)


def _judge_marks(
    evidence: Evidence, check: ImageCheck, settings: ScreeningSettings, found: _Findings
) -> bool:
    """Judge the marks drawn on the picture; return whether its copy without them is used."""
    said = evidence.on_annotated
    copy = None if said.differing or said.label in (KEEP, DROP) else evidence.masked
    asked = said.label not in ("", KEEP)  # a person may see marks where the detector does not
    fault = copy_fault(copy, asked, settings) if copy else ""
    if copy and not fault:
        found.masked_digest = copy.masked_digest
    if is_annotated(check, settings) or asked:
        detail = f"{', '.join(check.annotation_kinds) or 'marks'} ({check.annotated_score:.2f})"
        action = settings.on_annotated_drawing
        if not _is_drawing(check, evidence.label):
            action = action_on_marks(check, settings)
        action = Action.DROP if asked else decided(said, action)
        if copy:
            action = action if fault else Action.KEEP
            detail += f", {fault or DONE[copy.method]}"
        letter = check.annotation_kinds == LETTER_ONLY
        reason = RejectReason.PANEL_LETTER if letter else RejectReason.ANNOTATED
        found.add(reason, detail, action)
    return bool(found.masked_digest)


def copy_fault(copy: MaskedImage, asked: bool, settings: ScreeningSettings) -> str:
    """Return why a copy cannot stand for its picture, or ''; who asked for it is trusted."""
    if not copy.masked_digest:
        return copy.problem
    if copy.annotated_score >= settings.annotated_threshold and not asked:
        return "marks are left"
    if min(copy.width_px, copy.height_px) < settings.min_side_px:
        return "too small without them"
    return ""


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
        action = decided(evidence.on_sensitive, settings.on_personal_data)
        found.add(RejectReason.PERSONAL_DATA, kinds, action)
    sites = sensitive_sites(caption)
    microscopy = evidence.label is not None and evidence.label.label == Modality.PATHOLOGY
    if sites and not microscopy:
        detail = ", ".join(sites)
        action = decided(evidence.on_sensitive, settings.on_sensitive_caption)
        found.add(RejectReason.SENSITIVE_CAPTION, detail, action)
