"""One evaluation from a trained run (or a predictions CSV) to tables and pictures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.errors import ConfigError
from mmskin_build.evaluate.aggregate import Resamples, score_rows, subsets, summarise
from mmskin_build.evaluate.answers_page import write_answers_page
from mmskin_build.evaluate.bert_similarity import BERT_HINT, load_bert
from mmskin_build.evaluate.charts import draw_comparison
from mmskin_build.evaluate.generate import (
    Answerer,
    Sight,
    frequent_predictions,
    other_images,
    predict,
)
from mmskin_build.evaluate.generate import (
    Report as Progress,
)
from mmskin_build.evaluate.meteor import METEOR_HINT, find_meteor
from mmskin_build.evaluate.predictions import Journal, Prediction, write_predictions
from mmskin_build.evaluate.report import MODEL, Report, write_report
from mmskin_build.evaluate.settings import EvaluateSettings
from mmskin_build.train.adapter import load_adapter
from mmskin_build.train.base import LoadedBase, load_base, require_train_extra
from mmskin_build.train.examples import Example, data_digest, refuse_leakage
from mmskin_build.train.image_bank import ImageBank
from mmskin_build.train.images import ImageTransform
from mmskin_build.train.prompt import PromptBuilder
from mmskin_build.train.run_card import FILE_NAME as RUN_CARD
from mmskin_build.train.run_card import RunCard
from mmskin_build.train.settings import BaseSettings, PromptStyle
from mmskin_build.train.trained_on import TrainedOn

FREQUENT = "blind: frequent answer"
_SIGHTED_NAMES = {
    Sight.OWN: MODEL,
    Sight.NONE: "blind: no image",
    Sight.OTHER: "blind: other image",
}
_FILES = {
    MODEL: "predictions.csv",
    FREQUENT: "predictions_blind_frequent.csv",
    _SIGHTED_NAMES[Sight.NONE]: "predictions_blind_no_image.csv",
    _SIGHTED_NAMES[Sight.OTHER]: "predictions_blind_other_image.csv",
}
_DECISIVE = "rouge-l"  # defined for every kind of question


@dataclass(frozen=True, slots=True)
class Subject:
    """The model under test.

    Attributes:
        notice: what must be said beside its figures; '' for a real model.
        seen: what it was trained on; None when that is not known.
        key: digest of its weights, so that old answers are not taken for its own.
    """

    base: LoadedBase
    prompt: PromptStyle
    notice: str
    seen: TrainedOn | None
    key: str


def subject_of_run(run: Path) -> Subject:
    """Load a finished training run: its base with the adapter merged in.

    Raises:
        ConfigError: the folder holds no finished run.
    """
    require_train_extra()
    card = RunCard.load(run)
    settings = BaseSettings(revision=card.base_revision if card.base != "base" else "")
    base = load_base(card.base_path(run), settings, _dtype())
    model = load_adapter(base.model, run / "adapter").merge_and_unload()
    weights = hashlib.sha256((run / "adapter" / "adapter_model.safetensors").read_bytes())
    return Subject(
        base=LoadedBase(model, base.tokenizer, base.image_processor, base.revision),
        prompt=PromptStyle(card.prompt),
        notice=card.notice,
        seen=TrainedOn.load(run),
        key=weights.hexdigest(),
    )


def subject_of_base(run: Path) -> Subject:
    """Load the base a run started from, untrained; it has seen none of the run's rows."""
    require_train_extra()
    card = RunCard.load(run)
    settings = BaseSettings(revision=card.base_revision if card.base != "base" else "")
    base = load_base(card.base_path(run), settings, _dtype())
    return Subject(base, PromptStyle(card.prompt), card.notice, None, f"base of {run.name}")


def subject_of_model(source: str, settings: BaseSettings) -> Subject:
    """Load a plain or merged checkpoint by folder or hub id, for example the base itself."""
    require_train_extra()
    base = load_base(source, settings, _dtype())
    folder = Path(source)
    # A merged model carries the card and the list of what its run has seen.
    notice = RunCard.load(folder).notice if (folder / RUN_CARD).is_file() else ""
    key = f"{source}@{base.revision}"
    return Subject(base, settings.prompt, notice, TrainedOn.load(folder), key)


def _dtype() -> str:
    import torch

    return "bfloat16" if torch.cuda.is_available() else "float32"


