"""Scores of one predicted answer against one reference, by the published definitions.

Raw strings, split at white space, no lower-casing. BLEU follows nltk's corpus BLEU and ROUGE
the ``rouge`` package to 1e-6 (tests compare them), but an empty answer scores 0 here where
that package raises, and long answers do not exhaust the recursion limit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

BLEU_ORDERS = 4
_ROUGE_EPSILON = 1e-8  # of the reference implementation


def bleu_counts(predicted: str, reference: str) -> tuple[list[int], list[int]]:
    """Return clipped n-gram matches and n-gram totals for n = 1 to 4."""
    ours, theirs = predicted.split(), reference.split()
    matches, totals = [], []
    for order in range(1, BLEU_ORDERS + 1):
        counts, allowed = _counted(ours, order), _counted(theirs, order)
        matches.append(sum(min(n, allowed[gram]) for gram, n in counts.items()))
        totals.append(max(1, sum(counts.values())))  # nltk counts an n-gram even where none fits
    return matches, totals


def token_recall(predicted: str, reference: str) -> float:
    """Return the share of the reference's different tokens that the prediction contains."""
    wanted = set(reference.split())
    return len(wanted & set(predicted.split())) / len(wanted) if wanted else 0.0


def rouge_n(predicted: str, reference: str, order: int) -> float:
    """Return ROUGE-N F1 over sets of n-grams."""
    ours = _grams(_words(_sentences(predicted)), order)
    theirs = _grams(_words(_sentences(reference)), order)
    return _f1(len(ours & theirs), len(ours), len(theirs))


def rouge_l(predicted: str, reference: str) -> float:
    """Return summary-level ROUGE-L F1: unions of longest common subsequences over sentences."""
    ours, theirs = _sentences(predicted), _sentences(reference)
    union: set[str] = set()
    for sentence in theirs:
        for answer in ours:
            union |= set(_common_subsequence(sentence.split(" "), answer.split(" ")))
    return _f1(len(union), len(set(_words(ours))), len(set(_words(theirs))))


def _counted(words: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[i:] for i in range(order)), strict=False))


def _grams(words: Sequence[str], order: int) -> set[tuple[str, ...]]:
    return set(zip(*(words[i:] for i in range(order)), strict=False))


def _sentences(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split(".") if part]


def _words(sentences: Sequence[str]) -> list[str]:
    return [word for sentence in sentences for word in sentence.split(" ")]


def _f1(overlap: int, predicted: int, reference: int) -> float:
    precision = overlap / predicted if predicted else 0.0
    recall = overlap / reference if reference else 0.0
    return 2.0 * precision * recall / (precision + recall + _ROUGE_EPSILON)


def _common_subsequence(left: Sequence[str], right: Sequence[str]) -> list[str]:
    """Return a longest common subsequence, ties broken as in the reference implementation."""
    table = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, word in enumerate(left, 1):
        for j, other in enumerate(right, 1):
            if word == other:
                table[i][j] = table[i - 1][j - 1] + 1
            else:
                table[i][j] = max(table[i - 1][j], table[i][j - 1])
    i, j, found = len(left), len(right), []
    while i and j:
        if left[i - 1] == right[j - 1]:
            found.append(left[i - 1])
            i, j = i - 1, j - 1
        elif table[i - 1][j] > table[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return found
