"""decisions.csv of a release: what was decided on every pair found, kept or not.

These are the release's own judgements, people's among them, without a word or pixel of a book. A
rebuild takes them from here, so that it needs no review files.
"""

from __future__ import annotations

import csv
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from mmskin_build.errors import ConfigError
from mmskin_build.records import MaskedImage, ModalityLabel, Pair, SplitRow, Verdict

FILE_NAME = "decisions.csv"


@dataclass(frozen=True, slots=True)
class Decision:
    """One pair: its picture, whether it was kept, its modality and its split."""

    pair_id: str
    source_id: str
    page: int
    image_digest: str
    keep: bool
    reason: str  # what speaks against it, '; ' between reasons
    image_edit: str  # 'mask' or 'crop' when a copy without marks is released; else ''
    modality: str
    decided_by: str
    probability: float
    second_label: str
    second_probability: float
    needs_review: bool
    excluded: bool
    group_id: str  # '' for a pair without a split
    split: str  # '' when dropped, or withheld because it would have leaked
    split_decided_by: str


def decide(
    pair: Pair,
    verdict: Verdict | None,
    label: ModalityLabel | None,
    placed: SplitRow | None,
    copy: MaskedImage | None = None,
) -> Decision:
    """Return the line of one pair."""
    return Decision(
        pair_id=pair.pair_id,
        source_id=pair.source_id,
        page=pair.page,
        image_digest=pair.image_digest,
        keep=verdict is not None and verdict.keep,
        reason=verdict.reason if verdict else "",
        image_edit=copy.method if copy else "",
        modality=label.label if label else "",
        decided_by=label.decided_by if label else "",
        probability=label.probability if label else 0.0,
        second_label=label.second_label if label else "",
        second_probability=label.second_probability if label else 0.0,
        needs_review=label is not None and label.needs_review,
        excluded=label is not None and label.excluded,
        group_id=placed.group_id if placed else "",
        split=placed.split if placed else "",
        split_decided_by=placed.decided_by if placed else "",
    )


def write_decisions(root: Path, decisions: Iterable[Decision]) -> Path:
    """Write one line per pair and return the file."""
    path = root / FILE_NAME
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Decision.__match_args__)
        writer.writerows(map(attrgetter(*Decision.__match_args__), decisions))
    return path


def read_decisions(path: Path) -> list[Decision]:
    """Return the lines of the file.

    Raises:
        ConfigError: missing, or a column or value is not what it should be.
    """
    hints = typing.get_type_hints(Decision)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return [Decision(**{n: _value(row[n], hints[n]) for n in hints}) for row in rows]
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; it belongs to the release") from None
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError) as error:
        raise ConfigError(f"{path}: not the decisions of a release: {error!r}") from None


def _value(text: str, kind: type) -> typing.Any:
    if kind is bool:
        return {"True": True, "False": False}[text]
    return kind(text)
