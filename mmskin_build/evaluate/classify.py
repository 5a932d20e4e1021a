"""Score a model as a classifier on a table of labelled pictures."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmskin_build.errors import ConfigError, LeakageError
from mmskin_build.evaluate.class_finetune import class_examples, finetune
from mmskin_build.evaluate.class_match import AMBIGUOUS, NONE, match_class, read_aliases
from mmskin_build.evaluate.class_metrics import Outcome, class_figures
from mmskin_build.evaluate.class_report import ClassReport, Method, write_class_report
from mmskin_build.evaluate.class_tables import ClassTable
from mmskin_build.evaluate.generate import Answerer
from mmskin_build.evaluate.linear_probe import fit_probe, image_features
from mmskin_build.evaluate.predictions import Journal
from mmskin_build.evaluate.run import Subject
from mmskin_build.evaluate.zero_shot import ClassScorer, class_question, probabilities_of
from mmskin_build.train.base import LoadedBase
from mmskin_build.train.image_bank import ImageBank
from mmskin_build.train.images import ImageTransform
from mmskin_build.train.prompt import PromptBuilder
from mmskin_build.train.settings import OptimiserSettings, TrainSettings

_REPLY_TOKENS = 64
_RESAMPLES = 200
_FINETUNE = TrainSettings(optimiser=OptimiserSettings(epochs=3, save_steps=0))
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """A classification test: the pictures, their classes, and where the pictures are."""

    test: ClassTable
    train: ClassTable | None
    image_root: Path
    name: str = ""  # of the set, as in MM-Skin's file names: whose aliases hold
    batch_size: int = 16
    recipe: TrainSettings = field(default=_FINETUNE)  # of FINETUNE only

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the class names of training and test tables."""
        known = self.train.classes if self.train else ()
        return (*known, *(name for name in self.test.classes if name not in known))


@dataclass(frozen=True, slots=True)
class _Tools:
    prompts: PromptBuilder
    transform: ImageTransform
    journal: Journal
    report: Report

    def answers(
        self, images: Sequence[str], task: Task, ask: Callable[[Sequence[str]], Sequence[str]]
    ) -> list[str]:
        """Return an answer per picture, batch by batch; each is on disk before the next."""
        known = self.journal.answers
        todo = [image for image in dict.fromkeys(images) if image not in known]
        for start in range(0, len(todo), task.batch_size):
            chunk = todo[start : start + task.batch_size]
            self.journal.add(dict(zip(chunk, ask(chunk), strict=True)))
            self.report(len(known), len(set(images)))
        return [known[image] for image in images]


