"""Faults of the disk, odd names, other languages and clocks, on real builds of small books."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import Builder
from small_books import write_books

from mmskin_build.records import EmbeddedPage
from mmskin_build.runner.lock import build_lock
from mmskin_build.tables import read_rows

UNTIL_ALIGN = ("--until", "align")
ASCII_ONLY = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
ODD_NAMES = (
    "two words",
    'quote\'s "both"',
    "line\nbreak",
    "x" * 200,
    "häutung-皮膚-кожа",
    "-dash [and] {braces} $HOME; `ls` & 100%",
    "trailing.",
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with 600 KB, as root may make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)]
    if os.getuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a disk to fill can only be mounted by root (mount -t tmpfs)")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_named_and_the_build_goes_on_when_there_is_room(
    books: Path, aligned: dict[str, str], small_disk: Path
) -> None:
    builder = Builder(books, small_disk / "build", *UNTIL_ALIGN)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(500_000))
    process = builder.start()
    _, said = process.communicate(timeout=300)
    assert process.returncode == 8, said
    assert "the disk is full" in said
    assert "run the same command again" in said
    assert "Traceback" not in said
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    builder.finish()
    assert builder.result() == aligned


def test_a_read_only_disk_is_named(books: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    process = Builder(books, small_disk / "build", *UNTIL_ALIGN).start()
    _, said = process.communicate(timeout=300)
    assert process.returncode == 8
    assert "cannot be written" in said
    assert "Traceback" not in said


def test_odd_file_names_are_books_like_any_other(tmp_path: Path) -> None:
    books = write_books(tmp_path / "books", ODD_NAMES)
    builder = Builder(books, tmp_path / "build with spaces", *UNTIL_ALIGN)
    process = builder.start(**ASCII_ONLY)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    rows = read_rows(builder.root / "tables" / "embedded_pages.parquet", EmbeddedPage)
    assert {row.source_id for row in rows} == set(ODD_NAMES)
    assert "extract  0     7" in builder.finish()


def test_a_second_build_in_the_folder_is_told_so_and_leaves_it_alone(
    books: Path, tmp_path: Path
) -> None:
    root = tmp_path / "build"
    with build_lock(root):
        before = sorted(root.rglob("*"))
        process = Builder(books, root, *UNTIL_ALIGN).start()
        _, said = process.communicate(timeout=60)
        assert process.returncode == 2
        assert f"process {os.getpid()} on" in said
        assert "--build-dir" in said
        assert sorted(root.rglob("*")) == before


def test_language_clock_order_and_number_of_workers_change_no_row(
    books: Path, aligned: dict[str, str], tmp_path: Path
) -> None:
    manifest = tmp_path / "sources.csv"
    names = ("two", "three", "one")
    rows = [f"{name},{books / name}.pdf,{name}\n" for name in names]
    manifest.write_text("source_id,path,title\n" + "".join(rows))
    builder = Builder(books, tmp_path / "build", *UNTIL_ALIGN)
    builder.where = ("--sources", str(manifest), "--workers", "1")
    process = builder.start(LC_ALL="tr_TR.UTF-8", TZ="Pacific/Kiritimati", PYTHONHASHSEED="7")
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert builder.result() == aligned


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_full_build_is_the_same_anywhere(books: Path, tmp_path: Path) -> None:
    here = Builder(books, tmp_path / "here")
    here.finish()
    there = Builder(books, tmp_path / "there")
    there.where = ("--pdfs", str(books), "--workers", "1")
    process = there.start(**ASCII_ONLY, TZ="Asia/Tokyo", PYTHONHASHSEED="11")
    _, said = process.communicate(timeout=900)
    assert process.returncode == 0, said
    assert there.result() == here.result()
