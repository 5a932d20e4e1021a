"""House rules that a tool can check: sizes, paths, and docs that keep up with the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from repository import ROOT

from mmskin_build.config import render_defaults
from mmskin_build.reject_reasons import RejectReason

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
PYTHON = sorted(p for folder in ("mmskin_build", "stages") for p in (ROOT / folder).rglob("*.py"))


def test_files_stay_short() -> None:
    long = {p.name: n for p in PYTHON if (n := len(p.read_text().splitlines())) > MAX_FILE_LINES}
    assert long == {}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            yield f"{path.name}:{node.name}", node.end_lineno - node.lineno + 1


def test_functions_stay_short() -> None:
    long = {name: n for p in PYTHON for name, n in functions(p) if n > MAX_FUNCTION_LINES}
    assert long == {}


def test_no_junk_drawer_modules() -> None:
    assert {"utils.py", "helpers.py", "common.py"}.isdisjoint(p.name for p in PYTHON)


def test_every_reject_reason_is_documented() -> None:
    text = (ROOT / "docs" / "reject-reasons.md").read_text(encoding="utf-8")
    assert [r.value for r in RejectReason if f"`{r.value}`" not in text] == []


def test_default_config_shows_every_setting() -> None:
    from stages.sections import SECTIONS

    text = (ROOT / "configs" / "default.yaml").read_text(encoding="utf-8")
    assert text == render_defaults(SECTIONS), "run: python -m stages config > configs/default.yaml"


def test_no_absolute_path_in_tracked_text() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    home = re.compile(r"/(home|Users|root|work)/\w")
    text = [ROOT / f for f in done.stdout.splitlines() if Path(f).suffix in {".py", ".md", ".yaml"}]
    this = Path(__file__).resolve()
    assert [p.name for p in text if p != this and p.exists() and home.search(p.read_text())] == []


def test_starting_the_command_line_imports_no_heavy_library() -> None:
    code = (
        "import sys, stages; stages.PIPELINE\n"
        "heavy = {'torch', 'cv2', 'sklearn', 'spacy', 'pymupdf', 'onnxruntime', 'skimage'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_stages_of_a_rebuild_fit_together() -> None:
    """It replaces label, filter and split; a table that a later stage needs anew must be made."""
    import importlib

    from mmskin_build.runner.plan import check_wiring
    from stages.cli_release import ORDER

    check_wiring([importlib.import_module(f"stages.{name}").STAGE for name in ORDER])


def test_every_command_has_its_place_in_the_help() -> None:
    command = [sys.executable, "-m", "stages", "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60).stdout
    other = shown.partition("Other commands")[2]
    assert "Measure:" in shown and not other, (
        f"give it a place in stages/command_groups.py: {other}"
    )
