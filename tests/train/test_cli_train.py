"""What a user sees of the commands: defaults, errors and exit codes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mmskin_build.errors import ConfigError, MissingDependencyError, SourceError
from mmskin_build.train.base import require_train_extra
from stages import cli_classify, cli_train

pytest.importorskip("peft")


def run(*arguments: str) -> str:
    app = typer.Typer()
    cli_train.register(app)
    cli_classify.register(app)
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder in which nothing has been built."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text("optimiser: {max_steps: 1}\n")
    return tmp_path


def test_training_without_a_release_says_how_to_build_one(empty: Path) -> None:
    with pytest.raises(ConfigError, match="make build-dataset"):
        run("train", "--config", "tiny.yaml")


def test_training_on_a_folder_that_is_no_release_says_so(empty: Path) -> None:
    with pytest.raises(SourceError, match=r"is .* a release folder"):
        run("train", "--config", "tiny.yaml", "--release", str(empty))


def test_evaluating_without_a_run_says_how_to_train_one(empty: Path) -> None:
    (empty / "build" / "release" / "r" / "vqa").mkdir(parents=True)
    with pytest.raises(ConfigError, match="make train"):
        run("evaluate")


def test_an_unknown_split_is_refused(empty: Path) -> None:
    with pytest.raises(ConfigError, match="split must be 'test' or 'validation'"):
        run("evaluate", "--split", "tset")


def test_a_predictions_file_alone_is_scored(empty: Path) -> None:
    (empty / "p.csv").write_text("predicted_answer,ground_truth\nYes,Yes\n")
    shown = run("evaluate", "--predictions", "p.csv", "-o", "out")
    assert "METEOR" in shown or (empty / "out" / "metrics.md").is_file()
    assert (empty / "out" / "comparison.png").is_file()


def test_an_unknown_classification_method_lists_the_known_ones(empty: Path) -> None:
    (empty / "t.csv").write_text("image,atributes,categories\na,[],['x']\n")
    with pytest.raises(ConfigError, match="likelihood, reply, probe"):
        run("classify", "--test-csv", "t.csv", "--image-root", ".", "--method", "guess")


def test_the_public_sets_are_listed_with_the_files_they_expect(empty: Path) -> None:
    shown = run("public-sets", "list")
    assert "HAM10000_metadata" in shown and "scin_cases.csv" in shown


def test_a_missing_extra_names_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "peft" else found(name)
    )
    with pytest.raises(MissingDependencyError, match=r"need peft: .*\.\[train\]"):
        require_train_extra()
