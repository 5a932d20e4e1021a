"""Generated pairs with captions put together from the lexicon, to measure questions and splits.

No picture and no book: a stage of its own makes the tables that ``vqa`` and ``split`` read. The
same settings give the same rows.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mmskin_build.records import (
    CaptionText,
    Demographics,
    DuplicateGroup,
    ImageCheck,
    Modality,
    ModalityLabel,
    Pair,
    Record,
    Source,
    Verdict,
)
from mmskin_build.stage import Scope, Stage, StageContext
from mmskin_build.vqa.lexicon_files import Kind, load_lexicon

COPY_EVERY = 40  # every so manieth pair is a copy of a picture of the first book
SAME_CASE_EVERY = 25  # every so manieth caption says it shows the patient of the figure before
PANELS_EVERY = 10  # every so manieth figure has two panels
MODALITIES = (
    *(Modality.CLINICAL,) * 4,
    *(Modality.DERMOSCOPY,) * 2,
    *(Modality.PATHOLOGY,) * 3,
    Modality.OTHER,
)
_PERSON = re.compile(r"(?P<age>\d+)-year-old (?P<sex>man|woman)")
BOX = (100.0, 100.0, 300.0, 260.0)  # PDF points


@dataclass(frozen=True, slots=True)
class PairsSettings:
    """How many pairs each generated book has."""

    pairs_per_book: int = 500


def make_pairs(ctx: StageContext, settings: PairsSettings) -> Iterator[Record]:
    """Yield the rows of every pair of one generated book."""
    source_id = ctx.sources[0].source_id
    chance = random.Random(source_id)  # not global: a book's rows depend on its id alone
    for number in range(settings.pairs_per_book):
        modality = MODALITIES[number % len(MODALITIES)]
        yield from _rows(source_id, number, modality, caption(modality, number, chance))


STAGE = Stage(
    name="pairs",
    run=make_pairs,
    needs=(),
    makes=(
        Pair,
        CaptionText,
        ModalityLabel,
        Demographics,
        ImageCheck,
        Verdict,
        DuplicateGroup,
    ),
    section="pairs",
    scope=Scope.SOURCE,
    help="generate pairs for a measurement",
)


def caption(modality: Modality, number: int, chance: random.Random) -> str:
    """Return a caption of lexicon terms, worded as atlases word theirs."""
    text = _WORDINGS[modality](chance)
    if number % SAME_CASE_EVERY == SAME_CASE_EVERY - 1:
        text += f" Same patient as in Figure {number}."
    return text


def _clinical(chance: random.Random) -> str:
    disease, site = chance.choice(_diseases("c")), chance.choice(load_lexicon().sites).name
    lesion, colour, surface = (chance.choice(_terms(k)) for k in ("lesion", "colour", "surface"))
    age, sex = chance.randint(2, 90), chance.choice(("man", "woman"))
    return (
        f"{_upper(disease)} in a {age}-year-old {sex}. "
        f"Multiple {colour}, {surface} {lesion}s on the {site}."
    )


def _dermoscopy(chance: random.Random) -> str:
    one, two = chance.sample(_terms("structure"), 2)
    return f"{_upper(chance.choice(_diseases('d')))}: {one} with {two}."


def _pathology(chance: random.Random) -> str:
    one, two = chance.sample(_terms("histology"), 2)
    stain = chance.choice(load_lexicon().stains).name
    power = chance.choice((20, 40, 100, 200, 400))
    return (
        f"{_upper(chance.choice(_diseases('p')))}. {_upper(one)} and {two} in the dermis. "
        f"{_upper(stain)}, original magnification ×{power}."
    )


def _figure(chance: random.Random) -> str:
    what, disease = chance.choice(("incidence", "severity scores", "survival")), _diseases("c")
    return (
        f"Effect of dose {chance.randint(1, 900)} on the {what} of {chance.choice(disease)}. "
        "Error bars show the standard deviation."
    )


_WORDINGS: dict[Modality, Callable[[random.Random], str]] = {
    Modality.CLINICAL: _clinical,
    Modality.DERMOSCOPY: _dermoscopy,
    Modality.PATHOLOGY: _pathology,
    Modality.OTHER: _figure,
}


@lru_cache(maxsize=8)
def _diseases(letter: str) -> Sequence[str]:
    return tuple(d.name for d in load_lexicon().diseases if letter in d.pictures)


@lru_cache(maxsize=8)
def _terms(kind: str) -> Sequence[str]:
    return tuple(t.name for t in load_lexicon().terms if t.kind is Kind(kind))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _rows(source_id: str, number: int, modality: Modality, text: str) -> Iterator[Record]:
    figure = number - 1 if number % PANELS_EVERY == 1 else number  # the panel of the one before
    panel = {0: "a", 1: "b"}.get(number % PANELS_EVERY, "")
    copied = number % COPY_EVERY == COPY_EVERY - 1
    picture = f"first {number}" if copied else f"{source_id} {number}"
    digest = hashlib.sha256(picture.encode()).hexdigest()
    pair_id, figure_id = f"{source_id}-{number:05d}", f"{source_id}-{figure:05d}"
    yield Pair(
        source_id, pair_id, figure_id, panel, 1 + number // 2, BOX, f"{figure + 1}", text, text,
        1 + number // 2, None, BOX, digest, 640, 480, False, 0.97, (),
    )  # fmt: skip
    yield CaptionText(source_id, pair_id, text, "", "", (), (), text, ())
    yield ModalityLabel(source_id, pair_id, modality, "both", 0.98, "", 0.0, False, "", False)
    yield Verdict(source_id, pair_id, True, "", "")
    person = _PERSON.search(text)
    if person:
        years, sex = float(person["age"]), "male" if person["sex"] == "man" else "female"
        spans = tuple(f"{k}:{person.start(k)}-{person.end(k)}" for k in ("age", "sex"))
        yield Demographics(
            source_id, pair_id, years, years, "", sex, person["age"], person["sex"], spans, None,
            "", "caption",
        )  # fmt: skip
    if copied:
        yield DuplicateGroup(source_id, pair_id, f"copy-{number:05d}", "exact", 0.0)


def book(number: int, path: str) -> Source:
    """Return a generated book as a source."""
    return Source(f"book-{number:05d}", path, hashlib.sha256(str(number).encode()).hexdigest())
