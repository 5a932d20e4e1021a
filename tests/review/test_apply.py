from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from review_library import Library

from mmskin_build.errors import ReviewError
from mmskin_build.review.apply import Applied, Request, apply_file
from mmskin_build.review.decisions import by_pair, cohens_kappa, read_ledger

Edit = Callable[[list[dict[str, str]]], None]


class Desk:
    """A queue, an editor and a ledger."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder)
        self.manifests = folder / "manifests"
        self.queue = self.library.queue()
        text = self.queue.read_text(encoding="utf-8-sig")
        self.rows = list(csv.DictReader(io.StringIO(text, newline="")))

    def row(self, pair_id: str) -> dict[str, str]:
        return next(r for r in self.rows if r["pair_id"] == pair_id)

    def save(self, encoding: str = "utf-8-sig", delimiter: str = ",", end: str = "\r\n") -> None:
        columns = list(self.rows[0])
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns, delimiter=delimiter, lineterminator=end)
        writer.writeheader()
        writer.writerows(self.rows)
        self.queue.write_bytes(text.getvalue().encode(encoding))

    def apply(self, reviewer: str = "Ada", day: str = "2026-02-01") -> Applied:
        request = Request(self.queue, self.manifests, reviewer, day)
        return apply_file(request, self.library.digests)

    def ledger(self) -> dict[str, str]:
        decisions = read_ledger((self.manifests / "reviews").glob("*.csv"))
        return {k: "/".join(v.labels) for k, v in by_pair(decisions).items()}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_typed_label_lands_in_the_ledger(desk: Desk) -> None:
    desk.row("p1")["label"] = "Dermoscopy"
    desk.save()
    result = desk.apply()
    assert (result.added, result.undecided) == (1, 2)
    assert result.path == desk.manifests / "reviews" / "2026-02-01-Ada.csv"
    assert desk.ledger() == {"p1": "dermoscopy"}


def test_applying_twice_changes_nothing(desk: Desk) -> None:
    desk.row("p1")["label"] = "other"
    desk.save()
    first = desk.apply().path
    assert first is not None
    before = first.read_bytes()
    again = desk.apply(day="2026-02-02")
    assert (again.added, again.known, again.path) == (0, 1, None)
    assert first.read_bytes() == before


@pytest.mark.parametrize(
    ("encoding", "delimiter", "end"),
    [
        ("utf-8-sig", ";", "\r\n"),
        ("utf-8", ",", "\n"),
        ("utf-16", "\t", "\r\n"),
        ("utf-8", ";", "\r"),
    ],
)
def test_spreadsheet_dialects(desk: Desk, encoding: str, delimiter: str, end: str) -> None:
    desk.row("p0")["caption_start"] = 'comma, semicolon; "quote"\nsecond line'
    desk.row("p0")["label"] = " pathology "
    desk.save(encoding, delimiter, end)
    desk.apply()
    assert desk.ledger() == {"p0": "pathology"}


def test_reordered_and_extra_columns(desk: Desk) -> None:
    desk.rows = [{"mine": "x", **dict(reversed(r.items()))} for r in reversed(desk.rows)]
    desk.row("p2")["label"] = "exclude"
    desk.save()
    desk.apply()
    assert desk.ledger() == {"p2": "exclude"}


def test_columns_other_than_id_and_label_may_be_cut(desk: Desk) -> None:
    desk.rows = [{"Label": "other", "Pair_ID": r["pair_id"]} for r in desk.rows]
    desk.save()
    desk.apply()
    assert desk.ledger() == {"p0": "other", "p1": "other", "p2": "other"}


@pytest.mark.parametrize(
    ("pair_id", "cells", "told"),
    [
        ("p0", {"label": "skin"}, "row 2: label 'skin' is not one of clinical"),
        ("p1", {"label": "other", "pair_id": "p99"}, "row 3: pair 'p99' is not in the build"),
        ("p1", {"label": "other", "pair_id": ""}, "row 3: the pair_id is empty"),
        ("p2", {"label": "other", "image_digest": "f" * 64}, "row 4: the picture of 'p2' has chan"),
    ],
)
def test_bad_rows_are_named_and_nothing_is_written(
    desk: Desk, pair_id: str, cells: dict[str, str], told: str
) -> None:
    for row in desk.rows:
        row["label"] = "clinical"
    desk.row(pair_id).update(cells)
    desk.save()
    with pytest.raises(ReviewError, match=told):
        desk.apply()
    assert not desk.manifests.exists()


def test_all_faults_are_listed_at_once(desk: Desk) -> None:
    desk.row("p0")["label"] = "skin"
    desk.row("p2")["label"] = "bone"
    desk.save()
    with pytest.raises(ReviewError, match=r"(?s)row 2.*row 4"):
        desk.apply()


def test_one_reviewer_may_not_contradict_himself_in_one_file(desk: Desk) -> None:
    desk.row("p0")["label"] = "other"
    desk.rows.append({**desk.row("p0"), "label": "clinical"})
    desk.save()
    with pytest.raises(ReviewError, match="row 5: 'p0' has label 'clinical' here and 'other' in"):
        desk.apply()


def test_a_reviewer_must_be_named(desk: Desk) -> None:
    desk.row("p0")["label"] = "other"
    desk.save()
    with pytest.raises(ReviewError, match="--reviewer"):
        desk.apply(reviewer="")
    desk.row("p0")["reviewer"] = "Grace"
    desk.save()
    assert desk.apply(reviewer="").added == 1


def test_reviewers_who_differ_are_listed_not_overwritten(desk: Desk) -> None:
    desk.row("p0")["label"] = "other"
    desk.save()
    desk.apply("Ada")
    desk.row("p0")["label"] = "clinical"
    desk.save()
    assert desk.apply("Grace", "2026-02-02").disagreements == ("p0",)
    assert desk.ledger() == {"p0": "clinical/other"}


def test_a_reviewer_may_change_her_mind(desk: Desk) -> None:
    for day, label in (("2026-02-01", "other"), ("2026-02-02", "clinical")):
        desk.row("p0")["label"] = label
        desk.save()
        desk.apply("Ada", day)
    assert desk.ledger() == {"p0": "clinical"}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04zip", b"a,b\n1,2\n", b"\xff\xfe"])
def test_files_that_are_no_queue(desk: Desk, data: bytes) -> None:
    desk.queue.write_bytes(data)
    with pytest.raises(ReviewError, match=desk.queue.name):
        desk.apply()


def test_missing_file(desk: Desk) -> None:
    desk.queue.unlink()
    with pytest.raises(ReviewError, match=desk.queue.name):
        desk.apply()


def test_notes_cannot_become_formulas(desk: Desk) -> None:
    desk.row("p0").update(label="other", note="=1+1")
    desk.save()
    path = desk.apply().path
    assert path is not None
    assert "'=1+1" in path.read_text(encoding="utf-8")
    assert desk.apply().added == 0


def test_kappa(desk: Desk) -> None:
    assert cohens_kappa([]) == (None, 0)
    for reviewer, labels in (("Ada", "other clinical other"), ("Grace", "other clinical clinical")):
        for row, label in zip(desk.rows, labels.split(), strict=True):
            row["label"] = label
        desk.save()
        desk.apply(reviewer)
    kappa, pairs = cohens_kappa(read_ledger((desk.manifests / "reviews").glob("*.csv")))
    assert pairs == 3
    assert kappa == pytest.approx(0.4)


def test_damaged_utf_16_is_refused_in_one_sentence(desk: Desk) -> None:
    desk.row("p1")["label"] = "clinical"
    desk.save(encoding="utf-16")
    desk.queue.write_bytes(desk.queue.read_bytes() + b"\x00")
    with pytest.raises(ReviewError, match="damaged text"):
        desk.apply()
