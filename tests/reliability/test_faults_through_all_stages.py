"""Faults and oddities through extract … export, report and review: the long proofs."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import Builder, all_gone, descendants, kill, wait_for_workers
from repository import ROOT
from s3_server import s3_server
from small_books import write_books
from test_faults import ASCII_ONLY, ODD_NAMES, UNTIL_ALIGN, small_disk  # noqa: F401

from mmskin_build.inspect.explain import explain
from mmskin_build.records import Pair, SplitRow
from mmskin_build.tables import MergedTables
from stages import PIPELINE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def whole(books: Path) -> Builder:
    """An undisturbed build through all stages."""
    builder = Builder(books, books.with_name("whole"))
    builder.finish()
    return builder


def stages(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stages", *map(str, words)]
    env = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)


def test_odd_file_names_reach_release_report_and_review(tmp_path: Path) -> None:
    books = write_books(tmp_path / "books", ODD_NAMES)
    builder = Builder(books, tmp_path / "build with spaces")
    process = builder.start(**ASCII_ONLY)
    _, said = process.communicate(timeout=1200)
    assert process.returncode == 0, said
    tables = MergedTables(builder.root / "tables")
    pairs = list(tables.rows(Pair))
    assert {pair.source_id for pair in pairs} == set(ODD_NAMES)
    kept = list(tables.rows(SplitRow))
    assert {row.source_id for row in kept} == set(ODD_NAMES)
    for row in kept[::3]:
        assert any(c.stage == "split" for c in explain(builder.root, PIPELINE, row.pair_id))
    at = ("--build-dir", builder.root)
    told = stages("report", *at, **ASCII_ONLY)
    assert told.returncode == 0, told.stderr
    page = (builder.root / "report" / "index.html").read_text(encoding="utf-8")
    assert "häutung-皮膚-кожа" in page
    assert "<b>" not in page or "quote&#39;s" in page
    for name in ODD_NAMES:
        picture = tmp_path / "page.png"
        seen = stages("inspect-page", name, "1", "-o", picture, "--pdfs", books, *at, **ASCII_ONLY)
        if name.startswith("-"):
            seen = stages("inspect-page", "-o", picture, "--pdfs", books, *at, "--", name, "1")
        assert seen.returncode == 0, (name, seen.stderr)
    _review_shows(builder.root, {pair.pair_id for pair in pairs})


def _review_shows(build: Path, wanted: set[str]) -> None:
    from fastapi.testclient import TestClient

    from mmskin_build.review.server import create_app

    app = create_app(build, "Ada")
    client = TestClient(app, base_url="http://127.0.0.1:8765")
    rows = client.get("/api/queue").json()["rows"]
    assert {row["pair_id"] for row in rows} <= wanted
    for row in rows:
        assert client.get(f"/thumbnail/{row['pair_id']}").status_code == 200


def test_a_disk_that_fills_again_and_again_costs_only_patience(
    books: Path,
    whole: Builder,
    small_disk: Path,  # noqa: F811
) -> None:
    size, full = 700, 0
    builder = Builder(books, small_disk / "build")
    while True:
        process = builder.start()
        _, said = process.communicate(timeout=600)
        if process.returncode == 0:
            break
        full += 1
        assert (process.returncode, "the disk is full" in said) == (8, True), said
        assert "run the same command again" in said
        assert "Traceback" not in said
        size = int(size * 1.12)
        command = ["mount", "-o", f"remount,size={size}k", str(small_disk)]
        subprocess.run(command, check=True)
    assert full >= 5
    assert builder.result() == whole.result()
    assert builder.leftovers() == []


@pytest.mark.parametrize("way", ["one worker, backwards", "four workers", "dask"])
def test_the_whole_release_is_the_same(
    books: Path, whole: Builder, tmp_path: Path, way: str
) -> None:
    builder = Builder(books, tmp_path / "build")
    if way == "dask":
        pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
        builder.args = ("--engine", "dask")
    if way == "four workers":
        builder.where = ("--pdfs", str(books), "--workers", "4")
    if way == "one worker, backwards":
        manifest = tmp_path / "sources.csv"
        names = sorted((file.stem for file in books.glob("*.pdf")), reverse=True)
        rows = [f"{name},{books / name}.pdf,{name}\n" for name in names]
        manifest.write_text("source_id,path,title\n" + "".join(rows))
        builder.where = ("--sources", str(manifest), "--workers", "1")
    builder.finish()
    assert builder.result() == whole.result()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_dask_build_leaves_at_once_and_goes_on(
    books: Path, aligned: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    builder = Builder(books, tmp_path / "build", *UNTIL_ALIGN, "--engine", "dask")
    process = builder.start()
    below = wait_for_workers(process, builder.root / "parts" / "extract")
    if number is signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "run the same command again to go on" in said
    assert "Traceback" not in said
    assert all_gone(below)
    builder.finish()
    assert builder.result() == aligned


@pytest.fixture
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    if request.param == "folder":
        yield (tmp_path / "store").as_uri()
        return
    with s3_server(monkeypatch) as url:
        yield url


@pytest.mark.parametrize("store", ["folder", "s3"], indirect=True)
def test_kills_during_the_exchange_with_a_store_lose_nothing(
    books: Path, aligned: dict[str, str], tmp_path: Path, store: str
) -> None:
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    rng = random.Random(20261121)
    engine = ("--engine", "dask", "--store", store)
    killed = 0
    for attempt in range(4):
        builder = Builder(books, tmp_path / f"build-{attempt}", *UNTIL_ALIGN, *engine)
        for _ in range(3):
            process = builder.start()
            below = wait_for_workers(process, builder.root / ".lock")
            time.sleep(rng.uniform(0.0, 2.5))
            victims = [process.pid, *descendants(process.pid)]
            killed += process.poll() is None
            kill(rng.choice(victims))
            process.communicate(timeout=300)
            assert all_gone(below)
        builder.finish()
        assert builder.result() == aligned
        assert builder.leftovers() == []
    assert killed >= 4
