"""All the ways to word one candidate, in an order drawn for its picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from random import Random

from mmskin_build.vqa.candidate import Candidate
from mmskin_build.vqa.noun_phrases import is_plural
from mmskin_build.vqa.phrasing import Form, Wording, fill, frame_of, load_phrasings, slots_of

ATTEMPTS = 240  # wordings tried for one kind of question before it is given up
OPTIONS = 4
_DRAWN_SLOTS = frozenset(
    {"image", "Image_shows", "options", "a_options", "modality", "asked", "a_asked"}
    | {"asked_site", "asked_stain", "Is_site", "s_of_site"}
)


@dataclass(frozen=True, slots=True)
class Ask:
    """How one candidate is to be asked.

    Attributes:
        kind: 'open', 'closed' or 'choice'.
        polarity: 'yes' or 'no' for closed questions, else ''.
        nouns: which set of nouns speaks of the picture.
        seed: the draw that fixes the order of the wordings.
    """

    kind: str
    polarity: str
    nouns: str
    seed: int


@dataclass(frozen=True, slots=True)
class Draft:
    """One wording of a candidate, filled in; ``frame`` is the answer's wording without slots."""

    question: str
    answer: str
    frame: str
    pattern: int


def draw(salt: str, *names: str) -> int:
    """Return a large number that depends on nothing but the names."""
    text = "\x1f".join((salt, *names)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")


def drafts(candidate: Candidate, ask: Ask) -> Iterator[Draft]:
    """Yield wordings of a candidate; the same candidate and draw give the same order."""
    phrasings = load_phrasings()
    form = phrasings.families[candidate.family].forms[ask.kind]
    answers = form.no_answers if ask.polarity == "no" else form.answers
    known = _DRAWN_SLOTS.union(candidate.slots)
    answers = tuple(answer for answer in answers if slots_of(answer) <= known)
    images = phrasings.images[ask.nouns]
    random = Random(ask.seed)  # not global: one generator a candidate, seeded by its pair
    stride = _stride(form)
    for attempt in range(ATTEMPTS):
        wording = form.questions[(ask.seed + attempt * stride) % len(form.questions)]
        answer = random.choice(answers)
        image = random.choice(images)
        drawn = _drawn(candidate, ask, random)
        yield _draft(wording, answer, {**candidate.slots, **_image_slots(image), **drawn})


@lru_cache(maxsize=256)
def _image_slots(image: str) -> dict[str, str]:
    return {"image": image, "Image_shows": f"The {image.split(' ', 1)[1]} shows"}


def _draft(wording: Wording, answer: str, slots: dict[str, str]) -> Draft:
    told = fill(answer, slots)
    if told.endswith(".."):
        told = f"{told.rstrip('.')}."
    return Draft(fill(wording.text, slots), told, frame_of(answer), wording.number)


def _stride(form: Form) -> int:
    """Return a stride that visits all questions before the first comes again."""
    length = len(form.questions)
    return next(step for step in range(7, 8 + length) if _coprime(step, length))


def _coprime(a: int, b: int) -> bool:
    while b:
        a, b = b, a % b
    return a == 1


def _drawn(candidate: Candidate, ask: Ask, random: Random) -> dict[str, str]:
    """Return slots that the draw decides: wrong options, their order, what is asked for."""
    if candidate.family == "modality":
        return _drawn_modality(candidate, ask, random)
    if ask.kind == "choice" and candidate.correct:
        wrong = random.sample(candidate.others, min(OPTIONS - 1, len(candidate.others)))
        options = [candidate.correct, *wrong]
        random.shuffle(options)
        with_articles = [_with_article(option) for option in options]
        return {"options": _either(options), "a_options": _either(with_articles)}
    if ask.kind == "closed" and candidate.asked:
        other = random.choice(candidate.others)
        asked = candidate.correct if ask.polarity == "yes" else other
        several = _names_several(asked)
        number = {"Is_site": "Are" if several else "Is", "s_of_site": "s" if several else ""}
        return {candidate.asked: asked, **number}
    return {}


def _drawn_modality(candidate: Candidate, ask: Ask, random: Random) -> dict[str, str]:
    own = random.choice(tuple(candidate.option_slots.values()))
    half = len(candidate.others) // 2
    wrong = [random.choice(candidate.others[:half]), random.choice(candidate.others[half:])]
    options = [own, *wrong]
    random.shuffle(options)
    return {
        "modality": own,
        "asked": own if ask.polarity == "yes" else random.choice(wrong),
        "options": _either([_with_article(option) for option in options]),
    }


@lru_cache(maxsize=4096)
def _names_several(site: str) -> bool:
    """Tell whether a body site is spoken of in the plural: 'both fossae', 'the nose and cheeks'."""
    head = re.split(r"\s(?:of|on|above|below|behind|around|between)\s", site)[0]
    return bool(re.search(r"\band\b|^both\b", site)) or is_plural(head.split()[-1])


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeio' else 'a'} {noun}"


def _either(options: list[str]) -> str:
    return f"{', '.join(options[:-1])} or {options[-1]}"
