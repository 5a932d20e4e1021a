from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from review_library import Library, label

from mmskin_build.review.queue_csv import COLUMNS
from mmskin_build.review.spreadsheet import read_table


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def type_into(path: Path, pair_id: str, **cells: str) -> None:
    table = rows(path)
    for row in table:
        if row["pair_id"] == pair_id:
            row.update(cells)
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, table[0])
        writer.writeheader()
        writer.writerows(table)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


def test_queue_has_the_documented_columns_and_a_byte_order_mark(library: Library) -> None:
    path = library.queue()
    assert path == library.build / "review" / "modality.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert tuple(rows(path)[0]) == COLUMNS


def test_most_doubtful_first_and_audit_last(library: Library) -> None:
    library.labels[1] = label("p1", 0.55, "audit sample")
    assert [r["pair_id"] for r in rows(library.queue())] == ["p0", "p2", "p1"]


def test_accepted_pairs_are_not_queued(library: Library) -> None:
    library.labels[0] = label("p0", 0.99, "")
    assert [r["pair_id"] for r in rows(library.queue())] == ["p1", "p2"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_no_cell_is_a_formula(library: Library, start: str) -> None:
    library.caption("p0", f'{start}HYPERLINK("http://example.org")')
    cell = next(r for r in rows(library.queue()) if r["pair_id"] == "p0")["caption_start"]
    assert cell[0] in "'" or cell[0] not in "=+-@\t"
    assert "HYPERLINK" in cell


def test_thumbnails_lie_beside_the_queue(library: Library) -> None:
    path = library.queue()
    for row in rows(path):
        assert (path.parent / row["thumbnail"]).read_bytes().startswith(b"\xff\xd8")


def test_thumbnails_are_made_once(library: Library) -> None:
    path = library.queue()
    thumbnail = path.parent / rows(path)[0]["thumbnail"]
    thumbnail.write_bytes(b"kept")
    library.queue()
    assert thumbnail.read_bytes() == b"kept"


def test_typed_labels_survive_a_new_build(library: Library) -> None:
    type_into(library.queue(), "p1", label="other", reviewer="Ada", note="a drawing")
    again = {r["pair_id"]: r for r in rows(library.queue())}
    assert (again["p1"]["label"], again["p1"]["reviewer"], again["p1"]["note"]) == (
        "other",
        "Ada",
        "a drawing",
    )


def test_typed_label_keeps_its_row_when_the_model_becomes_sure(library: Library) -> None:
    type_into(library.queue(), "p1", label="other")
    library.labels[1] = label("p1", 0.99, "")
    assert {r["pair_id"]: r["label"] for r in rows(library.queue())}["p1"] == "other"


def test_typed_label_of_a_vanished_pair_is_kept_and_said(library: Library) -> None:
    type_into(library.queue(), "p1", label="other")
    library.pairs = [p for p in library.pairs if p.pair_id != "p1"]
    kept = next(r for r in rows(library.queue()) if r["pair_id"] == "p1")
    assert (kept["label"], kept["reason_for_review"]) == ("other", "not in this build")


def test_applied_label_leaves_the_queue(library: Library) -> None:
    type_into(library.queue(), "p1", label="Clinical")
    library.labels[1] = replace(label("p1", 1.0, ""), decided_by="reviewer")
    assert "p1" not in {r["pair_id"] for r in rows(library.queue())}


def test_typed_label_of_a_changed_picture_keeps_the_old_digest(library: Library) -> None:
    type_into(library.queue(), "p1", label="other")
    old = library.digests["p1"]
    library.pairs[1] = replace(library.pairs[1], image_digest="f" * 64)
    kept = next(r for r in rows(library.queue()) if r["pair_id"] == "p1")
    assert kept["image_digest"] == old


def test_the_file_as_it_was_is_kept_as_backup(library: Library) -> None:
    path = library.queue()
    type_into(path, "p1", label="other")
    before = path.read_bytes()
    library.queue()
    assert path.with_name("modality.previous.csv").read_bytes() == before


def test_contact_sheet_shows_captions_as_text(library: Library) -> None:
    library.caption("p0", "<script>alert(1)</script>")
    page = library.queue().with_name("modality.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_reading_a_long_cell_leaves_the_limit_of_others_alone(tmp_path: Path) -> None:
    usual = csv.field_size_limit()
    path = tmp_path / "queue.csv"
    path.write_text(f"note\n{'x' * (usual + 1)}\n", encoding="utf-8")
    (row,) = read_table(path, ["note"]).rows
    assert len(row.cells["note"]) == usual + 1
    assert csv.field_size_limit() == usual
