"""The page in a real browser: keyboard, reload, outside edits, a killed server."""

from __future__ import annotations

import csv
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import headless
import pytest
from repository import ROOT
from review_library import Library

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(headless.program() is None, reason="no Chromium installed"),
]
SERVE = (
    "import sys, uvicorn; from pathlib import Path;"
    "from mmskin_build.review.server import create_app;"
    "uvicorn.run(create_app(Path(sys.argv[1]), 'Ada'), host='127.0.0.1', port=int(sys.argv[2]),"
    " log_level='error')"
)


class Server:
    def __init__(self, build: Path) -> None:
        self.build = build
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        command = [sys.executable, "-c", SERVE, str(self.build), str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT)
        end = time.monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.1)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(20)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path, 40)
    library.caption("p3", "<img src=x onerror=document.title='broken'> & more")
    library.queue()
    return library


@pytest.fixture
def server(library: Library) -> Iterator[Server]:
    running = Server(library.build)
    yield running
    running.kill()


@pytest.fixture
def tab(tmp_path: Path) -> Iterator[headless.Chromium]:
    browser = headless.Chromium(tmp_path / "profile")
    yield browser
    browser.close()


def on_disk(library: Library) -> dict[str, str]:
    text = (library.build / "review" / "modality.csv").read_text(encoding="utf-8-sig")
    return {r["pair_id"]: r["label"] for r in csv.DictReader(io.StringIO(text, newline=""))}


def labelled(library: Library) -> int:
    return sum(bool(label) for label in on_disk(library).values())


def press(tab: headless.Chromium, key: str, done: int) -> None:
    tab.key(key)
    tab.wait(
        f"!state.busy && document.getElementById('progress').textContent.startsWith('{done} ')"
    )


def test_thirty_pictures_by_keyboard_then_reload(
    library: Library, server: Server, tab: headless.Chromium
) -> None:
    tab.open(server.address)
    tab.wait("state.rows.length === 40 && !state.busy")
    for number in range(30):
        press(tab, "1234x "[number % 6], number + 1)
        assert labelled(library) == number + 1
    tab.open(server.address)
    tab.wait("state.rows.length === 10 && !state.busy")
    found = list(on_disk(library).values())[:6]
    assert found == ["clinical", "dermoscopy", "pathology", "other", "exclude", "clinical"]
    assert tab.value("document.title") == "Modality review"


def test_undo_takes_back_the_last_decision(
    library: Library, server: Server, tab: headless.Chromium
) -> None:
    tab.open(server.address)
    tab.wait("state.rows.length === 40 && !state.busy")
    press(tab, "4", 1)
    press(tab, "u", 0)
    assert labelled(library) == 0


def test_spreadsheet_and_page_in_turns(
    library: Library, server: Server, tab: headless.Chromium
) -> None:
    tab.open(server.address)
    tab.wait("state.rows.length === 40 && !state.busy")
    press(tab, "2", 1)
    path = library.build / "review" / "modality.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    rows[-1]["label"] = "pathology"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    press(tab, "2", 3)
    assert sorted(filter(None, on_disk(library).values())) == [
        "dermoscopy",
        "dermoscopy",
        "pathology",
    ]


def test_a_killed_server_loses_nothing(
    library: Library, server: Server, tab: headless.Chromium
) -> None:
    tab.open(server.address)
    tab.wait("state.rows.length === 40 && !state.busy")
    for number in range(5):
        press(tab, "1", number + 1)
    tab.key("2")
    server.kill()
    assert 5 <= labelled(library) <= 6
    assert len(on_disk(library)) == 40
    tab.key("3")
    tab.wait("!document.getElementById('message').hidden && !state.busy")
    kept = labelled(library)
    server.start()
    tab.open(server.address)
    tab.wait(f"state.rows.length === {40 - kept} && !state.busy")


def test_grid_accepts_a_page(library: Library, server: Server, tab: headless.Chromium) -> None:
    tab.open(server.address)
    tab.wait("state.rows.length === 40 && !state.busy")
    tab.key("g")
    tab.wait("document.querySelectorAll('#cards li').length === 40")
    tab.value("document.getElementById('accept-page').click()")
    tab.wait("document.getElementById('progress').textContent.startsWith('40 ')")
    assert set(on_disk(library).values()) == {"clinical"}
