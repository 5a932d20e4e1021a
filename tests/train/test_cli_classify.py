"""``classify`` on a run, as a user calls it, and its figures in the tables of ``results``."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import typer
from coloured_marks import COLOURS, picture, write_release
from typer.testing import CliRunner

from mmskin_build.errors import ConfigError
from mmskin_build.evaluate.class_tables import LabelledImage, write_class_table
from stages import cli_classify, cli_results, cli_train

pytest.importorskip("peft")
RECIPE = """
base: {image_size: 32, patch_size: 16, hidden_size: 32, layers: 1, vocabulary: 320}
adapter: {rank: 4, alpha: 8, dropout: 0.0}
optimiser: {learning_rate: 0.002, max_steps: 2, batch_size: 4, save_steps: 0}
"""


def run(*arguments: str) -> str:
    app = typer.Typer()
    for module in (cli_train, cli_classify, cli_results):
        module.register(app)
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def write_table(root: Path, split: str, count: int) -> str:
    rng = random.Random(split)
    rows = []
    for number in range(count):
        colour = sorted(COLOURS)[number % 3]
        name = f"{split}{number}.png"
        (root / name).write_bytes(picture(colour, "light", rng))
        rows.append(LabelledImage(name, colour, name))
    write_class_table(root / f"Marks_{split}.csv", rows)
    return str(root / f"Marks_{split}.csv")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a trained run, evaluated, and a classification set."""
    monkeypatch.chdir(tmp_path)
    write_release(tmp_path / "release", train=4, validation=1, test=2)
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    release = ("--release", str(tmp_path / "release"))
    run("train", *release, "--config", "recipe.yaml", "-o", "build/runs/one")
    run("evaluate", *release, "--max-new-tokens", "4", "--bootstrap", "20")
    return tmp_path


def test_a_run_is_classified_and_everything_stands_in_one_table(shop: Path) -> None:
    test, train = write_table(shop, "test", 6), write_table(shop, "train", 12)
    common = ("--test-csv", test, "--train-csv", train, "--image-root", str(shop))
    shown = run("classify", *common, "--method", "probe")
    assert "its base, untrained" in shown
    run("classify", *common, "--method", "finetune", "--config", "recipe.yaml")
    folder = shop / "build" / "runs" / "one" / "classification" / "Marks"
    for place in (folder, folder / "base"):
        report = json.loads((place / "classification_probe.json").read_text())
        assert report["rows"] == 6 and report["set_name"] == "Marks"
        assert "macro F1" in (place / "classification_probe.md").read_text()
        assert (place / "classification_probe.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((folder / "classification_finetune.json").read_text())["notice"]

    run("results", "-o", "build/results")
    text = (shop / "build" / "results" / "results.md").read_text()
    assert "## Answers by modality" in text and "| one |" in text
    assert "## Marks" in text and "linear probe" in text and "base of one" in text
    assert "random initial weights" in text
    lines = (shop / "build" / "results" / "results.csv").read_text().splitlines()
    assert lines[0] == "model,task,subset,rows,metric,value,low,high"
    assert any(line.startswith("one,finetune,Marks,6,accuracy,") for line in lines)
    assert any(line.startswith("one,vqa,modality=clinical,") for line in lines)


def test_the_answers_of_a_run_can_be_read_beside_their_pictures(shop: Path) -> None:
    page = (shop / "build" / "runs" / "one" / "evaluation" / "answers.html").read_text()
    assert page.count("<article") == 6
    assert "data:image/jpeg;base64," in page and "What colour is the mark?" in page
    assert "blind: no image" in page


def test_results_without_any_says_how_to_get_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="make evaluate"):
        run("results")
