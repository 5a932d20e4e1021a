"""What happens to a build folder or a book between two builds, or during one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from test_build import Toy, made

from mmskin_build.runner.lock import build_lock
from mmskin_build.sealed_json import read_sealed, write_sealed
from mmskin_build.sources import ChecksumCache

LATER = 4_102_444_800  # seconds since 1970: the year 2100


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


def test_a_damaged_picture_is_found_by_its_digest_and_made_again(toy: Toy) -> None:
    toy.book("a", "one", "picture")
    toy.build()
    picture = next((toy.root / "images").rglob("*.png"))
    picture.write_bytes(b"fiction")  # as many bytes as before
    assert made(toy.build())["read"] == 1
    assert toy.progress.reasons["read", "a"].endswith("is damaged")
    assert picture.read_bytes() == b"picture"
    assert made(toy.build())["read"] == 0


def test_pictures_copied_to_another_disk_are_not_made_again(toy: Toy) -> None:
    toy.book("a", "one", "picture")
    toy.build()
    for picture in (toy.root / "images").rglob("*.png"):
        os.utime(picture, (LATER, LATER))
    assert made(toy.build())["read"] == 0


@pytest.mark.parametrize("damage", ["{", "[]", '{"stage": 1}', "", "seal"])
def test_a_damaged_receipt_costs_its_part_only(toy: Toy, damage: str) -> None:
    toy.book("a", "one")
    toy.book("b", "one")
    toy.build()
    receipt = toy.root / "parts/copy/a/receipt.json"
    text = (
        receipt.read_text().replace('"seconds": ', '"seconds": 1') if damage == "seal" else damage
    )
    receipt.write_text(text)
    assert made(toy.build()) == {"read": 0, "copy": 1, "judge": 0}


@pytest.mark.parametrize("file", ["tables/.merged.json", "sums.json", "rejects/build.parquet"])
def test_damaged_notes_of_the_build_are_made_again(toy: Toy, file: str) -> None:
    toy.book("a", "one")
    toy.build()
    for damage in (b"", b"{", b'{"tables/pages.parquet": 3}', b"\xff\x00PAR1"):
        (toy.root / file).write_bytes(damage)
        assert made(toy.build()) == {"read": 0, "copy": 0, "judge": 0}
        assert toy.verdicts() == ["a-1"]


def test_a_book_that_changes_during_the_build_fails_and_is_read_again(toy: Toy) -> None:
    toy.book("a", "one", "this file changes")
    toy.book("b", "one")
    result = toy.build()
    assert result.failed == {
        "a": "read: checksum_changed: the file changed during the build; run the same command again"
    }
    assert toy.verdicts() == ["b-1"]
    assert toy.build().failed == {}
    assert toy.verdicts() == ["a-1", "a-2", "a-3", "b-1"]


def test_a_book_that_disappears_during_the_build_is_read_when_it_is_back(toy: Toy) -> None:
    toy.book("a", "this file disappears")
    toy.book("b", "one")
    toy.build()
    toy.book("a", "one")
    assert toy.build().failed == {}
    assert toy.verdicts() == ["a-1", "b-1"]


def test_times_in_the_future_and_in_the_past_change_nothing(toy: Toy) -> None:
    toy.book("a", "one", "picture")
    toy.build()
    for time in (LATER, 0):
        for file in [*toy.books.iterdir(), *(p for p in toy.root.rglob("*") if p.is_file())]:
            os.utime(file, (time, time))
        assert made(toy.build()) == {"read": 0, "copy": 0, "judge": 0}


def test_a_clock_that_jumps_to_and_fro_during_a_build_changes_nothing(toy: Toy) -> None:
    toy.book("a", "one", "picture")
    toy.book("b", "one", "picture")
    toy.build()
    files = [*toy.books.iterdir(), *(p for p in toy.root.rglob("*") if p.is_file())]
    for shift in range(2):
        for number, file in enumerate(sorted(files)):
            os.utime(file, (LATER, LATER) if (number + shift) % 2 else (0, 0))
        assert made(toy.build()) == {"read": 0, "copy": 0, "judge": 0}
    toy.book("b", "one", "two")
    os.utime(toy.books / "b.pdf", (0, 0))
    assert made(toy.build()) == {"read": 1, "copy": 1, "judge": 1}
    assert toy.verdicts() == ["a-1", "a-2", "b-1", "b-2"]


def test_a_file_changed_with_its_old_size_and_time_is_noticed(tmp_path: Path) -> None:
    book = tmp_path / "a.pdf"
    book.write_text("one")
    seen = book.stat()
    cache = ChecksumCache(tmp_path / "sums.json")
    first = cache.sha256(book)
    book.write_text("two")
    os.utime(book, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert not cache.is_unchanged(book)
    assert cache.sha256(book) != first


def test_later_tables_of_an_older_build_are_removed(toy: Toy) -> None:
    toy.book("a", "one")
    toy.build()
    toy.build(last=1)
    assert toy.verdicts() == ["a-1"]
    toy.book("a", "one", "two")
    toy.build(last=1)
    assert not (toy.root / "tables/verdicts.parquet").exists()
    toy.build()
    assert toy.verdicts() == ["a-1", "a-2"]


def test_the_second_build_in_a_folder_learns_who_holds_it(tmp_path: Path) -> None:
    with (
        build_lock(tmp_path),
        pytest.raises(Exception, match=rf"process {os.getpid()} on \S+ \(since 2.* is building"),
        build_lock(tmp_path),
    ):
        pass


def test_half_written_review_files_are_swept_when_nobody_writes_them_any_more(toy: Toy) -> None:
    toy.book("a", "one")
    review = toy.root / "review"
    (review / "thumbnails").mkdir(parents=True)
    for name in (".modality.csv.1", ".modality.csv.2", "thumbnails/.a.jpg.1"):
        (review / name).touch()
        os.utime(review / name, None if name.endswith("2") else (1, 1))
    toy.build()
    assert [p.name for p in review.rglob(".*")] == [".modality.csv.2"]


def test_a_sealed_file_reads_back_as_written_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "notes.json"
    content = {"name": "lone \udcff half", "rows": {"pages": 3}, "share": 0.1}
    write_sealed(file, content)
    assert read_sealed(file) == content
    text = file.read_text(encoding="utf-8", errors="surrogatepass")
    for place in range(0, len(text), 7):
        changed = text[:place] + ("1" if text[place] != "1" else "2") + text[place + 1 :]
        file.write_text(changed, encoding="utf-8", errors="surrogatepass")
        assert read_sealed(file) is None
    assert json.loads(text)["rows"] == {"pages": 3}
