"""One short training run of a very small model, looked at from all sides."""

from __future__ import annotations

import csv
import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from coloured_marks import write_release

from mmskin_build.errors import ConfigError, LeakageError
from mmskin_build.train.examples import load_release
from mmskin_build.train.image_bank import ImageBank
from mmskin_build.train.settings import (
    AdapterSettings,
    BaseSettings,
    OptimiserSettings,
    TrainSettings,
)

pytest.importorskip("peft")
from mmskin_build.evaluate.run import Subject, evaluate, subject_of_model, subject_of_run
from mmskin_build.evaluate.settings import EvaluateSettings
from mmskin_build.train.merge import TOLERANCE, merge_adapter, probe_logits
from mmskin_build.train.run import TrainingData, data_of_release, train
from mmskin_build.train.run_card import RunCard

SMALL = TrainSettings(
    base=BaseSettings(image_size=32, patch_size=16, hidden_size=32, layers=1, vocabulary=320),
    adapter=AdapterSettings(rank=4, alpha=8, dropout=0.0),
    optimiser=OptimiserSettings(
        learning_rate=2e-3, projector_learning_rate=1e-3, max_steps=6, batch_size=4, save_steps=3
    ),
)
QUICK = EvaluateSettings(max_new_tokens=4, bootstrap=20)


@dataclass(frozen=True)
class Trained:
    release: Path
    data: TrainingData
    run: Path
    card: RunCard
    steps: list[int]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("run")
    release = write_release(folder / "release", train=4, validation=1, test=3)
    data = data_of_release(release, folder / "images")
    steps: list[int] = []
    card = train(data, SMALL, folder / "run", lambda step, total, loss: steps.append(step))
    return Trained(release, data, folder / "run", card, steps)


def losses(run: Path) -> list[float]:
    with (run / "loss.csv").open(newline="") as file:
        return [float(r["loss"]) for r in csv.DictReader(file) if r["split"] == "train"]


def test_progress_and_losses_are_told_step_by_step(trained: Trained) -> None:
    assert trained.steps == [1, 2, 3, 4, 5, 6]
    assert len(losses(trained.run)) == 6
    assert trained.card.validation_loss is not None


def test_the_run_folder_says_what_was_done_and_that_it_is_a_demonstration(
    trained: Trained,
) -> None:
    card = RunCard.load(trained.run)
    assert card == trained.card
    assert card.train_rows == 12 and card.train_images == 4 and card.seed == 42
    assert card.settings["adapter"]["rank"] == 4
    assert "tiny demonstration model, random initial weights" in card.as_markdown()
    assert (trained.run / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_the_adapter_holds_the_projector_and_names_its_base_without_a_home(
    trained: Trained,
) -> None:
    from safetensors import safe_open

    config = json.loads((trained.run / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "../base"
    with safe_open(trained.run / "adapter" / "adapter_model.safetensors", "pt") as file:
        names = list(file.keys())
    assert any("multi_modal_projector.linear_1" in name for name in names)
    assert any("language_model" in name and "lora_A" in name for name in names)
    assert not any("vision_tower" in name for name in names)


def test_resuming_from_a_checkpoint_gives_the_same_losses(trained: Trained, tmp_path: Path) -> None:
    import shutil

    again = tmp_path / "again"
    shutil.copytree(trained.run, again)
    shutil.rmtree(again / "checkpoints" / "checkpoint-6")
    steps: list[int] = []
    train(trained.data, SMALL, again, lambda step, total, loss: steps.append(step), resume=True)
    assert steps == [4, 5, 6]
    assert losses(again) == pytest.approx(losses(trained.run), abs=1e-6)


def test_resuming_without_a_checkpoint_says_so(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no checkpoint to resume from"):
        train(trained.data, SMALL, tmp_path, lambda *_: None, resume=True)


def test_merging_keeps_the_logits_and_the_memory_of_what_was_seen(
    trained: Trained, tmp_path: Path
) -> None:
    difference = merge_adapter(trained.run, tmp_path / "merged")
    assert difference < TOLERANCE
    merged = subject_of_model(str(tmp_path / "merged"), BaseSettings())
    plain = subject_of_model(str(trained.run / "base"), BaseSettings())
    assert merged.notice and merged.seen == subject_of_run(trained.run).seen
    style = merged.prompt
    gap = probe_logits(merged.base.model, merged.base, style) - probe_logits(
        plain.base.model, plain.base, style
    )
    assert float(gap.abs().max()) > 10 * TOLERANCE  # the adapter did change something


def ask(trained: Trained, subject: Subject, folder: Path, settings: EvaluateSettings) -> list[int]:
    counts: list[int] = []
    bank = ImageBank(folder / "images")
    rows = load_release(trained.release, "test", bank)
    progress = lambda done, total: counts.append(done)  # noqa: E731
    evaluate(subject, rows, bank, settings, (folder, progress))
    return counts


def test_answers_do_not_depend_on_the_batch(trained: Trained, tmp_path: Path) -> None:
    subject = subject_of_run(trained.run)
    for size in (1, 5):
        settings = dataclasses.replace(QUICK, batch_size=size)
        ask(trained, subject, tmp_path / str(size), settings)
    names = ["predictions.csv", "predictions_blind_no_image.csv"]
    names += ["predictions_blind_other_image.csv", "predictions_blind_frequent.csv"]
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "5" / name).read_bytes()


def test_a_killed_evaluation_goes_on_where_it_stopped(trained: Trained, tmp_path: Path) -> None:
    subject = subject_of_run(trained.run)
    settings = dataclasses.replace(QUICK, batch_size=3)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    bank = ImageBank(tmp_path / "images")
    rows = load_release(trained.release, "test", bank)
    with pytest.raises(KeyboardInterrupt):
        evaluate(subject, rows, bank, settings, (tmp_path / "a", stop))
    journal = tmp_path / "a" / "answers_own.jsonl"
    journal.write_text(journal.read_text() + '{"id": "test-2-is", "ans')  # cut off by the kill
    assert ask(trained, subject, tmp_path / "a", settings)[:2] == [6, 9]
    assert ask(trained, subject, tmp_path / "b", settings)[:2] == [3, 6]
    first, second = (tmp_path / n / "predictions.csv" for n in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_a_model_is_not_scored_on_what_it_was_trained_on(trained: Trained, tmp_path: Path) -> None:
    bank = ImageBank(tmp_path / "images")
    rows = load_release(trained.release, "train", bank)
    with pytest.raises(LeakageError):
        evaluate(subject_of_run(trained.run), rows, bank, QUICK, (tmp_path, lambda *_: None))


def test_a_folder_without_a_run_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="make train"):
        subject_of_run(tmp_path)
