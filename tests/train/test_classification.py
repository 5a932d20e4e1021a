"""Zero-shot and probe classification with a very small model."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from coloured_marks import COLOURS, picture

from mmskin_build.errors import ConfigError, LeakageError
from mmskin_build.evaluate.class_tables import LabelledImage, read_class_table, write_class_table
from mmskin_build.train.examples import Example, Turn
from mmskin_build.train.image_bank import ImageBank
from mmskin_build.train.images import ImageTransform
from mmskin_build.train.prompt import PromptBuilder
from mmskin_build.train.settings import (
    AdapterSettings,
    BaseSettings,
    OptimiserSettings,
    TrainSettings,
)

pytest.importorskip("peft")
from mmskin_build.evaluate.class_report import Method
from mmskin_build.evaluate.classify import Task, classify
from mmskin_build.evaluate.run import Subject, subject_of_model
from mmskin_build.evaluate.zero_shot import ClassScorer, class_question
from mmskin_build.train.tiny import build_tiny

SMALL = BaseSettings(image_size=32, patch_size=16, hidden_size=32, layers=1, vocabulary=320)
WHOLE = ("multi_modal_projector", "vision_tower", "embed_tokens", "lm_head")
CLASSES = ("red", "green mark", "blue")


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    folder = tmp_path_factory.mktemp("base")
    talk = Example("e", "", (Turn(class_question(CLASSES), "green mark"),))
    build_tiny([talk] * 3, SMALL, 1, folder)
    return subject_of_model(str(folder), BaseSettings())


def table(folder: Path, name: str, count: int) -> Path:
    rng = random.Random(name)
    rows = []
    for number in range(count):
        colour = sorted(COLOURS)[number % 3]
        file = f"{name}{number}.png"
        (folder / file).write_bytes(picture(colour, "light", rng))
        rows.append(LabelledImage(file, colour, f"{name}{number}"))
    write_class_table(folder / f"{name}.csv", rows)
    return folder / f"{name}.csv"


def test_the_likelihood_is_that_of_the_whole_answer_read_at_once(
    subject: Subject, tmp_path: Path
) -> None:
    import torch

    table(tmp_path, "one", 3)
    bank = ImageBank(tmp_path)
    digests = [bank.add_file(tmp_path / f"one{n}.png", "row") for n in range(3)]
    prompts = PromptBuilder(subject.base.tokenizer, subject.base.image_tokens, subject.prompt)
    transform = ImageTransform(subject.base.image_processor, bank)
    lines = ClassScorer(subject.base, prompts, transform).log_likelihoods(digests, CLASSES)
    digest, found = digests[1], lines[1]
    for name, likelihood in zip(CLASSES, found, strict=True):
        row = prompts.row(Example("x", digest, (Turn(class_question(CLASSES), name),)))
        taught = torch.tensor([row.labels])
        with torch.no_grad():
            out: Any = subject.base.model(
                input_ids=torch.tensor([row.input_ids]),
                pixel_values=transform(digest)[None],
                labels=taught,
            )
        tokens = int((taught != -100).sum())
        assert likelihood == pytest.approx(-float(out.loss) * tokens, abs=1e-3)


def test_a_probe_on_frozen_features_tells_colours_apart(subject: Subject, tmp_path: Path) -> None:
    test, train = (read_class_table(table(tmp_path, n, c)) for n, c in (("te", 12), ("tr", 30)))
    report = classify(
        subject, Task(test, train, tmp_path), Method.PROBE, tmp_path / "out", lambda *_: None
    )
    assert report.figures["accuracy"].value is not None
    assert report.figures["accuracy"].value > 0.8  # chance is a third
    assert (tmp_path / "out" / "classification_probe.csv").read_text().count("\n") == 13


def test_fine_tuning_on_class_names_tells_colours_apart(tmp_path: Path) -> None:
    talk = Example("e", "", (Turn(class_question(sorted(COLOURS)), sorted(COLOURS)[0]),))
    build_tiny([talk] * 3, SMALL, 1, tmp_path / "base")
    test, train = (read_class_table(table(tmp_path, n, c)) for n, c in (("te", 30), ("tr", 90)))
    rates = {"learning_rate": 5e-3, "projector_learning_rate": 5e-3}
    recipe = TrainSettings(
        adapter=AdapterSettings(16, 16, 0.0, train_whole=WHOLE),
        optimiser=OptimiserSettings(**rates, max_steps=200, save_steps=0, batch_size=15),
    )
    task = Task(test, train, tmp_path, recipe=recipe)
    subject = subject_of_model(str(tmp_path / "base"), BaseSettings())
    report = classify(subject, task, Method.FINETUNE, tmp_path / "out", lambda *_: None)
    assert report.figures["accuracy"].value is not None
    assert report.figures["accuracy"].value > 0.8  # chance is a third


@pytest.mark.parametrize("method", [Method.LIKELIHOOD, Method.REPLY])
def test_zero_shot_answers_every_row(subject: Subject, tmp_path: Path, method: Method) -> None:
    task = Task(read_class_table(table(tmp_path, "te", 4)), None, tmp_path, batch_size=3)
    report = classify(subject, task, method, tmp_path / "out", lambda *_: None)
    assert report.rows == 4
    assert ("auroc" in report.figures) is (method is Method.LIKELIHOOD)


@pytest.mark.parametrize("method", [Method.LIKELIHOOD, Method.REPLY])
def test_an_interrupted_run_goes_on_where_it_stopped(
    subject: Subject, tmp_path: Path, method: Method
) -> None:
    task = Task(read_class_table(table(tmp_path, "te", 6)), None, tmp_path, batch_size=2)
    whole = classify(subject, task, method, tmp_path / "whole", lambda *_: None)

    def interrupt(done: int, _: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        classify(subject, task, method, tmp_path / "out", interrupt)
    seen: list[int] = []
    again = classify(subject, task, method, tmp_path / "out", lambda done, _: seen.append(done))
    assert seen == [6]
    assert again.figures == whole.figures
    names = [f"classification_{method}.{kind}" for kind in ("csv", "md")]
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert not (tmp_path / "out" / f"classification_{method}.jsonl").exists()


@pytest.mark.parametrize("method", [Method.PROBE, Method.FINETUNE])
def test_what_learns_needs_a_training_table_without_the_test_pictures(
    subject: Subject, tmp_path: Path, method: Method
) -> None:
    both = read_class_table(table(tmp_path, "te", 6))
    for train, error in ((None, ConfigError), (both, LeakageError)):
        with pytest.raises(error):
            classify(subject, Task(both, train, tmp_path), method, tmp_path, lambda *_: None)
