"""One possible question about one picture, before it is worded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from mmskin_build.records import CaptionText, Demographics, Modality, ModalityLabel, Pair
from mmskin_build.vqa.diagnosis import Diagnosis, read_diagnosis
from mmskin_build.vqa.facts import Reading, read_facts
from mmskin_build.vqa.noun_phrases import lower_first, upper_first
from mmskin_build.vqa.words import fold, plain_words


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is known of one pair, as the question families want it."""

    pair: Pair
    caption: CaptionText
    modality: Modality
    probability: float
    demographics: Demographics | None
    reading: Reading
    diagnosis: Diagnosis | None
    grey: bool = False  # printed without colours
    edited: bool = False  # marks were painted over or cut off

    @property
    def text(self) -> str:
        """The clean caption."""
        return self.caption.text


def picture_of(
    pair: Pair,
    caption: CaptionText,
    label: ModalityLabel,
    demographics: Demographics | None,
    grey: bool = False,
) -> Picture:
    """Read one pair's caption."""
    modality = Modality(label.label) if label.label else Modality.OTHER
    reading = read_facts(caption.text, modality)
    diagnosis = read_diagnosis(reading)
    return Picture(
        pair, caption, modality, label.probability, demographics, reading, diagnosis, grey
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that could be asked.

    Attributes:
        family: question family.
        kinds: 'open', 'closed' and 'choice' as the facts allow.
        slots: what fills the wordings.
        start: first character of the proof in the caption; -1 when it lies elsewhere.
        end: character after the proof.
        evidence: the proof in words, or the table and value it comes from.
        answer_words: words of the caption that the question must not hold.
        others: what excludes the answer: wrong options, or sites and stains to deny.
        asked: slot that holds what a closed question asks for ('' when it cannot be closed).
        correct: the right option as an option is worded.
        polarity: 'yes' or 'no' when the facts allow only one, else ''.
    """

    family: str
    kinds: tuple[str, ...]
    slots: Mapping[str, str]
    start: int
    end: int
    evidence: str
    answer_words: str = ""
    others: tuple[str, ...] = ()
    asked: str = ""
    correct: str = ""
    polarity: str = ""
    option_slots: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def keys_of(text: str) -> frozenset[str]:
    """Return the folded words of a text."""
    return frozenset(fold(word) for word in plain_words(text))


def both_cases(name: str, value: str) -> dict[str, str]:
    """Return a slot for the middle and one for the start of a sentence."""
    small = lower_first(value)
    return {name: small, upper_first(name): upper_first(small)}
