"""Word candidates as questions and answers, a whole library long, without repeating a row.

Every choice is drawn from a hash of the pair's id; only two things are remembered along the
way, in the order of the pairs: which rows exist (so that none is written twice) and how many
yes and no each family has (so that they balance). A book added at the end of the manifest
therefore changes no row of the books before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from random import Random

from mmskin_build.records import Modality, Qa, Record, Reject
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.vqa.candidate import Candidate, Picture, keys_of
from mmskin_build.vqa.clauses import describes_panels
from mmskin_build.vqa.families import candidates_of, modality_candidate
from mmskin_build.vqa.gate import Grounding, Refusal, refuse
from mmskin_build.vqa.phrasing import Form, Wording, fill, load_phrasings, slots_of
from mmskin_build.vqa.settings import FAMILIES, VqaSettings

GENERATOR = "templates"
ATTEMPTS = 160  # wordings tried for one candidate before it is given up
OPTIONS = 4
_TELLS_MODALITY = re.compile(
    r"dermosc|dermatosc|histolog|histopath|microsc|micrograph|section|slide|photograph|patholog|"
    r"clinical|stain",
    re.I,
)
_DRAWN_SLOTS = (
    "image", "Image_shows", "options", "a_options", "modality", "asked",
    "asked_site", "asked_stain",
)  # fmt: skip
_CAPTION_ONLY = ("sex", "age_group", "skin_type")
_FILLERS = ("modality", "group")
_OF_ALL_PANELS = ("diagnosis", "group", "stain")  # what holds when panels are told apart
_TELLING = frozenset({"lesion", "structure", "histology", "diagnosis", "site", "stain"})


def draw(salt: str, *names: str) -> int:
    """Return a large number that depends on nothing but the names."""
    text = "\x1f".join((salt, *names)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")


@dataclass(slots=True)
class Composer:
    """Words the questions of one library; keeps rows distinct and answers balanced."""

    settings: VqaSettings
    _rows: set[tuple[str, str]] = field(default_factory=set)
    _balance: dict[str, int] = field(default_factory=dict)  # family: yes minus no

    def rows_of(self, picture: Picture) -> Iterator[Record]:
        """Yield the Qa rows of one picture, and a Reject for each question that had to go."""
        if picture.pair.compound and picture.caption.panel_letters:
            return  # what the caption says of which panel is not known
        told: frozenset[str] = frozenset()
        for candidate, image_nouns in self._plan(picture):
            row = self._word(picture, candidate, image_nouns, told)
            if isinstance(row, Qa) and candidate.family in _TELLING:
                told |= keys_of(candidate.answer_words)
            if row is not None:
                yield row

    def _plan(self, picture: Picture) -> list[tuple[Candidate, str]]:
        """Return what to ask of a picture, each with the set of nouns for 'image'."""
        off = set(self.settings.families_off)
        found = {c.family: c for c in candidates_of(picture) if c.family not in off}
        limit = self.settings.questions_per_image
        main = [f for f in FAMILIES if f in found and f not in _CAPTION_ONLY + _FILLERS]
        chosen = main[:limit]
        fillers: list[Candidate] = []
        if describes_panels(picture.text):
            found = {f: c for f, c in found.items() if f in _OF_ALL_PANELS}
            main = [f for f in main if f in found]
            chosen = main[:limit]
        modality = self._modality(picture) if "modality" not in off else None
        if modality and "stain" not in chosen and len(chosen) < self.settings.fill_up_to:
            fillers.append(modality)
        if "group" in found and len(chosen) + len(fillers) < self.settings.fill_up_to:
            fillers.append(found["group"])
        room = limit - len(chosen) - len(fillers)
        extra = [f for f in _CAPTION_ONLY if f in found][: max(0, min(1, room))]
        neutral = modality in fillers
        plain = neutral or picture.modality is Modality.OTHER
        nouns = "neutral" if plain else picture.modality.value
        plan = [(found[f], nouns) for f in chosen]
        plan += [(filler, "neutral" if neutral else nouns) for filler in fillers]
        return plan + [(found[f], nouns) for f in extra]

    def _modality(self, picture: Picture) -> Candidate | None:
        if picture.probability < self.settings.min_modality_probability:
            return None
        return modality_candidate(picture)

    def _word(
        self, picture: Picture, candidate: Candidate, nouns: str, told: frozenset[str]
    ) -> Record | None:
        kind = self._kind(picture, candidate)
        polarity = self._polarity(picture, candidate) if kind == "closed" else ""
        if candidate.family == "absence" and polarity == "yes" and self._owes("absence") >= 0:
            return None
        refusal = Refusal(RejectReason.QA_REPEATED, "every wording is taken")
        for wording, answer, slots in self._wordings(picture, candidate, kind, polarity, nouns):
            question, reply = fill(wording.text, slots), fill(answer, slots)
            key = (question.lower(), reply.lower())
            blurts = nouns == "neutral" and candidate.family != "modality" and _blurts(question)
            if blurts or key in self._rows:
                continue
            refused = self._refused(picture, candidate, (question, reply, answer, kind), told)
            if refused:
                refusal = refused
                continue
            self._rows.add(key)
            if polarity:
                self._balance[candidate.family] = self._owes(candidate.family) + (
                    1 if polarity == "yes" else -1
                )
            template = f"{candidate.family}.{kind}.{wording.number}"
            return _row(picture, candidate, question, reply, (kind, template))
        return Reject(
            picture.pair.source_id,
            f"{picture.pair.pair_id}:{candidate.family}",
            refusal.reason,
            refusal.detail,
        )

    def _owes(self, family: str) -> int:
        return self._balance.get(family, 0)

    def _kind(self, picture: Picture, candidate: Candidate) -> str:
        kinds = candidate.kinds
        if len(kinds) == 1:
            return kinds[0]
        at = draw(self.settings.salt, picture.pair.pair_id, candidate.family, "kind") % 1000 / 1000
        if at < self.settings.choice_share and "choice" in kinds:
            return "choice"
        if at < self.settings.choice_share + self.settings.closed_share and "closed" in kinds:
            return "closed"
        return "open" if "open" in kinds else kinds[-1]

    def _polarity(self, picture: Picture, candidate: Candidate) -> str:
        """Return 'yes' or 'no', whichever the family has had less of."""
        if candidate.polarity:
            return candidate.polarity
        balance = self._owes(candidate.family)
        if balance == 0:
            bit = draw(self.settings.salt, picture.pair.pair_id, candidate.family, "yes") % 2
            return "yes" if bit else "no"
        return "no" if balance > 0 else "yes"

    def _wordings(
        self, picture: Picture, candidate: Candidate, kind: str, polarity: str, nouns: str
    ) -> Iterator[tuple[Wording, str, dict[str, str]]]:
        """Yield wordings with their answers and slots, in an order drawn for this picture."""
        form = load_phrasings().families[candidate.family].forms[kind]
        answers = form.no_answers if polarity == "no" else form.answers
        known = {*candidate.slots, *_DRAWN_SLOTS}
        answers = tuple(answer for answer in answers if slots_of(answer) <= known)
        seed = draw(self.settings.salt, picture.pair.pair_id, candidate.family)
        images = load_phrasings().images[nouns]
        for attempt in range(ATTEMPTS):
            number = seed + attempt * _step(form)
            wording = form.questions[number % len(form.questions)]
            answer = answers[(seed // 7 + attempt) % len(answers)]
            image = images[(seed // 13 + attempt) % len(images)]
            slots = dict(candidate.slots) | {
                "image": image,
                "Image_shows": f"The {image.split(' ', 1)[1]} shows",
            }
            slots |= _chosen(candidate, kind, polarity, seed + attempt)
            yield wording, answer, slots

    def _refused(
        self,
        picture: Picture,
        candidate: Candidate,
        row: tuple[str, str, str, str],
        told: frozenset[str],
    ) -> Refusal | None:
        question, reply, wording, kind = row
        if kind != "closed" and re.match(r"yes|no", reply, re.I):
            return Refusal(RejectReason.QA_UNBALANCED, "reads like yes or no")
        closed = re.sub(r"\{\w+\}", " ", wording) + ("" if kind == "open" else f" {question}")
        grounding = Grounding(
            caption_words=keys_of(picture.text),
            fact_words=_fact_words(candidate),
            closed_words=keys_of(closed),
            answer_words=_giveaways(candidate, kind, told),
            diagnosis_words=_diagnosis_words(picture, candidate, kind),
        )
        return refuse(question, reply, grounding)


def _step(form: Form) -> int:
    """Return a stride that visits all questions before the first comes again."""
    length = len(form.questions)
    return next(step for step in range(7, 7 + length) if _coprime(step, length))


def _coprime(a: int, b: int) -> bool:
    while b:
        a, b = b, a % b
    return a == 1


def _blurts(question: str) -> bool:
    return bool(_TELLS_MODALITY.search(question))


def _chosen(candidate: Candidate, kind: str, polarity: str, seed: int) -> dict[str, str]:
    """Return slots that the draw decides: wrong options, their order, what is asked for."""
    if candidate.family == "modality":
        return _chosen_modality(candidate, polarity, seed)
    if kind == "choice" and candidate.correct:
        return _options(candidate.correct, candidate.others, seed)
    if kind == "closed" and candidate.asked:
        other = candidate.others[seed % len(candidate.others)]
        return {candidate.asked: candidate.correct if polarity == "yes" else other}
    return {}


def _options(correct: str, others: tuple[str, ...], seed: int) -> dict[str, str]:
    random = Random(seed)
    options = [correct, *random.sample(others, min(OPTIONS - 1, len(others)))]
    random.shuffle(options)
    return {"options": _either(options), "a_options": _either([_article(o) for o in options])}


def _article(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeio' else 'a'} {noun}"


def _either(options: list[str]) -> str:
    return f"{', '.join(options[:-1])} or {options[-1]}"


def _chosen_modality(candidate: Candidate, polarity: str, seed: int) -> dict[str, str]:
    own = candidate.option_slots[str(seed % len(candidate.option_slots))]
    per_modality = len(candidate.others) // 2
    first = candidate.others[seed // 3 % per_modality]
    second = candidate.others[per_modality + seed // 5 % per_modality]
    options = [own, first, second]
    Random(seed).shuffle(options)
    asked = own if polarity == "yes" else (first, second)[seed // 11 % 2]
    return {
        "modality": own,
        "asked": asked,
        "options": _either([_article(o) for o in options]),
    }


def _giveaways(candidate: Candidate, kind: str, told: frozenset[str]) -> frozenset[str]:
    """Return words that would answer this question, or one asked before of the same picture."""
    own = keys_of(candidate.answer_words)
    if kind == "open":
        return own | told
    return told - own - keys_of(candidate.correct)


def _fact_words(candidate: Candidate) -> frozenset[str]:
    return keys_of(" ".join([*candidate.slots.values(), *candidate.option_slots.values()]))


def _diagnosis_words(picture: Picture, candidate: Candidate, kind: str) -> frozenset[str]:
    """Return the words a question must avoid not to give the diagnosis away."""
    if picture.diagnosis is None or (candidate.family == "diagnosis" and kind == "choice"):
        return frozenset()
    words = keys_of(picture.diagnosis.text)
    if candidate.family in ("site", "stain", "group"):
        words -= keys_of(candidate.correct)
    return words


def _row(
    picture: Picture, candidate: Candidate, question: str, answer: str, form: tuple[str, str]
) -> Qa:
    kind, template = form
    span = "" if candidate.start < 0 else f"{candidate.start}-{candidate.end}"
    row = Qa(
        source_id=picture.pair.source_id,
        qa_id=f"{picture.pair.pair_id}:{candidate.family}",
        pair_id=picture.pair.pair_id,
        question=question,
        answer=answer,
        kind=kind,
        template_id=template,
        answer_span=span,
        evidence=candidate.evidence,
        visual_dependency=load_phrasings().families[candidate.family].needs,
        names_diagnosis=candidate.family == "diagnosis" and kind == "choice",
        generator=GENERATOR,
    )
    return replace(row, answer=_one_stop(answer))


def _one_stop(answer: str) -> str:
    return re.sub(r"\.{2,}$", ".", answer)
