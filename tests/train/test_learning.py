"""Does a model trained here really look at the picture? On a set where only looking helps."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from coloured_marks import write_release
from repository import ROOT

from mmskin_build.train.examples import load_release
from mmskin_build.train.settings import load_train_settings

pytest.importorskip("peft")
from mmskin_build.evaluate.report import Report
from mmskin_build.evaluate.run import FREQUENT, evaluate, subject_of_run
from mmskin_build.evaluate.settings import EvaluateSettings
from mmskin_build.train.run import data_of_release, train


def learn(folder: Path, steps: int) -> Report:
    release = write_release(folder / "release", train=70, validation=2, test=30)
    recipe = load_train_settings(ROOT / "configs" / "train" / "tiny.yaml")
    optimiser = dataclasses.replace(recipe.optimiser, max_steps=steps, save_steps=0)
    data = data_of_release(release, folder / "images")
    settings = dataclasses.replace(recipe, optimiser=optimiser)
    train(data, settings, folder / "run", lambda *_: None)
    rows = load_release(release, "test", data.images)
    subject = subject_of_run(folder / "run")
    quick = EvaluateSettings(max_new_tokens=12, batch_size=45, bootstrap=200)
    return evaluate(subject, rows, data.images, quick, (folder / "scores", lambda *_: None))


def test_the_picture_matters_on_held_out_groups(tmp_path: Path) -> None:
    report = learn(tmp_path, steps=160)
    ours = report.find("model").figures
    for blind in (FREQUENT, "blind: no image", "blind: other image"):
        theirs = report.find(blind).figures
        assert ours["exact"].low > theirs["exact"].high  # type: ignore[operator]
    assert any("The picture matters" in note for note in report.notes)
    colour = report.find("model", "kind=open").figures["exact"].value
    assert colour is not None and colour > 0.75
