"""The gate every question and answer passes, whoever wrote it: template, language model, person.

An answer may use words of the caption, of the fact table and of the closed vocabulary of its
template; nothing else. A question may not give away its own answer or the diagnosis.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from mmskin_build.reject_reasons import RejectReason
from mmskin_build.vqa.defects import defects
from mmskin_build.vqa.word_lists import word_list
from mmskin_build.vqa.words import fold, plain_words

#: words that carry no finding
FUNCTION_WORDS = frozenset(fold(word) for word in word_list("function_words"))
#: words of a diagnosis too common to give it away
COMMON_DISEASE_WORDS = frozenset(fold(word) for word in word_list("common_disease_words"))


@dataclass(frozen=True, slots=True)
class Grounding:
    """What an answer may be made of, and what its question must not say.

    Attributes:
        caption_words: folded words of the clean caption.
        fact_words: folded words of the fact table: modality, demographics, lexicon names.
        closed_words: folded words the template itself brings.
        answer_words: folded words that would give this answer away in the question.
        diagnosis_words: folded words that would give the diagnosis away.
    """

    caption_words: Set[str]
    fact_words: Set[str] = frozenset()
    closed_words: Set[str] = frozenset()
    answer_words: Set[str] = frozenset()
    diagnosis_words: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a question and answer are not let through."""

    reason: RejectReason
    detail: str


def refuse(question: str, answer: str, grounding: Grounding) -> Refusal | None:
    """Return why a row is refused, or None when it may pass."""
    for rule in defects(question, answer):
        return Refusal(rule.reason, rule.name)
    asked = {fold(word) for word in plain_words(question)}
    told = asked & (grounding.answer_words - FUNCTION_WORDS)
    if told:
        return Refusal(RejectReason.QA_LEAKS_ANSWER, f"answer: {' '.join(sorted(told))}")
    told = asked & (grounding.diagnosis_words - COMMON_DISEASE_WORDS - FUNCTION_WORDS)
    if told:
        return Refusal(RejectReason.QA_LEAKS_ANSWER, f"diagnosis: {' '.join(sorted(told))}")
    loose = ungrounded_words(answer, grounding)
    if loose:
        return Refusal(RejectReason.QA_UNGROUNDED, " ".join(loose))
    return None


def ungrounded_words(answer: str, grounding: Grounding) -> list[str]:
    """Return the content words of an answer that nothing vouches for."""
    return [
        word
        for word in plain_words(answer)
        if (key := fold(word)) not in FUNCTION_WORDS
        and key not in grounding.caption_words
        and key not in grounding.fact_words
        and key not in grounding.closed_words
    ]
