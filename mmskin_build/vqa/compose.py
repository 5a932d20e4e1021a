"""Choose what to ask of each picture of a library, and write no row twice.

Every choice is drawn from a hash of the pair's id; only two things are remembered along the
way, in the order of the pairs: which rows exist (so that none is written twice) and how many
yes and no each family has (so that they balance). A book added at the end of the manifest
therefore changes no row of the books before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mmskin_build.records import Modality, Qa, Record, Reject
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.vqa.candidate import Candidate, Picture, keys_of
from mmskin_build.vqa.clauses import describes_panels
from mmskin_build.vqa.cues import hedged
from mmskin_build.vqa.families import candidates_of, modality_candidate
from mmskin_build.vqa.figures import SKIN, figure_candidates, with_skin_modality
from mmskin_build.vqa.gate import Grounding, Refusal, refuse
from mmskin_build.vqa.lexicon_files import Kind
from mmskin_build.vqa.phrasing import load_phrasings
from mmskin_build.vqa.settings import FAMILIES, FIGURE_FAMILIES, OtherPictures, VqaSettings
from mmskin_build.vqa.wordings import Ask, Draft, drafts, draw

GENERATOR = "templates"
NEUTRAL = "neutral"  # nouns that do not tell what kind of picture it is
FIGURE = "figure"  # nouns for pictures without skin
_TELLS_MODALITY = re.compile(
    r"dermosc|dermatosc|histolog|histopath|microsc|micrograph|section|slide|photograph|patholog|"
    r"clinical|stain",
    re.I,
)
#: which of the two the picture shows, the caption does not say
_BEFORE_AND_AFTER = re.compile(
    r"\bbefore\b[^.;]{0,30}\band\b[^.;]{0,30}\bafter\b|\bpre-?(?:operative|treatment)?\s?and"
    r"\spost-?|\bsame\s(?:patient|lesion|case|child|area|site)[^.;]{0,40}\b(?:after|later)\b",
    re.I,
)
_PEOPLE = ("sex", "age_group", "skin_type")
_ON_COLOUR = ("colour", "stain")
_FILLERS = ("modality", "group")
_OF_ALL_PANELS = ("diagnosis", "group")  # what the title says holds for every panel
#: families whose answers no later question about the same picture may hold
TELLING = frozenset(
    {"lesion", "structure", "histology", "diagnosis", "site", "stain"}
    | {"legend", "marking", "side", "factor", "outcome", "compared"}
)


@dataclass(slots=True)
class Composer:
    """Words the questions of one library; keeps rows distinct and answers balanced."""

    settings: VqaSettings
    _rows: set[tuple[str, str]] = field(default_factory=set)
    _balance: dict[str, int] = field(default_factory=dict)  # family: yes minus no

    def rows_of(self, picture: Picture) -> Iterator[Record]:
        """Yield the Qa rows of one picture, and a Reject for each question that had to go."""
        told: frozenset[str] = frozenset()
        yield from _colours_unseen(picture)
        for candidate, nouns in self._plan(picture):
            row = self._word(picture, candidate, nouns, told)
            if isinstance(row, Qa) and candidate.family in TELLING:
                told |= keys_of(candidate.answer_words)
            if row is not None:
                yield row

    def take(self, question: str, answer: str, family: str, polarity: str) -> Refusal | None:
        """Keep a row written elsewhere, or say why the library has no room for it."""
        draft = Draft(question, answer, "", 0)
        if self._is_taken(draft):
            return Refusal(RejectReason.QA_REPEATED, "in the library already")
        lead = self._balance.get(family, 0)
        if (polarity == "yes" and lead > 0) or (polarity == "no" and lead < 0):
            return Refusal(RejectReason.QA_UNBALANCED, f"more {polarity} than not")
        self._remember(draft, family, polarity)
        return None

    def _plan(self, picture: Picture) -> list[tuple[Candidate, str]]:
        """Return what to ask of a picture, each with the set of nouns for 'image'."""
        if picture.modality is Modality.OTHER:
            return self._plan_of_figure(picture)
        found = self._wanted(picture)
        limit, fill_up_to = self.settings.questions_per_image, self.settings.fill_up_to
        chosen = [f for f in FAMILIES if f in found and f not in _PEOPLE + _FILLERS][:limit]
        fillers = []
        if "modality" in found and "stain" not in chosen and len(chosen) < fill_up_to:
            fillers.append("modality")
        if "group" in found and len(chosen) + len(fillers) < fill_up_to:
            fillers.append("group")
        room = limit - len(chosen) - len(fillers)
        people = [f for f in _PEOPLE if f in found][: max(0, min(1, room))]
        nouns = NEUTRAL if "modality" in fillers else picture.modality.value
        return [(found[f], nouns) for f in chosen + fillers + people]

    def _plan_of_figure(self, picture: Picture) -> list[tuple[Candidate, str]]:
        """Return what to ask of a picture that shows no skin."""
        if self.settings.other_pictures == OtherPictures.NONE:
            return []
        sure = picture.probability >= self.settings.min_modality_probability
        candidates = figure_candidates(picture, tells_panels_apart(picture), sure)
        found = {c.family: c for c in candidates if c.family not in self.settings.families_off}
        both = draw(self.settings.salt, picture.pair.pair_id, SKIN) % 2 == 0
        found = with_skin_modality(found, both)
        chosen = [f for f in FIGURE_FAMILIES if f in found][: self.settings.questions_per_image]
        return [(found[f], NEUTRAL if SKIN in chosen else FIGURE) for f in chosen]

    def _wanted(self, picture: Picture) -> dict[str, Candidate]:
        """Return the candidates of a picture that settings and panels allow, by family."""
        found = {c.family: c for c in candidates_of(picture) if not _needs_colour(picture, c)}
        if tells_panels_apart(picture):
            found = {f: c for f, c in found.items() if f in _OF_ALL_PANELS}
        modality = None if picture.pair.compound else modality_candidate(picture)
        if modality and picture.probability >= self.settings.min_modality_probability:
            found["modality"] = modality
        return {f: c for f, c in found.items() if f not in self.settings.families_off}

    def _word(
        self, picture: Picture, candidate: Candidate, nouns: str, told: frozenset[str]
    ) -> Record | None:
        """Return the first wording that the gate lets through and no other row has."""
        refusal = Refusal(RejectReason.QA_REPEATED, "every wording is taken")
        for kind in self._kinds(picture, candidate):
            polarity = self._polarity(picture, candidate) if kind == "closed" else ""
            if candidate.polarity == "yes" and self._balance.get(candidate.family, 0) >= 0:
                return None  # a stated finding is only asked for to balance a denied one
            seed = draw(self.settings.salt, picture.pair.pair_id, candidate.family)
            for draft in drafts(candidate, Ask(kind, polarity, nouns, seed)):
                if self._is_taken(draft) or _blurts(draft, candidate, nouns):
                    continue
                refused = _refuse(picture, candidate, draft, kind, told)
                if refused is None:
                    self._remember(draft, candidate.family, polarity)
                    return _row(picture, candidate, draft, kind)
                refusal = refused
        record_id = f"{picture.pair.pair_id}:{candidate.family}"
        return Reject(picture.pair.source_id, record_id, refusal.reason, refusal.detail)

    def _is_taken(self, draft: Draft) -> bool:
        return (draft.question.lower(), draft.answer.lower()) in self._rows

    def _remember(self, draft: Draft, family: str, polarity: str) -> None:
        self._rows.add((draft.question.lower(), draft.answer.lower()))
        if polarity:
            step = 1 if polarity == "yes" else -1
            self._balance[family] = self._balance.get(family, 0) + step

    def _kinds(self, picture: Picture, candidate: Candidate) -> list[str]:
        """Return the kinds of question the facts allow, the drawn one first."""
        drawn = draw(self.settings.salt, picture.pair.pair_id, candidate.family, "kind")
        at = drawn % 1000 / 1000
        wanted = "open"
        if at < self.settings.choice_share:
            wanted = "choice"
        elif at < self.settings.choice_share + self.settings.closed_share:
            wanted = "closed"
        return sorted(candidate.kinds, key=lambda kind: kind != wanted)

    def _polarity(self, picture: Picture, candidate: Candidate) -> str:
        """Return 'yes' or 'no', whichever the family has had less of."""
        if candidate.polarity:
            return candidate.polarity
        balance = self._balance.get(candidate.family, 0)
        if balance == 0:
            drawn = draw(self.settings.salt, picture.pair.pair_id, candidate.family, "yes")
            return "yes" if drawn % 2 else "no"
        return "no" if balance > 0 else "yes"


def _needs_colour(picture: Picture, candidate: Candidate) -> bool:
    """Tell whether the answer holds a colour although the picture is printed without any."""
    if not picture.grey:
        return False
    told = (f for f in picture.reading.facts if f.term.kind is Kind.COLOUR)
    inside = any(candidate.start <= f.start and f.end <= candidate.end for f in told)
    return inside or candidate.family in _ON_COLOUR


def _colours_unseen(picture: Picture) -> Iterator[Record]:
    for candidate in candidates_of(picture) if picture.grey else ():
        if _needs_colour(picture, candidate):
            record_id = f"{picture.pair.pair_id}:{candidate.family}"
            detail = "asks for a colour; the picture is printed without any"
            reason = RejectReason.QA_UNSEEABLE
            yield Reject(picture.pair.source_id, record_id, reason, detail)


def tells_panels_apart(picture: Picture) -> bool:
    """Tell whether the caption speaks of several panels, of which this picture shows all."""
    several = len(picture.caption.panel_letters) > 1 and not picture.pair.panel
    return (
        picture.pair.compound
        or several
        or describes_panels(picture.text)
        or bool(_BEFORE_AND_AFTER.search(picture.text))
    )


def _blurts(draft: Draft, candidate: Candidate, nouns: str) -> bool:
    """Tell whether a question gives away the kind of picture that another question asks for."""
    asked_for = nouns == NEUTRAL and candidate.family not in ("modality", SKIN)
    return asked_for and bool(_TELLS_MODALITY.search(draft.question))


def _refuse(
    picture: Picture, candidate: Candidate, draft: Draft, kind: str, told: frozenset[str]
) -> Refusal | None:
    if kind != "closed" and re.match(r"yes|no", draft.answer, re.I):
        return Refusal(RejectReason.QA_UNBALANCED, "reads like yes or no")
    # the options of a choice and what a closed question names are its closed vocabulary
    closed = draft.frame if kind == "open" else f"{draft.frame} {draft.question}"
    grounding = Grounding(
        caption_words=keys_of(picture.text),
        fact_words=keys_of(" ".join([*candidate.slots.values(), *candidate.option_slots.values()])),
        closed_words=keys_of(closed),
        answer_words=_giveaways(candidate, kind, told),
        diagnosis_words=_diagnosis_words(picture, candidate, kind),
    )
    return refuse(draft.question, draft.answer, grounding)


def _giveaways(candidate: Candidate, kind: str, told: frozenset[str]) -> frozenset[str]:
    """Return words that would answer this question, or one asked before of the same picture."""
    own = keys_of(candidate.answer_words)
    if kind == "open":
        return own | told
    return told - own - keys_of(candidate.correct)


def _diagnosis_words(picture: Picture, candidate: Candidate, kind: str) -> frozenset[str]:
    """Return the words a question must avoid not to give the diagnosis away."""
    if picture.diagnosis is None or (candidate.family == "diagnosis" and kind == "choice"):
        return frozenset()
    words = keys_of(picture.diagnosis.text)
    if candidate.family in ("site", "stain", "group"):
        words -= keys_of(candidate.correct)
    return words


def _row(picture: Picture, candidate: Candidate, draft: Draft, kind: str) -> Qa:
    span = "" if candidate.start < 0 else f"{candidate.start}-{candidate.end}"
    return Qa(
        source_id=picture.pair.source_id,
        qa_id=f"{picture.pair.pair_id}:{candidate.family}",
        pair_id=picture.pair.pair_id,
        question=draft.question,
        answer=draft.answer,
        kind=kind,
        template_id=f"{candidate.family}.{kind}.{draft.pattern}",
        answer_span=span,
        evidence=candidate.evidence,
        modality=picture.modality.value,
        visual_dependency=load_phrasings().families[candidate.family].needs,
        names_diagnosis=candidate.family == "diagnosis" and kind == "choice",
        generator=GENERATOR,
        hedge=candidate.start >= 0 and hedged(picture.text, candidate.start, candidate.end),
    )
