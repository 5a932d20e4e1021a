"""The published definitions, compared with the packages the published evaluator used."""

from __future__ import annotations

import math
import random

import pytest

from mmskin_build.evaluate.aggregate import BLEU_WEIGHTS, metrics_of, score_rows
from mmskin_build.evaluate.predictions import Prediction
from mmskin_build.evaluate.text_scores import rouge_l, rouge_n, token_recall

VOCABULARY = "a the Red red scaly plaque. mark on left arm, is shown (H&E) 3.2 cm naevus No Yes. of"


def pairs(count: int = 200) -> list[tuple[str, str]]:
    """Random answers and references, often related, of 1 to 40 words."""
    rng, words = random.Random(7), VOCABULARY.split()
    found = []
    for _ in range(count):
        reference = rng.choices(words, k=rng.randint(1, 40))
        answer = [w if rng.random() < 0.6 else rng.choice(words) for w in reference]
        answer = answer[: rng.randint(1, len(answer))] + rng.choices(words, k=rng.randint(0, 8))
        found.append((" ".join(answer), " ".join(reference)))
    return found


@pytest.mark.parametrize("order", sorted(BLEU_WEIGHTS))
def test_bleu_is_nltks_corpus_bleu(order: int) -> None:
    bleu = pytest.importorskip("nltk.translate.bleu_score")
    rows = [Prediction("", "", answer, reference) for answer, reference in pairs()]
    expected = bleu.corpus_bleu(
        [[r.ground_truth.split()] for r in rows],
        [r.predicted_answer.split() for r in rows],
        weights=BLEU_WEIGHTS[order],
    )
    sums = score_rows(rows, None).sum(axis=0)[None, :]
    assert metrics_of(sums)[f"bleu-{order}"][0] == pytest.approx(expected, abs=1e-6)


def test_rouge_is_the_rouge_packages() -> None:
    rouge = pytest.importorskip("rouge").Rouge()
    for answer, reference in pairs():
        expected = rouge.get_scores(answer, reference)[0]
        assert rouge_n(answer, reference, 1) == pytest.approx(expected["rouge-1"]["f"], abs=1e-6)
        assert rouge_n(answer, reference, 2) == pytest.approx(expected["rouge-2"]["f"], abs=1e-6)
        assert rouge_l(answer, reference) == pytest.approx(expected["rouge-l"]["f"], abs=1e-6)


def test_recall_counts_different_tokens_of_the_reference() -> None:
    assert token_recall("a red red mark", "a red Mark red") == pytest.approx(2 / 3)
    assert token_recall("anything", "") == 0.0


def test_empty_answers_score_nothing_and_break_nothing() -> None:
    for answer, reference in (("", "a mark"), ("a mark", ""), ("...", "a mark"), ("", "")):
        assert rouge_l(answer, reference) == 0.0
        assert rouge_n(answer, reference, 2) == 0.0
    values = metrics_of(score_rows([Prediction("", "", "", "a mark")], None).sum(axis=0)[None, :])
    assert values["bleu-1"][0] == 0.0 and values["length_ratio"][0] == 0.0
    assert math.isnan(values["meteor"][0])


def test_very_long_answers_are_scored() -> None:
    answer = " ".join(f"w{n}" for n in range(700))
    assert rouge_l(answer, answer) == pytest.approx(1.0, abs=1e-6)
