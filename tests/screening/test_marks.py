"""Drawn marks are found; clean pictures and publishers' logos pass."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skin import skin

from mmskin_build.screening.boosted_trees import from_arrays, from_sklearn
from mmskin_build.screening.components import find_components
from mmskin_build.screening.drawn_figures import draw_figure
from mmskin_build.screening.drawn_marks import annotate, watermark
from mmskin_build.screening.marks import find_marks
from mmskin_build.screening.train_marks import (
    LabelledPicture,
    fit_marks,
    make_examples,
    save_marks,
)
from mmskin_build.screening.watermarks import watermark_pieces


def arrow(image: np.ndarray) -> np.ndarray:
    cv2.arrowedLine(image, (60, 60), (170, 140), (0, 0, 0), 4, cv2.LINE_AA, tipLength=0.25)
    return image


def letters(image: np.ndarray) -> np.ndarray:
    cv2.putText(image, "nodule", (60, 90), cv2.FONT_HERSHEY_DUPLEX, 1.1, (0, 255, 255), 2)
    return image


def bar(image: np.ndarray) -> np.ndarray:
    cv2.rectangle(image, (340, 320), (440, 326), (0, 0, 0), -1)
    cv2.putText(image, "1 cm", (355, 312), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 2)
    return image


@pytest.mark.parametrize("draw", [arrow, letters, bar])
def test_drawn_marks_are_found(draw: object) -> None:
    assert callable(draw)
    for seed in range(3):
        clean, marked = find_marks(skin(seed)), find_marks(draw(skin(seed)))
        assert clean.score < 0.5 <= marked.score
        assert clean.kinds == ()
        assert marked.kinds


def test_a_drawing_without_a_photograph_counts_as_annotated() -> None:
    found = [find_marks(draw_figure([skin(1)], seed)).score >= 0.5 for seed in range(5)]
    assert sum(found) >= 4


def test_a_logo_in_the_corner_is_no_annotation() -> None:
    logos = [watermark(skin(seed), seed) for seed in range(6)]
    assert sum(find_marks(logo).score >= 0.5 for logo in logos) <= 1


def test_pieces_of_a_logo_are_told_from_marks() -> None:
    image = skin(3)
    for row, text in enumerate(("SKIN ATLAS", "all about the skin")):
        at = (15, 300 + 22 * row)
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_DUPLEX, 0.7, (255, 255, 255), 1)
    found = find_components(arrow(image))
    pieces = watermark_pieces(found)
    assert pieces.sum() >= 12
    dark = found.features[:, 1] == 1
    assert dark.any() and not pieces[dark].any()


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (40, 40), (900, 700)])
def test_any_size_of_picture_can_be_scored(shape: tuple[int, int]) -> None:
    for value in (0, 128, 255):
        score = find_marks(np.full((*shape, 3), value, np.uint8)).score
        assert 0 <= score <= 1


def test_where_marks_were_drawn_is_known_and_repeatable() -> None:
    image = skin(5)
    drawn, mask = annotate(image, 9)
    assert mask.any()
    changed = (drawn != image).any(axis=2)
    assert mask[changed].mean() > 0.5
    assert np.array_equal(drawn, annotate(image, 9)[0])


@pytest.mark.slow
def test_training_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    labels = []
    for seed in range(6):
        path = f"{seed}.png"
        cv2.imwrite(str(tmp_path / path), skin(seed, 200, 160))
        labels.append(LabelledPicture(path, False, f"book {seed % 2}"))
    files = [tmp_path / "one.npz", tmp_path / "two.npz"]
    for file in files:
        save_marks(fit_marks(list(make_examples(tmp_path, labels))), 0.7, file)
    assert files[0].read_bytes() == files[1].read_bytes()
    with np.load(files[0], allow_pickle=False) as stored:
        assert from_arrays(stored, "component").depth > 1


def test_trees_as_arrays_say_what_sklearn_says() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    random = np.random.default_rng(0)
    rows = random.normal(size=(300, 4))
    model = HistGradientBoostingClassifier(max_iter=20, random_state=0)
    model.fit(rows, rows[:, 0] * rows[:, 1] > 0)
    fresh = random.normal(size=(50, 4))
    expected = model.predict_proba(fresh)[:, 1]
    assert np.allclose(from_sklearn(model).probability(fresh), expected, atol=1e-9)
