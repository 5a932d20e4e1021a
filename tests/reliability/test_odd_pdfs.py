"""A build over a hundred odd files that nobody's program would write: each ends as it should."""

from __future__ import annotations

from pathlib import Path

import odd_pdfs
import pyarrow.parquet as pq
import pytest
from outcomes import Outcome, build, outcomes

READ = (
    odd_pdfs.geometry,
    odd_pdfs.trees,
    odd_pdfs.recursions,
    odd_pdfs.pictures,
    odd_pdfs.type_and_marks,
    odd_pdfs.bytes_of_the_file,
)
HONEST = ("honest page 1", "honest page 3")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    for kind in (*READ, odd_pdfs.too_much, odd_pdfs.locks, odd_pdfs.not_pdfs):
        for name, data in kind().items():
            (folder / f"{name}.pdf").write_bytes(data)
    done = build(folder / "build", "--pdfs", folder, "--until", "extract")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return folder / "build"


@pytest.fixture(scope="module")
def found(built: Path) -> dict[str, Outcome]:
    return outcomes(built)


@pytest.fixture(scope="module")
def texts(built: Path) -> set[tuple[str, str]]:
    table = pq.read_table(built / "tables/embedded_lines.parquet", columns=["source_id", "text"])
    return {(row["source_id"], row["text"]) for row in table.to_pylist()}


def test_what_can_be_read_is_read(found: dict[str, Outcome], texts: set[tuple[str, str]]) -> None:
    names = {name for kind in READ for name in kind()}
    assert len(names) > 80
    assert {name: found[name] for name in names if found[name].whole} == {}
    lost = {(n, t) for n in names for t in HONEST if (n, t) not in texts}
    assert lost == set()


def test_a_page_that_is_too_much_costs_only_itself(
    found: dict[str, Outcome], texts: set[tuple[str, str]]
) -> None:
    names = set(odd_pdfs.too_much())
    assert {n: o for n in names if (o := found[n]).whole or o.pages != 3 or len(o.parts) != 1} == {}
    assert {(n, t) for n in names for t in HONEST} <= texts


def test_what_is_locked_is_said_to_be_locked(found: dict[str, Outcome]) -> None:
    assert {n: found[n].whole for n in odd_pdfs.locks()} == dict.fromkeys(
        odd_pdfs.locks(), "encrypted"
    )


def test_what_is_no_pdf_is_said_to_be_none(found: dict[str, Outcome]) -> None:
    wrong = {"not_a_pdf", "damaged", "file_empty"}
    assert {n: found[n] for n in odd_pdfs.not_pdfs() if found[n].whole not in wrong} == {}
