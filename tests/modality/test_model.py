from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmskin_build.errors import ConfigError
from mmskin_build.modality import training
from mmskin_build.modality.acceptance import acceptance, accepted, wilson
from mmskin_build.modality.drawings import draw
from mmskin_build.modality.figures import write_figures
from mmskin_build.modality.image_voter import vote
from mmskin_build.modality.model import (
    CLASSES,
    ImageModel,
    conformal_floor,
    load,
    save,
    shipped_model,
)
from mmskin_build.modality.model_card import model_card


@pytest.fixture
def labelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of generated pictures: three sources, two classes told apart by their colour."""
    monkeypatch.setattr(training, "VERSIONS", 1)
    monkeypatch.setattr(training, "DRAWINGS", 3)
    rng = np.random.default_rng(5)
    rows = []
    for number in range(18):
        source, label = f"s{number % 3}", ("clinical", "pathology")[number % 2]
        tint = (90, 120, 190) if label == "clinical" else (190, 90, 180)
        image = np.clip(rng.normal(tint, 25, (70, 90, 3)), 0, 255).astype(np.uint8)
        path = f"{label}/{source}_{number}.png"
        (tmp_path / label).mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / path), image)
        rows.append({"path": path, "class": label, "dataset": source, "licence": "CC0-1.0"})
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def test_training_rebuilds_the_model_bit_for_bit(labelled: Path, tmp_path: Path) -> None:
    files = []
    for name in ("first", "second"):
        samples = training.describe_examples(labelled, lambda done, total: None)
        model, left = training.train(samples)
        path = save(model, tmp_path / name)
        drawn = [p.read_bytes() for p in write_figures(left, tmp_path / name)]
        files.append((path.read_bytes(), model_card(samples, model, left), drawn))
    assert files[0] == files[1]
    assert "CC0-1.0" in files[0][1]
    assert acceptance(left, accepted(left, 0.05)).right >= 0.9
    assert set(left.source) == {"s0", "s1", "s2"}


@pytest.mark.parametrize("table", ["", "name\nx\n", "path,class\na_1.png,clinical\n"])
def test_folders_that_cannot_train(tmp_path: Path, table: str) -> None:
    if table:
        (tmp_path / "labels.csv").write_text(table)
    with pytest.raises(ConfigError, match=r"labels\.csv"):
        training.read_examples(tmp_path)


def test_saved_model_loads_unchanged(tmp_path: Path) -> None:
    model = shipped_model()
    save(model, tmp_path)
    again = load(tmp_path)
    assert all(
        np.array_equal(getattr(model, name), getattr(again, name)) for name in ImageModel.__slots__
    )


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "model.npz").open("wb") as file:
        np.savez(file, layout=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ConfigError, match="train-modality"):
        load(tmp_path)


def test_a_model_for_other_measurements_is_refused(tmp_path: Path) -> None:
    model = shipped_model()
    fields = {name: getattr(model, name) for name in ImageModel.__slots__}
    save(ImageModel(**{**fields, "layout": 99}), tmp_path)
    with pytest.raises(ConfigError, match="layout 99"):
        load(tmp_path)


def test_conformal_floor_bounds_the_share_below_it() -> None:
    truth = np.sort(np.random.default_rng(0).random(500))
    for rate in (0.01, 0.05, 0.2):
        assert (truth < conformal_floor(truth, rate)).mean() <= rate
    assert conformal_floor(truth[:10], 0.02) == 0.0


def test_the_interval_of_a_share_holds_it_and_narrows() -> None:
    few, many = wilson(9, 10), wilson(900, 1000)
    assert few[0] < many[0] < 0.9 < many[1] < few[1] <= 1
    assert wilson(0, 5)[0] == 0


def test_noise_and_an_empty_page_are_unlike_all_training_pictures() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (240, 320, 3), np.uint8)
    usual = draw("unseen 3")
    assert vote(noise, shipped_model()).strangeness > 1 > vote(usual, shipped_model()).strangeness


def test_probabilities_sum_to_one() -> None:
    rows = np.random.default_rng(1).normal(size=(5, shipped_model().centre.size))
    assert shipped_model().probabilities(rows).sum(axis=1) == pytest.approx(np.ones(5))


def test_shipped_model_knows_drawings_it_was_not_trained_on() -> None:
    labels = [vote(draw(f"unseen {i}"), shipped_model()).label for i in range(12)]
    assert labels.count("other") >= 11


@pytest.mark.parametrize("label", [str(c) for c in CLASSES])
def test_shipped_model_on_real_pictures(corpus: Path, label: str) -> None:
    files = sorted((corpus / "images" / label).iterdir())[::20]
    said = [vote(cv2.imread(str(f)), shipped_model()).label for f in files]
    assert said.count(label) / len(said) >= 0.8
