"""Whatever is killed, whenever: the next run ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from killing import Builder, all_gone, descendants, kill, wait_for_workers

UNTIL_ALIGN = ("--until", "align")
KILLS = 25


@pytest.mark.parametrize("change", [12, 60])
def test_a_process_killed_at_a_change_to_the_folder_leaves_no_trace(
    books: Path, aligned: dict[str, str], tmp_path: Path, change: int
) -> None:
    builder = Builder(books, tmp_path / "build", *UNTIL_ALIGN)
    assert builder.die_at_change(change)
    builder.finish()
    assert builder.result() == aligned
    assert builder.leftovers() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_build_leaves_at_once_says_how_to_go_on_and_goes_on(
    books: Path, aligned: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    builder = Builder(books, tmp_path / "build", *UNTIL_ALIGN)
    process = builder.start()
    below = wait_for_workers(process, builder.root / "parts" / "extract")
    if number is signal.SIGINT:
        os.killpg(process.pid, number)  # Ctrl-C reaches all processes of the terminal
    else:
        process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "run the same command again to go on" in said
    assert "Traceback" not in said
    assert all_gone(below)
    builder.finish()
    assert builder.result() == aligned


def test_workers_end_when_the_build_is_killed(books: Path, tmp_path: Path) -> None:
    process = Builder(books, tmp_path / "build", *UNTIL_ALIGN).start()
    below = wait_for_workers(process, tmp_path / "build" / "parts" / "extract")
    process.kill()
    process.communicate(timeout=30)
    assert all_gone(below)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_25_kills_at_random_moments_lose_nothing(books: Path, tmp_path: Path) -> None:
    undisturbed = Builder(books, tmp_path / "undisturbed")
    started = time.monotonic()
    undisturbed.finish()
    span = time.monotonic() - started
    rng = random.Random(20261121)
    killed = {"build": 0, "worker": 0}
    while sum(killed.values()) < KILLS:
        builder = Builder(books, tmp_path / f"build-{sum(killed.values())}")
        for _ in range(5):
            _kill_once(builder, rng, span, killed)
        builder.finish()
        assert builder.result() == undisturbed.result()
        assert builder.leftovers() == []
    assert min(killed.values()) >= 5


def _kill_once(builder: Builder, rng: random.Random, span: float, killed: dict[str, int]) -> None:
    """Kill the build or one of its workers after a random time, if it lasts so long."""
    process = builder.start()
    time.sleep(rng.uniform(0.5, span * 0.8))
    below = list(descendants(process.pid))
    victim = "worker" if below and rng.random() < 0.5 else "build"
    if process.poll() is None:
        killed[victim] += 1
        kill(rng.choice(below) if victim == "worker" else process.pid)
    _, said = process.communicate(timeout=600)
    assert process.returncode == (0 if victim == "worker" else -signal.SIGKILL) or not below, said
    assert all_gone(below)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_kills_at_25_changes_to_the_folder_lose_nothing(books: Path, tmp_path: Path) -> None:
    undisturbed = Builder(books, tmp_path / "undisturbed")
    assert not undisturbed.die_at_change(1_000_000)
    changes = (tmp_path / "undisturbed-1000000.count").stat().st_size
    rng = random.Random(20261121)
    for number in sorted(rng.sample(range(1, changes), KILLS)):
        builder = Builder(books, tmp_path / f"build-{number}")
        assert builder.die_at_change(number)
        builder.finish()
        assert builder.result() == undisturbed.result(), f"killed at change {number}"
        assert builder.leftovers() == []
