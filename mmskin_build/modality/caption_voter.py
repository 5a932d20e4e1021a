"""What a caption states about the kind of its picture, and when it states nothing.

A caption states a modality by naming a technique ("H&E", "dermoscopy", "radiograph") or a
kind of picture ("clinical photograph"). Words that only describe what is seen (network,
plaque, acanthosis) make it lean, which fusion may use, but do not state anything.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from mmskin_build.modality.caption_cues import CUES, DERMOSCOPIC_LESIONS, LEANINGS, Cue
from mmskin_build.records import Modality

STATED = 1.0  # weight from which a cue in plain context states the modality
MARGIN = 0.9  # by which the leading modality must beat the next
DISCOUNT = 0.12  # of a cue that stands in history, contrast or a general remark
UNLIKELY = 0.6  # by which a caption that names no lesion of dermoscopy leans away from it
LEADS = 1.25  # of a cue in the first clause, where captions say what the picture is

_SENTENCE = re.compile(r"(?<=[.;!?])\s+(?=[A-Z(])|\n+")
# The cue is somebody else's picture, a finding of the past, or general teaching.
_BEFORE = re.compile(
    r"(?:in contrast (?:to|with)|unlike|as opposed to|compared (?:to|with)|rather than|instead of"
    r"|correlat\w+ (?:with|to)|correspond\w+ (?:with|to)|(?:on|in) (?:the )?review of"
    r"|also (?:be )?(?:seen|visible) (?:on|in)|(?:after|before|following|prior to|awaiting|despite"
    r"|pending|underwent|undergoing|taken for|scheduled for|history of|treated (?:with|by)"
    r"|not seen (?:on|in)|invisible (?:on|in)|without|no|not|see|cf\.?)"
    r"|(?:diagnos\w+|confirm\w+|prov\w+|establish\w+"
    r"|suspect\w+|exclud\w+|verif\w+|demonstrated|identif\w*|distinguish\w*)"
    r" (?:by|on|with|through|at|from)"
    r"|(?:for|with|by|on|at) (?:subsequent|later|further|previous|earlier|repeat|follow-up)"
    r"|such as|visible with|may be|might be|can be|could be|should be|requir\w+|need\w*|help\w*"
    r"|order(?:ed)?|perform(?:ed)?|recommend\w*|advis\w+|consider\w*)"
    r"(?: (?:the|a|an|any|its|his|her|their|our|of|on|in|with|by|to|and|[\w-]+ or|or|other"
    r"|further|either|clinical|routine|subsequent|complete|[\w-]+ing)){0,6}\s*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^[\w\s'’-]{0,40}?\b(?:confirm\w*|prov(?:ed|en)|clearance|refus\w+|pending|awaited|declined"
    r"|is (?:a|an|the|used|useful|helpful|needed|required|mandatory|performed|usually|often|not)"
    r"|are (?:used|useful|helpful|needed|required|usually|often|not)"
    r"|(?:can|may|might|should|could|must|will|would)\b|was (?:not|done|performed"
    r"|diagnostic|negative|refused|taken|consistent|normal|measured|weighed))",
    re.IGNORECASE,
)
_LOOSE_AFTER = re.compile(
    r"^[\s-]*(?:proven|proved|confirmed|verified|correlation|follow-up|diagnosis)", re.I
)
# In a later sentence the past tense tells what was done, not what is shown.
_HISTORY = re.compile(
    r"^[^,;.]{0,40}?\b(?:showed|revealed|was|were|had|disclosed|demonstrated|excluded|detected|found"
    r"|identified|grew|yielded|suggested)\b",
    re.IGNORECASE,
)
# The sentence teaches; it does not describe a picture.
_TEACHING = re.compile(
    r"\b(?:is a (?:technique|method|tool|test)|are (?:techniques|methods)|technique used"
    r"|is (?:usually|often|typically|commonly) (?:diagnosed|made|based)|diagnosis is (?:made|based)"
    r"|may be used|can be used|is used to|in some cases|gold standard|by a healthcare"
    r"|(?:typically|usually|often) involves?|is necessary"
    r"|requires? confirmation|laboratory test\w*)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_PANELS = re.compile(r"(?:^|\s)\(?([a-h])[).,:]\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CaptionVote:
    """What the caption says: a label or '' when it abstains, and how it leans."""

    label: str
    probabilities: tuple[float, float, float, float]  # in the order of ``Modality``
    evidence: str


def vote(caption: str) -> CaptionVote:
    """Return what a caption states about its picture."""
    weights = dict.fromkeys(Modality, 0.0)
    best: dict[Modality, tuple[float, str]] = {}
    for number, sentence in enumerate(_SENTENCE.split(caption.strip())):
        teaching = bool(_TEACHING.search(sentence))
        for cue, start, end in _found(sentence):
            weight = cue.weight * (DISCOUNT if teaching else _context(sentence, start, end))
            if number and _HISTORY.match(sentence[end:]):
                weight = min(weight, cue.weight * DISCOUNT)
            if number == 0 and start < 60:
                weight *= LEADS
            weights[cue.modality] += weight if cue.modality not in best else weight * 0.3
            if weight > best.get(cue.modality, (0.0, ""))[0]:
                best[cue.modality] = (weight, sentence[start:end])
    ranked = sorted(Modality, key=lambda m: -weights[m])
    first, second = ranked[0], ranked[1]
    clear = weights[first] - weights[second] >= MARGIN or weights[second] < STATED
    stated = best.get(first, (0.0, ""))[0] >= STATED and clear
    lean = _leaning(caption)
    scores = [weights[m] + lean[m] for m in Modality]
    words = [text for _, text in sorted(best.values(), reverse=True) if text]
    return CaptionVote(str(first) if stated else "", _softmax(scores), "; ".join(words[:3]))


def _found(sentence: str) -> list[tuple[Cue, int, int]]:
    """Return cues in a sentence; a firmer or longer phrase hides those it overlaps."""
    hits = [(cue, *m.span()) for cue in CUES for m in cue.pattern.finditer(sentence)]
    hits.sort(key=lambda h: (-h[0].weight, h[1] - h[2], h[1]))
    kept: list[tuple[Cue, int, int]] = []
    for hit in hits:
        if all(hit[2] <= other[1] or hit[1] >= other[2] for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda h: h[1])


def _context(sentence: str, start: int, end: int) -> float:
    """Return 1 for a cue that speaks of this picture, less for history or contrast."""
    before, after = sentence[:start], sentence[end:]
    if _BEFORE.search(before) or _LOOSE_AFTER.match(after) or _AFTER.match(after):
        return DISCOUNT
    return 1.0


def _leaning(caption: str) -> dict[Modality, float]:
    """Return a mild weight per modality from descriptive words."""
    out = dict.fromkeys(Modality, 0.0)
    for modality, pattern in LEANINGS.items():
        kinds = {m.group().lower() for m in pattern.finditer(caption)}
        out[modality] = min(1.6, 0.8 * len(kinds))
    if _WORD.search(caption) and not DERMOSCOPIC_LESIONS.search(caption):
        out[Modality.DERMOSCOPY] -= UNLIKELY
    return out


def _softmax(scores: list[float]) -> tuple[float, float, float, float]:
    powers = [math.exp(1.6 * s) for s in scores]
    a, b, c, d = (round(p / sum(powers), 4) for p in powers)
    return (a, b, c, d)


def names_several_panels(caption: str) -> bool:
    """Return whether the caption lists panels, so that it cannot speak for one picture."""
    letters = [m.group(1).lower() for m in _PANELS.finditer(caption)]
    return len(set(letters)) >= 2 and "a" in letters and "b" in letters