def classify(
    subject: Subject, task: Task, method: Method, folder: Path, report: Report
) -> ClassReport:
    """Classify the test pictures and write predictions and figures into ``folder``.

    Raises:
        ConfigError: a method that learns, without a training table.
        LeakageError: the model, or what learns here, was trained on a test picture.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bank = ImageBank(folder / "images")
    test = _digests(bank, task, task.test)
    if subject.seen and (known := subject.seen.images & set(test)):
        raise LeakageError(f"the model was trained on {len(known)} of the test pictures")
    transform = ImageTransform(subject.base.image_processor, bank)
    prompts = PromptBuilder(subject.base.tokenizer, subject.base.image_tokens, subject.prompt)
    tools = _Tools(prompts, transform, _journal(subject, task, method, folder), report)
    probabilities, replies = None, [""] * len(test)
    if method is Method.REPLY:
        replies = _replies(subject, tools, test, task)
        aliases = read_aliases(task.name)
        predicted = [match_class(reply, task.classes, aliases) for reply in replies]
    else:
        if method is Method.PROBE:
            probabilities = _probe(subject, transform, (bank, test, task), report)
        elif method is Method.FINETUNE:
            examples = class_examples(*_training_rows(bank, test, task), task.classes)
            recipe = (task.recipe, folder / "checkpoints")
            tuned = finetune(subject.base, (prompts, transform), examples, recipe, report)
            probabilities = _likelihoods(tuned, tools, test, task)
        else:
            probabilities = _likelihoods(subject.base, tools, test, task)
        predicted = [task.classes[i] for i in probabilities.argmax(axis=1)]
    outcome = _outcome(task, predicted, probabilities)
    found = _report(subject, task, method, outcome)
    write_class_report(folder, found, task.test.rows, (outcome, replies))
    tools.journal.close()
    return found


def _digests(bank: ImageBank, task: Task, table: ClassTable) -> list[str]:
    found = [bank.add_file(task.image_root / row.image, row.image) for row in table.rows]
    bank.verify()
    return found


def _journal(subject: Subject, task: Task, method: Method, folder: Path) -> Journal:
    """Return what an interrupted run has answered; what has to be trained first starts anew."""
    again = method is Method.FINETUNE
    facts = [subject.key, method, task.classes, uuid.uuid4().hex if again else ""]
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    return Journal(folder / f"classification_{method}.jsonl", key)


def _likelihoods(base: LoadedBase, tools: _Tools, images: Sequence[str], task: Task) -> Any:
    scorer = ClassScorer(base, tools.prompts, tools.transform)

    def ask(chunk: Sequence[str]) -> list[str]:
        return [json.dumps(line) for line in scorer.log_likelihoods(chunk, task.classes)]

    return probabilities_of([json.loads(text) for text in tools.answers(images, task, ask)])


def _training_rows(bank: ImageBank, test: Sequence[str], task: Task) -> tuple[list[str], list[str]]:
    """Return pictures and labels to learn from, none of them a test picture."""
    if task.train is None:
        raise ConfigError("this method learns from a training table: give one with --train-csv")
    train = _digests(bank, task, task.train)
    if shared := set(train) & set(test):
        raise LeakageError(f"{len(shared)} picture(s) are in both the training and the test table")
    return train, [row.label for row in task.train.rows]


def _replies(subject: Subject, tools: _Tools, images: Sequence[str], task: Task) -> list[str]:
    answerer = Answerer(subject.base, tools.prompts, tools.transform, _REPLY_TOKENS)
    question = class_question(task.classes)
    return tools.answers(
        images, task, lambda chunk: answerer.answer([(question, image) for image in chunk])
    )


def _probe(
    subject: Subject,
    transform: ImageTransform,
    asked: tuple[ImageBank, list[str], Task],
    report: Report,
) -> Any:
    """Return test probabilities in the order of the task's classes."""
    import numpy as np

    bank, test, task = asked
    train, labels = _training_rows(bank, test, task)
    base, size = subject.base, task.batch_size
    features = image_features(base, transform, train, size, report)
    probe = fit_probe(features, labels)
    given = probe.predict_proba(image_features(base, transform, test, size, report))
    probabilities = np.zeros((len(test), len(task.classes)))
    for column, name in enumerate(probe.classes_):
        probabilities[:, task.classes.index(name)] = given[:, column]
    return probabilities


def _outcome(task: Task, predicted: Sequence[str], probabilities: Any) -> Outcome:
    return Outcome(
        classes=task.classes,
        truth=tuple(row.label for row in task.test.rows),
        predicted=tuple(predicted),
        groups=tuple(row.group for row in task.test.rows),
        probabilities=probabilities,
    )


def _report(subject: Subject, task: Task, method: Method, outcome: Outcome) -> ClassReport:
    unclear = Counter(name for name in outcome.predicted if name in (NONE, AMBIGUOUS))
    return ClassReport(
        set_name=task.name,
        method=method,
        notice=subject.notice,
        classes=task.classes,
        rows=len(task.test.rows),
        groups=len(set(outcome.groups)),
        skipped=task.test.skipped,
        unclear=dict(unclear),
        figures=class_figures(outcome, _RESAMPLES, seed=0),
    )
