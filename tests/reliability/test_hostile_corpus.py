"""Every hostile or odd file ends as expected; all of them in one build, as a user would meet them.

Needs the corpus of real files; what it taught is also tested on generated files in ``tests/pdf``.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from large_scans import large_scan
from outcomes import Outcome, build, outcomes, peaks_mb

from mmskin_build.records import Reject
from mmskin_build.tables import read_rows

DAMAGED = {"damaged", "not_a_pdf", "file_empty"}
PASSWORDS = "extract:\n  passwords: ['1234', 'password']\n"
LARGEST_SCAN = "scan-2160pt-600dpi"


@pytest.fixture(scope="module")
def hostile_build(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    done = build(folder, "--pdfs", corpus / "hostile", "--until", "extract")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def extracted(hostile_build: Path) -> dict[str, Outcome]:
    return outcomes(hostile_build)


def expected_outcomes(corpus: Path) -> dict[str, tuple[str, int]]:
    with (corpus / "hostile" / "index.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    return {Path(r["file"]).stem: (r["expected"], int(r["pages"] or 0)) for r in rows}


def fits(expected: str, pages: int, found: Outcome) -> bool:
    if expected == "extract":
        return not found.whole and not found.parts and found.pages == pages
    if expected == "partial":
        return not found.whole and found.pages > 0
    if expected == "clear error: encrypted":
        return found.whole == "encrypted"
    return found.whole in DAMAGED


def test_every_hostile_file_ends_as_expected(corpus: Path, extracted: dict[str, Outcome]) -> None:
    expected = expected_outcomes(corpus)
    assert len(expected) == len(list((corpus / "hostile").glob("*.pdf")))
    wrong = {
        name: (wanted, extracted.get(name))
        for name, (wanted, pages) in expected.items()
        if name not in extracted or not fits(wanted, pages, extracted[name])
    }
    assert wrong == {}


def test_every_feature_file_is_read_with_its_password(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "passwords.yaml").write_text(PASSWORDS)
    config = ("--config", tmp_path / "passwords.yaml")
    done = build(tmp_path, "--pdfs", corpus / "features", "--until", "extract", *config)
    assert done.returncode == 0, done.stderr
    found = outcomes(tmp_path)
    assert set(found) == {file.stem for file in (corpus / "features").glob("*.pdf")}
    assert {n: o for n, o in found.items() if o.whole or o.parts or not o.pages} == {}


def test_no_source_succeeds_without_a_page(extracted: dict[str, Outcome]) -> None:
    assert [name for name, o in extracted.items() if not o.pages and not o.whole] == []


def test_hostile_files_stay_within_memory(
    hostile_build: Path, extracted: dict[str, Outcome]
) -> None:
    peaks = peaks_mb(hostile_build)
    assert peaks.keys() >= extracted.keys()
    assert {name: peak for name, peak in peaks.items() if peak > 1500} == {}


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_odd_files_bombs_and_the_largest_scans_pass_all_stages(
    corpus: Path, tmp_path: Path
) -> None:
    books = tmp_path / "books"
    bombs = books / "bombs"
    script = corpus / "hostile" / "generate_bombs.py"
    subprocess.run([sys.executable, script, bombs], check=True, capture_output=True)
    for file in bombs.glob("*.pdf"):
        file.rename(file.with_name(f"bomb-{file.name}"))
    for file in [*corpus.glob("hostile/*.pdf"), *corpus.glob("features/*.pdf")]:
        (books / file.name).symlink_to(file)
    for colour in (False, True):
        scan = large_scan(side_pt=2160, dpi=600, colour=colour)
        scan.save(books / f"{LARGEST_SCAN}{'-colour' if colour else ''}.pdf")
    done = build(tmp_path / "build", "--pdfs", books)
    assert done.returncode == 0, done.stderr
    found = outcomes(tmp_path / "build")
    assert set(found) == {file.stem for file in books.rglob("*.pdf")}
    assert [name for name, o in found.items() if not o.pages and not o.whole] == []
    ocr = read_rows(tmp_path / "build" / "rejects" / "ocr.parquet", Reject)
    assert [r for r in ocr if r.source_id.startswith(LARGEST_SCAN)] == []
