"""What a user relies on of a run: resume, freshness, faults contained, nothing half written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from toy_library import Toy, made
from toy_stages import TOYS

from mmskin_build.errors import ConfigError
from mmskin_build.records import Page
from mmskin_build.runner.layout import Layout, folder_name
from mmskin_build.runner.ledger import LEDGER, Ledger, Part
from mmskin_build.runner.lock import build_lock
from mmskin_build.runner.plan import check_wiring
from mmskin_build.runner.programs import program_version
from mmskin_build.runner.receipts import digest_of_file, read_receipt, write_receipt
from mmskin_build.sealed_json import read_sealed, write_sealed
from mmskin_build.stage import Program
from mmskin_build.tables import read_rows


def test_second_run_is_fresh_and_adding_a_book_costs_only_itself(toy: Toy) -> None:
    toy.book("a", "one", "two")
    toy.book("b", "one")
    assert made(toy.build()) == {"read": 2, "copy": 2, "judge": 1}
    assert toy.verdicts() == ["a-1", "a-2", "b-1"]
    assert made(toy.build()) == {"read": 0, "copy": 0, "judge": 0}
    toy.book("c", "one")
    assert made(toy.build()) == {"read": 1, "copy": 1, "judge": 1}
    assert toy.verdicts() == ["a-1", "a-2", "b-1", "c-1"]
    assert (toy.root / "made/out/count.txt").read_text() == "4"


def test_a_changed_setting_reruns_only_what_depends_on_it(toy: Toy) -> None:
    toy.book("a", "one")
    toy.build()
    toy.build(height=20.0)
    assert toy.progress.reasons["read", "a"] == "changed: settings"
    toy.build(height=20.0)
    assert toy.progress.reasons == {}


def data_of_reader(settings: None) -> dict[str, Path]:
    return {"greek": Path(os.environ["TOY_READER_DATA"])}


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A program 1.0 with data, which the second toy stage calls."""
    program = tmp_path / "bin" / "toy-reader"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setenv("TOY_READER_DATA", str(program.with_name("greek")))
    program.with_name("greek").write_text("alpha", encoding="utf-8")
    release(program, "1.0")
    yield program
    program_version.cache_clear()


def release(program: Path, version: str) -> None:
    program.write_text(f"#!/bin/sh\necho toy-reader {version}\n", encoding="utf-8")
    program.chmod(0o755)
    program_version.cache_clear()


def test_another_version_or_data_of_a_program_reruns_the_stage_that_calls_it(
    toy: Toy, reader: Path
) -> None:
    programs = (Program("toy-reader", data_of_reader), Program("toy-program-nobody-has"))
    toy.stages = (TOYS[0], replace(TOYS[1], programs=programs), TOYS[2])
    toy.book("a", "one")
    toy.build()
    assert made(toy.build())["copy"] == 0
    release(reader, "2.0")
    assert made(toy.build())["copy"] == 1
    assert toy.progress.reasons["copy", "a"] == "changed: program toy-reader"
    reader.with_name("greek").write_text("alpha beta", encoding="utf-8")
    assert made(toy.build())["copy"] == 1
    assert toy.progress.reasons["copy", "a"] == "changed: program toy-reader, data greek"


def test_a_damaged_part_and_a_damaged_table_are_made_again(toy: Toy) -> None:
    toy.book("a", "one")
    toy.build()
    (toy.root / "parts/copy/a/pages.parquet").write_bytes(b"rotten")
    (toy.root / "tables/verdicts.parquet").write_bytes(b"rotten")
    result = toy.build()
    assert made(result) == {"read": 0, "copy": 1, "judge": 0}
    assert toy.verdicts() == ["a-1"]


def test_a_lost_release_or_picture_is_made_again(toy: Toy) -> None:
    toy.book("a", "one", "picture")
    toy.build()
    shutil.rmtree(toy.root / "made/out")
    assert made(toy.build()) == {"read": 0, "copy": 0, "judge": 1}
    shutil.rmtree(toy.root / "images")
    assert made(toy.build()) == {"read": 1, "copy": 0, "judge": 0}
    assert toy.progress.reasons["read", "a"].endswith("is missing")


