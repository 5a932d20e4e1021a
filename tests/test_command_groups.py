from __future__ import annotations

import subprocess
import sys

import pytest
from repository import ROOT

from stages.command_groups import GROUPS, first_sentence


def test_help_lists_every_command_by_purpose_without_cutting_a_line() -> None:
    command = [sys.executable, "-m", "stages", "--help"]
    shown = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, env={"COLUMNS": "80"}
    ).stdout
    assert "..." not in shown.replace("[ARGS]...", "")
    assert max(map(len, shown.splitlines())) <= 80
    for title, names in GROUPS.items():
        block = shown.split(f"{title}:\n")[1].split("\n\n")[0]
        assert [n for n in names if f"  {n} " not in block] == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Print the version.\n\nMore.", "Print the version"),
        ("Draw a page: lines and boxes.", "Draw a page"),
        ("Ask a model (a dry run by\n    default). Then stop.", "Ask a model"),
        (None, ""),
    ],
)
def test_a_command_is_told_by_its_first_sentence(text: str | None, wanted: str) -> None:
    assert first_sentence(text) == wanted
