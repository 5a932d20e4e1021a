from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mmskin_build import records
from mmskin_build.errors import ConfigError
from mmskin_build.images import ImageStore
from mmskin_build.records import Demographics, Pair, Record, Reject, Verdict
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.tables import (
    BATCH_ROWS,
    Piece,
    TableWriter,
    concatenate,
    read_rows,
    schema_of,
    write_rows,
)

BOX = (0.0, 1.0, 2.5, 3.0)
TABLES = [
    c
    for c in vars(records).values()
    if isinstance(c, type) and issubclass(c, Record) and c is not Record
]


def verdict(number: int, source: str = "a") -> Verdict:
    return Verdict(source, f"{source}-{number}", number % 2 == 0, "", "x")


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    pair = Pair(
        "a", "a-1", "f", "a", 1, BOX, "3.1", "Ω ﬁ\n", "", 2, None, BOX, "d", 1, 2, False, 0.5,
        ("x", "y"),
    )  # fmt: skip
    person = Demographics("a", "a-1", None, 3.0, "", "male", "", "", (), None, "", "caption")
    for row in (pair, person):
        write_rows(tmp_path / "t.parquet", type(row), [row])
        assert list(read_rows(tmp_path / "t.parquet", type(row))) == [row]


def test_an_empty_table_is_a_table(tmp_path: Path) -> None:
    write_rows(tmp_path / "t.parquet", Verdict, [])
    assert list(read_rows(tmp_path / "t.parquet", Verdict)) == []


def test_the_digest_tells_rows_apart_but_not_files(tmp_path: Path) -> None:
    one = write_rows(tmp_path / "1.parquet", Verdict, [verdict(1), verdict(2)])
    same = write_rows(tmp_path / "2.parquet", Verdict, [verdict(1), verdict(2)])
    other = write_rows(tmp_path / "3.parquet", Verdict, [verdict(2), verdict(1)])
    assert one == same != other


def test_the_digest_asks_what_a_row_says_not_which_objects_say_it(tmp_path: Path) -> None:
    again = "".join(["ab", "c"])  # equal to "abc", another object
    shared = write_rows(tmp_path / "1.parquet", Verdict, [Verdict("abc", "abc", True, "", "abc")])
    apart = write_rows(tmp_path / "2.parquet", Verdict, [Verdict("abc", again, True, "", again)])
    assert shared == apart


def test_the_digest_of_a_source_does_not_depend_on_the_others(tmp_path: Path) -> None:
    reject = Reject("b", "b-1", RejectReason.DAMAGED, "x")  # an enum among its values
    digests = []
    for before in (0, BATCH_ROWS - 1):
        writer = TableWriter(Reject, tmp_path / f"{before}.parquet", per_source=True)
        for number in range(before):
            writer.add(Reject("a", f"a-{number}", RejectReason.DAMAGED))
        writer.add(reject)
        writer.add(reject)
        writer.close()
        assert writer.rows == before + 2
        digests.append(writer.by_source()["b"])
    assert digests[0] == digests[1]


def test_parts_are_joined_in_order_beyond_one_batch(tmp_path: Path) -> None:
    many = [verdict(i) for i in range(BATCH_ROWS + 10)]
    write_rows(tmp_path / "1.parquet", Verdict, many)
    write_rows(tmp_path / "2.parquet", Verdict, [verdict(1, "b")])
    parts = [Piece(tmp_path / "1.parquet", 0, len(many)), Piece(tmp_path / "2.parquet", 0, 1)]
    assert concatenate(parts, Verdict, tmp_path / "all.parquet") == len(many) + 1
    assert list(read_rows(tmp_path / "all.parquet", Verdict)) == [*many, verdict(1, "b")]


def test_a_table_is_made_from_pieces_of_an_older_one_and_new_parts(tmp_path: Path) -> None:
    old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
    rows = [verdict(i) for i in range(3 * BATCH_ROWS)]
    write_rows(old, Verdict, rows)
    write_rows(new, Verdict, [verdict(1, "b")])
    cuts = [(5, 7), (BATCH_ROWS - 3, 10), (2 * BATCH_ROWS, BATCH_ROWS)]
    pieces = [p for first, n in cuts for p in (Piece(old, first, n), Piece(new, 0, 1))]
    concatenate(pieces, Verdict, tmp_path / "all.parquet", base=old)
    wanted = [row for first, n in cuts for row in (*rows[first : first + n], verdict(1, "b"))]
    assert list(read_rows(tmp_path / "all.parquet", Verdict)) == wanted


def test_every_table_has_its_own_name_and_a_source_first() -> None:
    names = [record.table for record in TABLES]
    assert all(names) and len(set(names)) == len(names)
    assert {schema_of(record).names[0] for record in TABLES} == {"source_id"}


def test_pictures_are_stored_once_under_their_digest(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    digest = store.put(b"picture", ".png")
    assert store.put(b"picture", ".png") == digest
    assert store.read(digest) == b"picture"
    assert [p.suffix for p in tmp_path.rglob("*.*")] == [".png"]


def test_a_missing_picture_says_how_to_get_it_back(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="rebuild with --from align"):
        ImageStore(tmp_path).path("0" * 64)
    with pytest.raises(ValueError, match="suffix"):
        ImageStore(tmp_path).put(b"x", ".bmp")


def test_rows_are_written_without_pandas_and_data_frames_are_still_to_be_had() -> None:
    code = """
import sys, tempfile, pathlib
import pyarrow.parquet as pq
from mmskin_build.records import Verdict
from mmskin_build.tables import read_rows, write_rows
path = pathlib.Path(tempfile.mkdtemp()) / "t.parquet"
write_rows(path, Verdict, [Verdict("a", "a-1", True, "", "x")])
assert len(list(read_rows(path, Verdict))) == 1
assert "pandas" not in sys.modules
assert list(pq.read_table(path).to_pandas().source_id) == ["a"]
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_table_of_an_older_version_is_named_with_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.parquet"
    write_rows(path, Verdict, [verdict(1)])
    pq.write_table(pq.read_table(path).drop_columns(["masked_digest"]), path)
    with pytest.raises(ConfigError, match=r"no column 'masked_digest'.*stages build"):
        list(read_rows(path, Verdict))
