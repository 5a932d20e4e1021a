"""Hold rebuilt rows against the pointers of a release, row by row, by their digests.

Words, picture, place and labels are compared apart, so that a difference explains itself: another
version of tesseract changes words, another PDF library pictures or boxes by a hair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from mmskin_build.rebuild.pointers import Row

PLACE = ("page", "bbox", "figure_bbox")
# Compared by their digest, null in a public release, or a reading of the two others.
WORDS = (
    "caption",
    "question",
    "answer",
    "evidence",
    "age_text",
    "sex_text",
    "answer_span",
    "spans",
)
NOT_LABELS = frozenset(
    (*PLACE, *WORDS, "text_digest", "row_digest", "image_digest", "width_px", "height_px")
)


class What(StrEnum):
    """In what a rebuilt row differs from its pointer."""

    MISSING = "missing"  # no row of this id was made
    EXTRA = "extra"  # made here, absent from the release
    WORDS = "words"
    PICTURE = "picture"
    PLACE = "place"
    LABELS = "labels"  # any other column: split, modality, template, licence ...


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that was not reproduced."""

    table: str
    row_id: str
    source_id: str
    page: int
    what: tuple[What, ...]
    columns: tuple[str, ...]  # of ``labels``: which


@dataclass(slots=True)
class Tally:
    """What became of the rows of one book in one table."""

    rows: int = 0  # in the release
    equal: int = 0
    by_what: Counter[What] = field(default_factory=Counter)


@dataclass(slots=True)
class Comparison:
    """Tallies by table and book, and every row that was not reproduced."""

    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows of the release."""
        return sum(t.rows for t in self.tallies.values())

    @property
    def equal(self) -> int:
        """Rows made again exactly."""
        return sum(t.equal for t in self.tallies.values())

    def add(self, table: str, wanted: Iterable[Row], made: Iterable[Row]) -> None:
        """Compare the rows of one table."""
        here = {row_id(r): r for r in made}
        for row in wanted:
            tally = self._tally(table, row["source_id"])
            tally.rows += 1
            difference = _compared(table, row, here.pop(row_id(row), None))
            if difference is None:
                tally.equal += 1
            else:
                tally.by_what.update(difference.what)
                self.differences.append(difference)
        for row in here.values():
            self._tally(table, row["source_id"]).by_what[What.EXTRA] += 1
            self.differences.append(_difference(table, row, (What.EXTRA,)))

    def by_book(self) -> dict[str, Tally]:
        """Return the tallies of all tables together, by book."""
        books: dict[str, Tally] = {}
        for (_, source_id), tally in sorted(self.tallies.items()):
            whole = books.setdefault(source_id, Tally())
            whole.rows += tally.rows
            whole.equal += tally.equal
            whole.by_what.update(tally.by_what)
        return books

    def _tally(self, table: str, source_id: str) -> Tally:
        return self.tallies.setdefault((table, source_id), Tally())


def row_id(row: Row) -> str:
    """Return what names a row within its table."""
    return str(row.get("qa_id") or row["pair_id"])


def _compared(table: str, wanted: Row, made: Row | None) -> Difference | None:
    if made is None:
        return _difference(table, wanted, (What.MISSING,))
    columns = tuple(_other_columns(wanted, made))
    what = tuple(_differs(wanted, made, columns))
    return _difference(table, wanted, what, columns) if what else None


def _differs(wanted: Row, made: Row, columns: tuple[str, ...]) -> Iterator[What]:
    same_picture = wanted["image_digest"] == made["image_digest"]
    same_words = wanted["text_digest"] == made["text_digest"]
    # Equal picture and words make an equal row digest, unless somebody changed one of them.
    if not same_words or (same_picture and wanted["row_digest"] != made["row_digest"]):
        yield What.WORDS
    if not same_picture:
        yield What.PICTURE
    if any(wanted[name] != made[name] for name in PLACE):
        yield What.PLACE
    if columns:
        yield What.LABELS


def _other_columns(wanted: Row, made: Row) -> Iterator[str]:
    for name, value in wanted.items():
        if name not in NOT_LABELS and value != made.get(name):
            yield name


def _difference(
    table: str, row: Row, what: tuple[What, ...], columns: tuple[str, ...] = ()
) -> Difference:
    return Difference(table, row_id(row), row["source_id"], row["page"], what, columns)
