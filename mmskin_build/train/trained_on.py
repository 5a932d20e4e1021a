"""What a run has seen: its groups and pictures, and the answer it met most often per template.

Evaluation reads this file: it refuses rows the model was trained on, and the frequent answers
are the first of its blind baselines.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.train.examples import Example

FILE_NAME = "trained_on.json"


@dataclass(frozen=True, slots=True)
class TrainedOn:
    """Groups and image digests of the training rows, and their most frequent answers."""

    groups: frozenset[str]
    images: frozenset[str]
    frequent_answers: dict[str, str]

    @classmethod
    def of(cls, examples: Iterable[Example]) -> TrainedOn:
        """Collect from training rows."""
        rows = list(examples)
        counts: dict[str, Counter[str]] = {}
        for row in rows:
            for key in (*answer_keys(row), ""):
                counts.setdefault(key, Counter())[row.answer] += 1
        frequent = {  # ties go to the alphabetically first, so that reruns agree
            key: min(counter, key=lambda answer: (-counter[answer], answer))
            for key, counter in counts.items()
        }
        return cls(
            groups=frozenset(row.group_id for row in rows if row.group_id),
            images=frozenset(row.image for row in rows if row.image),
            frequent_answers=frequent,
        )

    def frequent_answer(self, example: Example) -> str:
        """Return the most frequent training answer to this question, template or kind."""
        for key in (*answer_keys(example), ""):
            if key in self.frequent_answers:
                return self.frequent_answers[key]
        return ""

    def save(self, folder: Path) -> None:
        """Write the file into a run folder."""
        content = {
            "groups": sorted(self.groups),
            "images": sorted(self.images),
            "frequent_answers": dict(sorted(self.frequent_answers.items())),
        }
        text = json.dumps(content, indent=1, ensure_ascii=False)
        (folder / FILE_NAME).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TrainedOn | None:
        """Read the file of a run folder; None when the model was trained elsewhere."""
        path = folder / FILE_NAME
        if not path.is_file():
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            groups=frozenset(content["groups"]),
            images=frozenset(content["images"]),
            frequent_answers=content["frequent_answers"],
        )


def answer_keys(example: Example) -> tuple[str, ...]:
    """Return what identifies a question without its image, most specific first."""
    question = " ".join(example.question.lower().split())
    keys = [f"question:{question}"]
    if example.template_id:
        keys.append(f"template:{example.template_id}")
    if example.kind:
        keys.append(f"kind:{example.kind}")
    return tuple(keys)