def test_rows_do_not_depend_on_the_number_of_workers(toy: Toy) -> None:
    for name in "dacb":
        toy.book(name, *[f"line {i}" for i in range(5)])
    toy.build(workers=1)
    once = (toy.root / "parts/judge/_library/receipt.json").read_text()
    toy.root = toy.root.with_name("other")
    toy.build(workers=3)
    import json

    twice = (toy.root / "parts/judge/_library/receipt.json").read_text()
    assert json.loads(once)["digests"] == json.loads(twice)["digests"]


def test_starting_later_leaves_earlier_stages_alone(toy: Toy) -> None:
    toy.book("a", "one")
    with pytest.raises(ConfigError, match="without --from"):
        toy.build(first=1)
    toy.build()
    assert made(toy.build(first=1, height=99.0))["read"] == 0
    assert made(toy.build(height=99.0))["read"] == 1


def test_starting_later_on_parts_of_an_older_version_names_table_and_fix(toy: Toy) -> None:
    toy.book("a", "one")
    toy.build()
    part = toy.root / "parts/copy/a"
    table = pq.read_table(part / "pages.parquet")
    receipt = read_receipt(part)
    assert receipt is not None
    pq.write_table(table.drop_columns(["rotation"]), part / "pages.parquet")
    files = {**receipt.files, "pages.parquet": digest_of_file(part / "pages.parquet")}
    digests = {**receipt.digests, "pages": "0" * 64}  # its rows were others, too
    write_receipt(part, replace(receipt, files=files, digests=digests))
    with pytest.raises(ConfigError, match=r"pages\.parquet.* 'rotation'.*without --from"):
        toy.build(first=2)
    write_receipt(part, replace(receipt, digests={}))
    with pytest.raises(ConfigError, match=r"copy of a: .*table 'pages'.*without --from"):
        toy.build(first=2)
    assert made(toy.build()) == {"read": 0, "copy": 1, "judge": 0}


def test_a_second_build_in_the_folder_is_told_who_holds_it(tmp_path: Path) -> None:
    with (
        build_lock(tmp_path),
        pytest.raises(ConfigError, match="is building here"),
        build_lock(tmp_path),
    ):
        pass


def test_odd_source_names_get_folders_of_their_own() -> None:
    names = ["a b", "a_b", "a/b", "..", "_library", "x" * 300, "ä\n'\"", "plain-1.2"]
    folders = [folder_name(n) for n in names if n != "_library"]
    assert len(set(folders)) == len(folders)
    assert all("/" not in f and len(f) < 100 for f in folders)
    assert folder_name("plain-1.2") == "plain-1.2"


def test_a_pipeline_whose_tables_do_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="made by no stage above"):
        check_wiring((TOYS[1],))
    with pytest.raises(ValueError, match="written by"):
        check_wiring((TOYS[0], TOYS[0]))


def test_tables_follow_books_that_come_go_and_change(toy: Toy) -> None:
    for name in "bdf":
        toy.book(name, "one", "two")
    toy.build()
    for name in "aceg":
        toy.book(name, "one")
        toy.book("d", *["line"] * len(name))
        toy.build()
    (toy.books / "b.pdf").unlink()
    toy.book("empty")
    toy.build()
    merged = [(r.source_id, r.page) for r in read_rows(toy.root / "tables/pages.parquet", Page)]
    assert merged == [("a", 1), ("c", 1), ("d", 1), ("e", 1), ("f", 1), ("f", 2), ("g", 1)]
    assert [r.record_id for r in toy.rejects("read")] == ["empty"]


@pytest.mark.parametrize("older", [["a list"], {"sha256": "0", "parts": [["a", "0", 1]]}])
def test_a_build_folder_of_an_older_version_is_merged_anew(toy: Toy, older: object) -> None:
    toy.book("a", "one")
    toy.build()
    ledger = toy.root / "tables" / LEDGER
    write_sealed(ledger, dict.fromkeys(read_sealed(ledger) or {}, older))
    toy.build()
    rows = list(read_rows(toy.root / "tables/pages.parquet", Page))
    assert [(r.source_id, r.page) for r in rows] == [("a", 1)]


def test_two_files_of_the_same_parts_may_be_merged_at_the_same_time(tmp_path: Path) -> None:
    ledger = Ledger(Layout(tmp_path))
    parts = [Part(f"book {n}", "0", 1) for n in range(500)]
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(ledger._keep_list, "same", parts) for _ in range(40)]:
            done.result()
    assert [p.name for p in (tmp_path / "tables/.merged").iterdir()] == ["same.txt"]
