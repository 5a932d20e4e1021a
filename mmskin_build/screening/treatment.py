"""Whether a picture needs a copy without its marks: the settings say so, or a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mmskin_build.records import ImageCheck, Pair, WantedEdit
from mmskin_build.review.decisions import Said, by_pair, read_ledger, what_is_said
from mmskin_build.review.kinds import ANNOTATED, CROP, MASK
from mmskin_build.screening.settings import Action, ScreeningSettings
from mmskin_build.stage import StageContext

LETTER_ONLY = ("letter",)
# A caption that speaks of a mark would speak of nothing once the mark is gone.
_SPEAKS_OF_MARKS = re.compile(
    r"\b(?:arrow(?:s|heads?)?|asterisks?|stars?|circled?|circles|boxed|rectangles?|brackets?|"
    r"dotted|dashed|outlined?|encircled|pointers?|scale bars?|bars? ?[=:])\b|[→←↑↓▲►★*]",
    re.IGNORECASE,
)


def wanted_edits(ctx: StageContext, settings: ScreeningSettings) -> Iterator[WantedEdit]:
    """Yield one WantedEdit per pair whose marks the settings or a person want gone."""
    said = by_pair(read_ledger(ctx.manifest(ANNOTATED.pattern), ANNOTATED))
    checks = {c.pair_id: c for c in ctx.rows(ImageCheck)}
    for pair in ctx.rows(Pair):
        check = checks.get(pair.pair_id)
        if check is None:
            continue
        word = what_is_said(said.get(pair.pair_id), pair.image_digest)
        method = method_wanted(check, pair.caption, word, settings)
        if method is not None:
            yield WantedEdit(pair.source_id, pair.pair_id, method.value)


def is_annotated(check: ImageCheck, settings: ScreeningSettings) -> bool:
    """Return whether marks count as drawn on the picture."""
    return check.annotated_score >= settings.annotated_threshold


def action_on_marks(check: ImageCheck, settings: ScreeningSettings) -> Action:
    """Return what the settings want for a picture with marks that is no drawing."""
    if check.annotation_kinds == LETTER_ONLY:
        return settings.on_panel_letter
    return settings.on_annotated


def method_wanted(
    check: ImageCheck, caption: str, said: Said, settings: ScreeningSettings
) -> Action | None:
    """Return MASK or CROP when a copy is wanted, else None; a person's word goes first."""
    if said.differing:
        return None
    if said.label:
        return {MASK: Action.MASK, CROP: Action.CROP}.get(said.label)
    wanted = []
    if is_annotated(check, settings):
        if "drawing" in check.annotation_kinds:
            return None  # what is all marks has nothing left without them
        wanted.append(action_on_marks(check, settings))
    if check.burnt_in:
        wanted.append(settings.on_burnt_in_text)
    edits = [a for a in wanted if a in (Action.MASK, Action.CROP)]
    if not edits or len(edits) < len([a for a in wanted if a != Action.KEEP]):
        return None  # a finding that drops the picture anyway makes a copy pointless
    if speaks_of_marks(caption) and check.annotation_kinds != LETTER_ONLY:
        return None
    return Action.MASK if Action.MASK in edits else Action.CROP


def speaks_of_marks(caption: str) -> bool:
    """Return whether a caption refers to something drawn on its picture."""
    return bool(_SPEAKS_OF_MARKS.search(caption))
