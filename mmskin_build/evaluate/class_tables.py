"""Classification tables in MM-Skin's format: ``image, atributes, categories`` (sic)."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.errors import ConfigError

_IMAGE, _CATEGORIES = 0, 2  # positions the published scripts read by
_GROUP_COLUMNS = ("group_id", "patient_id", "lesion_id")


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One picture with its class; ``group`` holds pictures of one patient or lesion together."""

    image: str
    label: str
    group: str


@dataclass(frozen=True, slots=True)
class ClassTable:
    """A classification test or training set.

    Attributes:
        rows: the pictures with exactly one label.
        skipped: rows without a label or with several, which single-label metrics cannot use.
    """

    rows: tuple[LabelledImage, ...]
    skipped: int

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the class names, most frequent first, ties in alphabetical order."""
        counts = Counter(row.label for row in self.rows)
        return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def read_class_table(path: Path) -> ClassTable:
    """Read a classification CSV; columns are found by name, else by the published positions.

    Raises:
        ConfigError: unreadable, a cell that is no list of names, no labelled row.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: not readable as CSV: {error}") from None
    if not lines:
        raise ConfigError(f"{path}: empty file")
    head, body = lines[0], lines[1:]
    image, categories = _place(head, "image", _IMAGE), _place(head, "categories", _CATEGORIES)
    group = next((head.index(name) for name in _GROUP_COLUMNS if name in head), image)
    rows = []
    for number, cells in enumerate(body, 2):
        labels = _labels(cells, categories, f"{path}, line {number}")
        if len(labels) == 1:
            rows.append(LabelledImage(cells[image], labels[0], cells[group] or cells[image]))
    if not rows:
        raise ConfigError(f"{path}: no row with a label")
    return ClassTable(tuple(rows), len(body) - len(rows))


def set_name_of(path: Path) -> str:
    """Return the set of a table named as MM-Skin's are: ``<SET>_{train,val,test}.csv``."""
    return re.sub(r"_(?:train|val|test)$", "", path.stem)


def write_class_table(path: Path, rows: Iterable[LabelledImage]) -> None:
    """Write a table the published scripts read, with the group in a column behind theirs."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image", "atributes", "categories", "group_id"])
        writer.writerows([row.image, "[]", repr([row.label]), row.group] for row in rows)


def _place(head: Sequence[str], name: str, otherwise: int) -> int:
    return head.index(name) if name in head else otherwise


def _labels(cells: Sequence[str], place: int, where: str) -> list[str]:
    try:
        labels = ast.literal_eval(cells[place])
    except (IndexError, ValueError, SyntaxError):
        labels = None
    if not isinstance(labels, list) or not all(isinstance(name, str) for name in labels):
        raise ConfigError(f"{where}: categories must be a list such as ['Nevus']")
    return labels
