from __future__ import annotations

import json
from pathlib import Path

import pytest

from mmskin_build.errors import ConfigError
from mmskin_build.evaluate.predictions import (
    Journal,
    Prediction,
    read_predictions,
    write_predictions,
)
from mmskin_build.evaluate.run import score_predictions
from mmskin_build.evaluate.settings import EvaluateSettings

PUBLISHED = (
    "image,question,predicted_answer,ground_truth,modality\n"
    'a.png,"What, if any?",A red mark.,A red mark.,clinical\n'
    "b.png,What?,Nothing,A blue mark.,pathology\n"
)
QUICK = EvaluateSettings(bootstrap=20)


def test_predictions_survive_the_way_through_csv(tmp_path: Path) -> None:
    rows = [Prediction("i", 'a "b",\nc', "ä", "é", "clinical", "q1", "open", "t", "s", "g")]
    write_predictions(tmp_path / "p.csv", rows)
    assert read_predictions(tmp_path / "p.csv") == rows
    assert [p.name for p in tmp_path.iterdir()] == ["p.csv"]


def test_the_published_evaluators_file_is_scored_in_its_own_layout(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text(PUBLISHED)
    report = score_predictions(read_predictions(path), QUICK, tmp_path / "out")
    assert report.find("model", "modality=clinical").figures["bleu-1"].value == 1.0
    head = (tmp_path / "out" / "evaluation_metrics.csv").read_text().splitlines()[0].split(",")
    assert "clinical_bleu-1" in head and "pathology_recall" in head
    written = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert written["summaries"][0]["figures"]["recall"]["value"] == 0.5
    assert "## By modality" in (tmp_path / "out" / "metrics.md").read_text()


def test_without_wordnet_meteor_is_said_to_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text(PUBLISHED)
    nowhere = EvaluateSettings(bootstrap=0, wordnet=str(tmp_path))
    report = score_predictions(read_predictions(path), nowhere, tmp_path / "out")
    assert any("METEOR not computed" in note for note in report.notes)
    assert report.find("model").figures["meteor"].value is None


def test_a_file_without_the_needed_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("question,answer\na,b\n")
    with pytest.raises(ConfigError, match="predicted_answer, ground_truth"):
        read_predictions(tmp_path / "p.csv")
    with pytest.raises(ConfigError, match="not readable"):
        read_predictions(tmp_path / "gone.csv")


def test_a_journal_of_another_model_is_not_reused(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    Journal(path, "model a").add({"q1": "red"})
    assert Journal(path, "model a").answers == {"q1": "red"}
    assert Journal(path, "model b").answers == {}
    assert Journal(path, "model a").answers == {}  # b has started it afresh


def test_an_answer_cut_off_by_a_kill_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    Journal(path, "k").add({"q1": "red\nand sore", "q2": "blue"})
    path.write_text(path.read_text()[:-8])
    journal = Journal(path, "k")
    assert journal.answers == {"q1": "red\nand sore"}
    journal.add({"q2": "blue"})
    assert Journal(path, "k").answers == {"q1": "red\nand sore", "q2": "blue"}
