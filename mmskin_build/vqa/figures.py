"""Every question the caption of a figure without skin can answer: charts, drawings, scans.

Such rows are kept apart from those on skin (``vqa_other``). All of them rest on words of the
caption, but for ``skin_modality``, which rests on the modality label.
"""

from __future__ import annotations

import re
from dataclasses import replace

from mmskin_build.vqa.candidate import Candidate, Picture, both_cases
from mmskin_build.vqa.figure_kinds import FigureKind, load_figure_lexicon, read_figure_kind
from mmskin_build.vqa.figure_marks import Explained, read_marks
from mmskin_build.vqa.figure_titles import IMAGING, Named, is_foreign, read_relations, read_subject
from mmskin_build.vqa.noun_phrases import upper_first

KIND, SKIN = "figure_kind", "skin_modality"
#: classes of figures that come near a photograph of skin or a section of it
NEAR_SKIN = frozenset({"electron", "fluorescence", "tomography", "photo", "gel"})
_NEAR_SKIN = re.compile(
    r"microscop|micrograph|histolog|cytolog|patholog|cytochem|histochem|stain|photograph|\bphotos?\b"
    r"|fluorescen|dermosc|dermatosc|clinical (?:picture|appearance|view)|lesions?\b|biops",
    re.I,
)
_SKIN_NOUNS = (
    "a clinical photograph of the skin",
    "a dermoscopic image",
    "a histological section",
    "a clinical photograph",
    "a dermatoscopic image",
    "a microscopic tissue section",
)
_NO_SKIN_NOUN = (
    "something other than a clinical photograph, a dermoscopic image or a histological section"
)


def figure_candidates(picture: Picture, apart: bool, sure: bool) -> list[Candidate]:
    """Return the questions on a figure that shows no skin.

    Args:
        picture: the picture, its caption read.
        apart: its caption speaks of several panels, all of which it shows.
        sure: its modality is sure enough to be asked for.
    """
    if is_foreign(picture.text):
        return []
    kind = read_figure_kind(picture.text, picture.reading.words)
    scan = kind is not None and kind.of_class in IMAGING
    found = [
        _explained(e)
        for e in read_marks(picture.text, picture.grey)
        if not picture.edited and not (scan and e.family == "side")  # left may be the patient's
    ]
    if kind and not apart:
        found.append(_kind(kind))
    subject = read_subject(picture.text, kind)
    if subject:
        found += [_named(picture.text, part) for part in read_relations(picture.text, subject)]
        found.append(_named(picture.text, subject))
    if sure and not picture.pair.compound and not _near_skin(picture, kind):
        found.append(_skin(picture))
    return list({c.family: c for c in reversed(found)}.values())


def with_skin_modality(found: dict[str, Candidate], both: bool) -> dict[str, Candidate]:
    """Return candidates of which none gives away what ``skin_modality`` asks for.

    'Is this a flow chart?' tells that it is no photograph: the kind is then asked for openly, or,
    as ``both`` is not drawn, only the kind is.
    """
    if KIND not in found or SKIN not in found:
        return found
    if both:
        return found | {KIND: replace(found[KIND], kinds=("open",))}
    return {family: c for family, c in found.items() if family != SKIN}


def _kind(kind: FigureKind) -> Candidate:
    others = load_figure_lexicon().excluded_by(kind.of_class)
    kinds = ("open", "closed", "choice") if len(others) > 2 else ("open",)
    return Candidate(
        KIND,
        kinds,
        both_cases("kind", kind.name),
        kind.start,
        kind.end,
        kind.name,
        kind.name,
        others=others,
        asked="asked",
        correct=kind.name,
    )


def _named(text: str, named: Named) -> Candidate:
    words = text[named.start : named.end]
    slots = {"Phrase": upper_first(words)}
    return Candidate(named.family, ("open",), slots, named.start, named.end, words, words)


def _explained(found: Explained) -> Candidate:
    words, plural = found.answer, found.plural
    slots = {"is": "are" if plural else "is", "does": "do" if plural else "does"}
    if found.family == "marking":
        slots |= {"meaning": found.asked, "With_mark": upper_first(words)}
    else:
        asked = "mark" if found.family == "legend" else "side"
        slots |= {asked: found.asked, "Phrase": upper_first(words)}
    return Candidate(found.family, ("open",), slots, found.start, found.end, words, words)


def _near_skin(picture: Picture, kind: FigureKind | None) -> bool:
    """Tell whether a picture may pass for a photograph or a section in somebody's eyes."""
    return bool(_NEAR_SKIN.search(picture.text)) or (
        kind is not None and kind.of_class in NEAR_SKIN
    )


def _skin(picture: Picture) -> Candidate:
    return Candidate(
        SKIN,
        ("closed", "choice"),
        {},
        -1,
        -1,
        f"modality: {picture.modality}",
        others=_SKIN_NOUNS,
        asked="a_asked",
        correct=_NO_SKIN_NOUN,
    )
