"""Predicted answers: the record, its CSV, and the journal that lets a killed run go on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from mmskin_build.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answered question. The first five columns are those of the published evaluator."""

    image: str
    question: str
    predicted_answer: str
    ground_truth: str
    modality: str = ""
    qa_id: str = ""
    kind: str = ""
    template_id: str = ""
    source_id: str = ""
    group_id: str = ""


_COLUMNS = tuple(f.name for f in fields(Prediction))
_NEEDED = ("predicted_answer", "ground_truth")


def write_predictions(path: Path, rows: Iterable[Prediction]) -> None:
    """Write predictions as CSV; the file appears only when complete."""
    partial = path.with_suffix(".partial")
    with partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    partial.replace(path)


def read_predictions(path: Path) -> list[Prediction]:
    """Read predictions, ours or the published evaluator's.

    Raises:
        ConfigError: unreadable, or a needed column is missing.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise ConfigError(f"{path}: columns missing: {', '.join(missing)}")
            return [_prediction(row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: not readable as a predictions CSV: {error}") from None


def _prediction(row: dict[str, str]) -> Prediction:
    return Prediction(**{name: row.get(name) or "" for name in _COLUMNS})


class Journal:
    """Answers as they come, one JSON line each, under a key that names model, data and settings.

    A journal with another key is started afresh; a last line cut off by a kill is dropped.
    """

    def __init__(self, path: Path, key: str) -> None:
        """Read what an earlier run with the same key has answered."""
        self._path = path
        self.answers: dict[str, str] = {}
        lines = path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
        if lines and _parsed(lines[0]).get("key") == key:
            for line in lines[1:]:
                entry = _parsed(line)
                if "id" in entry:
                    self.answers[entry["id"]] = entry["answer"]
        head = [json.dumps({"key": key})]
        kept = [json.dumps({"id": i, "answer": a}) for i, a in self.answers.items()]
        path.write_text("\n".join([*head, *kept]) + "\n", encoding="utf-8")

    def add(self, answers: dict[str, str]) -> None:
        """Append answers; they survive a kill right after."""
        self.answers.update(answers)
        with self._path.open("a", encoding="utf-8") as file:
            for row_id, answer in answers.items():
                file.write(json.dumps({"id": row_id, "answer": answer}) + "\n")

    def close(self) -> None:
        """Remove the journal; its answers are now in a finished file."""
        self._path.unlink(missing_ok=True)


def _parsed(line: str) -> dict[str, str]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
