"""Score a model as a classifier on a table of labelled pictures."""

from __future__ import annotations

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
from mmskin_build.evaluate.run import Subject
from mmskin_build.evaluate.zero_shot import ClassScorer, class_question, probabilities_of
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
    probabilities = None
    if method is Method.REPLY:
        replies = _replies(subject, prompts, transform, (test, task), report)
        aliases = read_aliases(task.name)
        predicted = [match_class(reply, task.classes, aliases) for reply in replies]
    else:
        replies = [""] * len(test)
        if method is Method.PROBE:
            probabilities = _probe(subject, transform, (bank, test, task), report)
        else:
            base = subject.base
            if method is Method.FINETUNE:
                examples = class_examples(*_training_rows(bank, test, task), task.classes)
                recipe = (task.recipe, folder / "checkpoints")
                base = finetune(base, (prompts, transform), examples, recipe, report)
            scorer = ClassScorer(base, prompts, transform)
            probabilities = _likelihoods(scorer, test, task.classes, report)
        predicted = [task.classes[i] for i in probabilities.argmax(axis=1)]
    outcome = _outcome(task, predicted, probabilities)
    found = _report(subject, task, method, outcome)
    write_class_report(folder, found, task.test.rows, (outcome, replies))
    return found


def _digests(bank: ImageBank, task: Task, table: ClassTable) -> list[str]:
    found = [bank.add_file(task.image_root / row.image, row.image) for row in table.rows]
    bank.verify()
    return found


def _likelihoods(
    scorer: ClassScorer, images: Sequence[str], classes: Sequence[str], report: Report
) -> Any:
    scores = []
    for number, image in enumerate(images, 1):
        scores.append(scorer.log_likelihoods(image, classes))
        report(number, len(images))
    return probabilities_of(scores)


def _training_rows(bank: ImageBank, test: Sequence[str], task: Task) -> tuple[list[str], list[str]]:
    """Return pictures and labels to learn from, none of them a test picture."""
    if task.train is None:
        raise ConfigError("this method learns from a training table: give one with --train-csv")
    train = _digests(bank, task, task.train)
    if shared := set(train) & set(test):
        raise LeakageError(f"{len(shared)} picture(s) are in both the training and the test table")
    return train, [row.label for row in task.train.rows]


def _replies(
    subject: Subject,
    prompts: PromptBuilder,
    transform: ImageTransform,
    asked: tuple[list[str], Task],
    report: Report,
) -> list[str]:
    images, task = asked
    answerer = Answerer(subject.base, prompts, transform, _REPLY_TOKENS)
    question = class_question(task.classes)
    replies: list[str] = []
    for start in range(0, len(images), task.batch_size):
        chunk = images[start : start + task.batch_size]
        replies += answerer.answer([(question, image) for image in chunk])
        report(len(replies), len(images))
    return replies


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
