"""The outcome of a rebuild, on disk: differences.csv and outcome.json."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmskin_build.rebuild.books import MissingBook
from mmskin_build.rebuild.compare import Comparison, Difference, What, row_id
from mmskin_build.rebuild.pointers import TABLES, Pointers, read_table
from mmskin_build.rebuild.reasons import Here, why

CSV_NAME, JSON_NAME = "differences.csv", "outcome.json"
COLUMNS = ("table", "row_id", "source_id", "page", "what", "columns", "reason")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rebuild came to."""

    comparison: Comparison
    reasons: Mapping[tuple[str, str], str]  # by table and row id of each difference
    missing: Sequence[MissingBook]
    failed: Mapping[str, str]

    @property
    def counted_reasons(self) -> list[tuple[str, int]]:
        """Reasons with the number of rows, most frequent first."""
        counts = Counter(self.reasons.values())
        return sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))


def compare_releases(
    pointers: Pointers, rebuilt: Path, here: Here, missing: Sequence[MissingBook]
) -> Outcome:
    """Compare every table of a rebuilt release with its pointers, and say why rows differ."""
    comparison = Comparison()
    reasons: dict[tuple[str, str], str] = {}
    for table in TABLES:
        wanted = list(pointers.rows(table))
        comparison.add(table, wanted, read_table(rebuilt, table))
        by_id = {row_id(row): row for row in wanted}
        for difference in comparison.differences:
            if difference.table == table:
                pointer = by_id.get(difference.row_id, {})
                reasons[table, difference.row_id] = _reason(difference, pointer, here)
    return Outcome(comparison, reasons, tuple(missing), dict(here.failed))


def _reason(difference: Difference, pointer: Mapping[str, Any], here: Here) -> str:
    if What.EXTRA in difference.what:
        return why(difference, pointer, here) or "made here only"
    return why(difference, pointer, here)


def write_outcome(outcome: Outcome, folder: Path) -> None:
    """Write every difference as a CSV row, and the counts as JSON."""
    with (folder / CSV_NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for d in outcome.comparison.differences:
            what, columns = "; ".join(d.what), "; ".join(d.columns)
            reason = outcome.reasons[d.table, d.row_id]
            writer.writerow((d.table, d.row_id, d.source_id, d.page, what, columns, reason))
    text = json.dumps(summary(outcome), indent=1, ensure_ascii=False)
    (folder / JSON_NAME).write_text(text + "\n", encoding="utf-8")


def summary(outcome: Outcome) -> dict[str, Any]:
    """Return the counts as plain values."""
    comparison = outcome.comparison
    return {
        "rows": comparison.rows,
        "equal": comparison.equal,
        "missing_books": [str(book) for book in outcome.missing],
        "failed_books": dict(outcome.failed),
        "tables": [
            {
                "table": table,
                "source_id": source_id,
                "rows": tally.rows,
                "equal": tally.equal,
                **{what.value: tally.by_what[what] for what in What},
            }
            for (table, source_id), tally in comparison.tallies.items()
        ],
        "reasons": dict(outcome.counted_reasons),
    }
