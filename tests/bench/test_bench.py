"""Measurements: the generated books, the fitted exponent, the curves, and the bench command."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pymupdf
import pytest
from repository import ROOT

from mmskin_build.bench.curve import line_chart
from mmskin_build.bench.growth import exponent
from mmskin_build.bench.library import picture, write_book, write_library
from mmskin_build.bench.model import check
from mmskin_build.bench.pictures import pictures_below
from mmskin_build.records import Page, Pair
from mmskin_build.runner.receipts import Receipt, write_receipt
from mmskin_build.tables import write_rows

MORE_PARENT_KB_A_BOOK = 16  # 7 measured; it was 30 when tables of a row each waited to be merged
MORE_CPU_S_A_BOOK = 0.009  # for each other book, when one is added; 0.004 measured


def test_a_generated_book_has_text_and_captioned_pictures_and_is_the_same_again(
    tmp_path: Path,
) -> None:
    write_book(tmp_path / "a.pdf", 4, seed=3)
    write_book(tmp_path / "b.pdf", 4, seed=3)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    with pymupdf.open(tmp_path / "a.pdf") as book:
        assert [len(page.get_images()) for page in book] == [0, 1, 0, 1]
        assert "Figure 2." in book[3].get_text()


def test_many_generated_books_differ(tmp_path: Path) -> None:
    write_library(tmp_path, 3, 2)
    assert len({p.read_bytes() for p in tmp_path.glob("*.pdf")}) == 3


def test_the_exponent_tells_linear_from_quadratic() -> None:
    xs = [100, 500, 1000]
    assert exponent(xs, [2 * x for x in xs]) == pytest.approx(1.0)
    assert exponent(xs, [x * x for x in xs]) == pytest.approx(2.0)


def test_a_chart_is_well_formed_and_names_its_lines() -> None:
    text = line_chart("Peak <memory>", ("pages", "MiB"), [1, 2], {"a": [3, 4], "b & c": [0, 1]})
    root = ElementTree.fromstring(text)
    words = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Peak <memory>", "pages", "MiB", "a", "b & c"} <= set(words)


def stages(*args: str | Path, timeout: float) -> str:
    command = [sys.executable, "-m", "stages", *map(str, args)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_bench_prints_each_stage_beside_the_bare_library(tmp_path: Path) -> None:
    write_book(tmp_path / "a.pdf", 4)
    shown = stages("bench", "--pdfs", tmp_path, "--until", "align", timeout=240)
    rows = {line.split()[0]: line for line in shown.splitlines() if line.strip()}
    for stage in ("extract", "ocr", "align", "all"):
        assert re.search(r"\d+\.\d .* \d+ .*\d+ %", rows[stage])
    assert "text" in shown and "image list" in shown and "OCR" in shown


def test_bench_pictures_prints_what_each_look_costs(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture(0, 1))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    shown = stages("bench-pictures", tmp_path, timeout=120)
    for step in ("decode", "modality", "drawn marks", "face network", "eye bar", "fingerprint"):
        assert re.search(rf"{step} +\d+\.\d +\d+\.\d", shown)
    assert re.search(r"^1 pictures: modality, drawn marks, eye bar together \d+\.\d", shown, re.M)


def test_a_folder_is_measured_over_all_its_pictures_not_the_first_ones(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"{number}.jpg").write_bytes(bytes([number]))
    assert pictures_below(tmp_path, 3) == [b"\x00", b"\x02", b"\x04"]
    assert len(pictures_below(tmp_path, 99)) == 6


def test_the_model_counts_what_a_build_holds_and_took(tmp_path: Path) -> None:
    for folder in ("images", "release"):
        (tmp_path / folder).mkdir()
    large = tmp_path / "images" / "large.bin"
    large.write_bytes(bytes(1 << 20))
    (tmp_path / "release" / "linked.bin").hardlink_to(large)
    pages = [
        Page("a", n, 500.0, 700.0, 0, "ocr" if n == 3 else "embedded", None, 0.0) for n in (1, 2, 3)
    ]
    box = (0.0, 0.0, 9.0, 9.0)
    pairs = [
        Pair(
            "a",
            f"a-{n}",
            f"a-{n}",
            "",
            1,
            box,
            "",
            "",
            "",
            1,
            None,
            box,
            digest,
            2000,
            1000,
            False,
            1.0,
            (),
        )
        for n, digest in enumerate(("x", "x", "y"))
    ]
    tables = tmp_path / "tables"
    tables.mkdir()
    write_rows(tables / "pages.parquet", Page, pages)
    write_rows(tables / "pairs.parquet", Pair, pairs)
    part = tmp_path / "parts" / "align" / "a"
    part.mkdir(parents=True)
    write_receipt(part, Receipt("align", "a", {}, cpu_seconds=36.0))
    found = check(tmp_path)
    own = found.holdings
    assert (own.sources, own.pages, own.scanned_pages, own.pictures) == (1, 3, 1, 2)
    assert (own.megapixels, own.copies, found.core_hours) == (4.0, 0, 0.01)
    assert 1 / 1024 <= found.gib < 1.5 / 1024  # the linked picture once


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_memory_stays_flat_over_a_book_of_5000_pages_and_time_is_linear(tmp_path: Path) -> None:
    import json

    lengths = "1000,5000"
    command = ("bench-growth", "--pages", lengths, "--books", "50,400", "-o", tmp_path)
    stages(*command, timeout=3500)
    found = json.loads((tmp_path / "growth.json").read_text())
    for short, long in (found[:2], found[2:]):
        assert long["parent_mb"] < short["parent_mb"] + 60
        for stage, peak in short["worker_mb"].items():
            assert long["worker_mb"][stage] < peak + 60, stage
        pages = [g["pages"] * g["books"] for g in (short, long)]
        assert exponent(pages, [short["cpu_seconds"], long["cpu_seconds"]]) < 1.15
        assert long["sizes_mb"]["receipts"] < 0.02 * long["books"]
    assert (tmp_path / "one-book-memory.svg").is_file()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_one_more_book_among_many_costs_little_more_than_among_few(tmp_path: Path) -> None:
    import json

    command = ("bench-growth", "--pages", "", "--books", "400,1600", "--until", "export")
    stages(*command, "-o", tmp_path, timeout=3500)
    few, many = json.loads((tmp_path / "growth.json").read_text())
    assert (few["books"], many["books"]) == (400, 1600)
    assert exponent([400, 1600], [few["cpu_seconds"], many["cpu_seconds"]]) < 1.1
    # Below 400 books what is merged at a time has not reached its full size yet.
    assert many["parent_mb"] < few["parent_mb"] + 1200 * MORE_PARENT_KB_A_BOOK / 1024
    more = many["one_more_cpu_seconds"] - few["one_more_cpu_seconds"]
    assert more < 1200 * MORE_CPU_S_A_BOOK
    assert many["one_more_cpu_seconds"] < many["cpu_seconds"] / 10