def evaluate(
    subject: Subject,
    rows: Sequence[Example],
    images: ImageBank,
    settings: EvaluateSettings,
    output: tuple[Path, Progress],
) -> Report:
    """Answer and score ``rows``; write predictions, tables and pictures into the output folder.

    Raises:
        ConfigError: no rows.
        LeakageError: the model was trained on a group or a picture among the rows.
    """
    folder = output[0]
    if not rows:
        raise ConfigError(f"no rows in the {settings.split} split")
    if subject.seen:
        refuse_leakage(set(subject.seen.groups), set(subject.seen.images), rows, settings.split)
    folder.mkdir(parents=True, exist_ok=True)
    answers = _answers(subject, rows, images, settings, output)
    for name, predictions in answers.items():
        write_predictions(folder / _FILES[name], predictions)
    notes = [f"**{subject.notice}**: these figures say nothing about dermatology"]
    report = score(answers, settings, notes if subject.notice else [])
    write_report(report, folder)
    draw_comparison(report, folder / "comparison.png")
    write_answers_page(folder / "answers.html", report.title, report.notes, answers, images)
    _close_journals(folder)
    return report


def score_predictions(
    predictions: Sequence[Prediction], settings: EvaluateSettings, folder: Path
) -> Report:
    """Score a predictions CSV alone and write the same tables; there are no baselines then."""
    if not predictions:
        raise ConfigError("the predictions file has no rows")
    folder.mkdir(parents=True, exist_ok=True)
    report = score({MODEL: predictions}, settings, [])
    write_report(report, folder)
    draw_comparison(report, folder / "comparison.png")
    return report


def score(
    answers: Mapping[str, Sequence[Prediction]],
    settings: EvaluateSettings,
    notes: Sequence[str],
) -> Report:
    """Return all figures of all answerers, with the verdict on the blind ones."""
    meteor = find_meteor(settings.wordnet)
    bert = load_bert(settings.bert_model, settings.bert_layer)
    resamples = Resamples(settings.bootstrap, settings.seed)
    summaries = []
    for name, rows in answers.items():
        scores = score_rows(rows, meteor, bert)
        groups = [row.group_id or row.image for row in rows]
        for subset, places in subsets(rows):
            chosen = [groups[i] for i in places]
            summaries.append(summarise(name, subset, scores[places], chosen, resamples))
    verdict = sight_verdict(answers, resamples)
    said = [*notes, verdict, "" if meteor else METEOR_HINT, "" if bert else BERT_HINT]
    return Report(
        f"Answers to {len(answers[MODEL])} questions",
        tuple(note for note in said if note),
        tuple(summaries),
        _rows_digest(answers[MODEL]),
    )


def _rows_digest(rows: Sequence[Prediction]) -> str:
    facts = sorted((row.image, row.question, row.ground_truth) for row in rows)
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def sight_verdict(answers: Mapping[str, Sequence[Prediction]], resamples: Resamples) -> str:
    """Say whether the model answers better than the best that never sees the picture."""
    gaps = []
    for name, blind in answers.items():
        if name == MODEL:
            continue
        asked = {row.qa_id for row in blind}
        seeing = [row for row in answers[MODEL] if row.qa_id in asked]
        groups = [row.group_id or row.image for row in seeing]
        ours, theirs = score_rows(seeing, None), score_rows(blind, None)
        gaps.append((resamples.difference(ours, theirs, groups, _DECISIVE), name))
    if not gaps:
        return ""
    gap, name = min(gaps, key=lambda item: item[0].value or 0.0)
    low, high = gap.low or 0.0, gap.high or 0.0
    figure = f"{_DECISIVE} {gap.value:+.3f} [{low:+.3f}, {high:+.3f}] against the best of them"
    if low > 0:
        return f"The picture matters: better than every blind baseline, {figure} ({name})."
    return (
        f"This set does not show that the model uses the picture: {figure} ({name}). "
        "A baseline that never sees it scores about as well."
    )


def _answers(
    subject: Subject,
    rows: Sequence[Example],
    images: ImageBank,
    settings: EvaluateSettings,
    output: tuple[Path, Progress],
) -> dict[str, list[Prediction]]:
    folder, progress = output
    answerer = Answerer(
        subject.base,
        PromptBuilder(subject.base.tokenizer, subject.base.image_tokens, subject.prompt),
        ImageTransform(subject.base.image_processor, images, cached_mb=256),
        settings.max_new_tokens,
    )
    shown = {Sight.OWN: {row.example_id: row.image for row in rows}}
    if settings.blind:
        shown[Sight.NONE] = {row.example_id: "" for row in rows}
        shown[Sight.OTHER] = other_images(rows)
    answers = {}
    for sight, pictures in shown.items():
        if not pictures:
            continue
        facts = [subject.key, data_digest(rows), settings.max_new_tokens, sight.value]
        key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
        journal = Journal(folder / f"answers_{sight}.jsonl", key)
        batch = (settings.batch_size, progress)
        answers[_SIGHTED_NAMES[sight]] = predict(answerer, rows, pictures, journal, batch)
    if subject.seen and settings.blind:
        answers[FREQUENT] = frequent_predictions(rows, subject.seen.frequent_answer)
    return answers


def _close_journals(folder: Path) -> None:
    for path in folder.glob("answers_*.jsonl"):
        path.unlink()
