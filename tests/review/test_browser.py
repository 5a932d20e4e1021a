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

PRESSABLE = {"button", "combobox", "textbox", "progressbar"}
CONTRAST = """(() => {
  const light = (text) => {
    const parts = text.match(/[0-9.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = (node) => {
    const own = getComputedStyle(node).backgroundColor;
    return own === "rgba(0, 0, 0, 0)" && node.parentElement ? ground(node.parentElement) : own;
  };
  const texts = [...document.querySelectorAll("p, label, button, dt, dd, h1, h2, span")]
    .filter((node) => node.checkVisibility()
      && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()));
  return Math.min(...texts.map((node) => {
    const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  }));
})()"""


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


def test_tabs_keep_their_queues_apart(
    library: Library, server: Server, tab: headless.Chromium
) -> None:
    library.findings()
    tab.open(server.address)
    tab.wait("state.rows.length === 40 && !state.busy")
    press(tab, "4", 1)
    tab.key("t")
    tab.wait("state.kind.name === 'annotated' && state.rows.length === 3 && !state.busy")
    assert tab.value("document.title") == "Annotated review"
    press(tab, "2", 1)
    press(tab, "x", 2)
    press(tab, " ", 3)
    path = library.build / "review" / "annotated.csv"
    text = path.read_text(encoding="utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    assert [r["label"] for r in rows] == ["mask", "drop", "drop"]
    assert labelled(library) == 1


def test_pictures_passed_over_stay_and_the_next_page_is_reached(
    library: Library, server: Server, tab: headless.Chromium
) -> None:
    tab.open(server.address)
    tab.wait("state.rows.length === 40 && !state.busy")
    press(tab, "1", 1)
    tab.value("guarded(() => step(state.rows.length))")
    tab.wait("!state.busy && state.rows.length === 39")
    assert tab.value("state.rows.some((row) => row.label)") is False


def test_filters_narrow_the_list(library: Library, server: Server, tab: headless.Chromium) -> None:
    tab.open(server.address)
    tab.wait("state.rows.length === 40 && !state.busy")
    press(tab, "3", 1)
    choose = "const s = document.forms.filters.elements.{0}; s.value = '{1}';"
    changed = " s.dispatchEvent(new Event('change', {bubbles: true}))"
    tab.value("{" + choose.format("state", "done") + changed + "}")
    tab.wait("!state.busy && state.rows.length === 1")
    assert tab.value("state.rows[0].label") == "pathology"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_and_everything_to_press_has_a_name(
    library: Library, server: Server, tab: headless.Chromium, scheme: str
) -> None:
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    tab.call("Emulation.setEmulatedMedia", features=media)
    tab.open(server.address)
    tab.wait("state.rows.length === 40 && !state.busy")
    nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
    pressed = [n for n in nodes if n.get("role", {}).get("value") in PRESSABLE]
    assert len(pressed) > 10
    assert [n for n in pressed if not n.get("name", {}).get("value")] == []
    assert tab.value(CONTRAST) >= 4.5  # WCAG 2.1, level AA


def test_nothing_is_refused_by_the_pages_own_policy(
    library: Library, server: Server, tab: headless.Chromium
) -> None:
    tab.open(server.address)
    tab.value("window.bad = []; document.addEventListener('securitypolicyviolation',"
              " (event) => window.bad.push(event.violatedDirective))")  # fmt: skip
    tab.wait("state.rows.length === 40 && !state.busy")
    for key in ("g", "g", "z", "1"):
        tab.key(key)
        tab.wait("!state.busy")
    assert tab.value("window.bad.join()") == ""


def test_who_presses_the_buttons_by_keyboard_keeps_the_place(
    library: Library, server: Server, tab: headless.Chromium
) -> None:
    tab.open(server.address)
    tab.wait("state.rows.length === 40 && !state.busy")
    tab.value("const b = document.querySelectorAll('#choices button')[2]; b.focus(); b.click()")
    tab.wait("!state.busy && state.progress.done === 1 && state.at === 1")
    assert tab.value("document.activeElement.dataset.label") == "pathology"
