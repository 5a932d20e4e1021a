from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from coloured_marks import write_release
from repository import ROOT

pytest.importorskip("peft")

RECIPE = """\
base: {model: tiny, image_size: 32, patch_size: 16, hidden_size: 32, layers: 1, vocabulary: 320}
adapter: {rank: 4, alpha: 8, dropout: 0.0}
optimiser:
  {learning_rate: 0.002, projector_learning_rate: 0.001, max_steps: 5, batch_size: BATCH,
   save_steps: 0, group_by_length: false}
"""


# `accelerate launch --cpu` starts a second process only through mpirun; its several-GPU
# launcher starts them itself, and this variable lets them compute on CPUs.
ON_CPU = {"OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}


def losses(folder: Path, release: Path, processes: int, batch: int) -> list[float]:
    recipe = folder / f"recipe{processes}.yaml"
    recipe.write_text(RECIPE.replace("BATCH", str(batch)))
    run = folder / f"run{processes}"
    launch = ["-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", str(processes)]
    launch += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
    launch += ["--main_process_port", "0"]
    command = [sys.executable, *(launch if processes > 1 else []), "-m", "stages", "train"]
    options = ["--release", str(release), "--config", str(recipe), "-o", str(run)]
    done = subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env={**os.environ, **ON_CPU},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with (run / "loss.csv").open(newline="") as file:
        return [float(r["loss"]) for r in csv.DictReader(file) if r["split"] == "train"]


@pytest.mark.slow
def test_two_processes_learn_as_one_with_twice_the_batch(tmp_path: Path) -> None:
    release = write_release(tmp_path / "release", train=14, validation=1, test=1)
    one = losses(tmp_path, release, processes=1, batch=8)
    two = losses(tmp_path, release, processes=2, batch=4)
    assert len(one) == 5
    assert two == pytest.approx(one, abs=1e-4)
