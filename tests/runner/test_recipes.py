"""The cluster recipes of docs/scaling.md: their commands and options exist as they are written."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache

import pytest
import yaml
from repository import ROOT

TEXT = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
SCRIPT = re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)[0]
OBJECTS = list(yaml.safe_load_all(re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)[0]))
DASK = {
    "scheduler": ("-m", "distributed.cli.dask_scheduler"),
    "worker": ("-m", "distributed.cli.dask_worker"),
}


def pod_commands() -> list[list[str]]:
    pods = [o["spec"]["template"]["spec"] for o in OBJECTS if "template" in o["spec"]]
    return [c["command"] for pod in pods for c in pod["containers"]]


def script_commands() -> list[list[str]]:
    lines = (line.split() for line in SCRIPT.splitlines())
    return [w for w in lines if {"dask", "stages"} & set(w)]


@cache
def options(*program: str) -> str:
    command = [sys.executable, *program, "--help"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def program(words: list[str]) -> tuple[str, ...]:
    """The program of a command line, as this Python runs it."""
    name = next((w for w in words if w in DASK), "")
    return DASK[name] if name else ("-m", "stages", "build")


@pytest.mark.parametrize("words", [*script_commands(), *pod_commands()], ids=" ".join)
def test_every_option_of_a_recipe_exists(words: list[str]) -> None:
    if program(words)[1].startswith("distributed"):
        pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    given = [w for w in words if w.startswith("--")]
    known = options(*program(words))
    assert given
    assert [o for o in given if not re.search(rf"{o}\b", known)] == []


def test_the_slurm_script_is_a_bash_script() -> None:
    done = subprocess.run(["bash", "-n"], input=SCRIPT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_workers_and_scheduler_of_the_kubernetes_recipe_find_each_other() -> None:
    names = {(o["kind"], o["metadata"]["name"]): o["spec"] for o in OBJECTS}
    service = names["Service", "mmskin-scheduler"]
    labels = names["Deployment", "mmskin-scheduler"]["template"]["metadata"]["labels"]
    address = f"tcp://mmskin-scheduler:{service['ports'][0]['port']}"
    assert service["selector"] == labels
    assert sum(address in command for command in pod_commands()) == 2
