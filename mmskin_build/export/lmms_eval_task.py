"""Functions that lmms-eval calls for this dataset; copied into a release as ``lmms_eval/utils.py``.

Stands alone: a release is used without this project. Answers are judged as ``evaluate`` judges
them: yes and no by the first word, choices by the beginning, open answers by shared words.
"""

from __future__ import annotations

import re
from typing import Any

Record = dict[str, Any]
_YES_NO = ("yes", "no")


def embedded(dataset: Any) -> Any:
    """Leave out the rows whose picture or words a public release may not hold."""
    return dataset.filter(lambda doc: doc["image"] is not None and doc["question"] is not None)


def doc_to_visual(doc: Record) -> list[Any]:
    """Return the picture of a row."""
    return [doc["image"].convert("RGB")]


def doc_to_text(doc: Record, lmms_eval_specific_kwargs: Record | None = None) -> str:
    """Return the question of a row between the configured texts."""
    around = lmms_eval_specific_kwargs or {}
    return f"{around.get('pre_prompt', '')}{doc['question']}{around.get('post_prompt', '')}"


def process_results(doc: Record, results: list[str]) -> dict[str, Record]:
    """Judge one answer; every metric gets the same record and picks its rows from it."""
    predicted = results[0] if results else ""
    record = {
        "kind": doc["kind"],
        "modality": doc["modality"],
        "right": is_right(doc["kind"], predicted, doc["answer"]),
        "recall": token_recall(predicted, doc["answer"]),
    }
    return dict.fromkeys(METRICS, record)


def closed_accuracy(records: list[Record]) -> float:
    """Return the share of yes-no questions answered rightly."""
    return _mean([float(r["right"]) for r in records if r["kind"] == "closed"])


def choice_accuracy(records: list[Record]) -> float:
    """Return the share of multiple-choice questions answered rightly."""
    return _mean([float(r["right"]) for r in records if r["kind"] == "choice"])


def open_recall(records: list[Record]) -> float:
    """Return the mean share of the reference's words that open answers hold, as MM-Skin does."""
    return _mean([r["recall"] for r in records if r["kind"] == "open"])


def clinical_recall(records: list[Record]) -> float:
    """Return the word recall of all answers on clinical photographs."""
    return _mean([r["recall"] for r in records if r["modality"] == "clinical"])


def dermoscopy_recall(records: list[Record]) -> float:
    """Return the word recall of all answers on dermoscopic pictures."""
    return _mean([r["recall"] for r in records if r["modality"] == "dermoscopy"])


def pathology_recall(records: list[Record]) -> float:
    """Return the word recall of all answers on histology."""
    return _mean([r["recall"] for r in records if r["modality"] == "pathology"])


METRICS = {
    "mmskin_closed_accuracy": closed_accuracy,
    "mmskin_choice_accuracy": choice_accuracy,
    "mmskin_open_recall": open_recall,
    "mmskin_clinical_recall": clinical_recall,
    "mmskin_dermoscopy_recall": dermoscopy_recall,
    "mmskin_pathology_recall": pathology_recall,
}


def normalised(answer: str) -> str:
    """Return the answer in lower case, without punctuation at its borders or doubled spaces."""
    return " ".join(re.findall(r"\w+(?:[-'./]\w+)*", answer.lower()))


def is_right(kind: str, predicted: str, reference: str) -> bool:
    """Judge one answer; a reference somewhere inside a longer answer does not count."""
    ours, theirs = normalised(predicted), normalised(reference)
    first = theirs.split(" ")[0]
    if kind == "closed" and first in _YES_NO:
        return ours.split(" ")[0] == first
    if not theirs:
        return not ours
    return ours == theirs or (kind != "open" and ours.startswith(theirs + " "))


def token_recall(predicted: str, reference: str) -> float:
    """Return the share of the reference's different tokens that the prediction contains."""
    wanted = set(reference.split())
    return len(wanted & set(predicted.split())) / len(wanted) if wanted else 0.0


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
