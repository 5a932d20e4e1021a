"""Trains the detector of drawn marks from a labelled folder; the same folder, the same model.

Positives are mostly drawn by ``drawn_marks`` and ``drawn_figures`` on the folder's clean
pictures, so that the truth is known to the pixel; labelled annotated pictures teach the second
step what real ones look like. ``judge`` leaves out one source of pictures at a time.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mmskin_build.errors import ConfigError
from mmskin_build.screening.boosted_trees import from_sklearn
from mmskin_build.screening.components import Components
from mmskin_build.screening.drawn_figures import draw_figure
from mmskin_build.screening.drawn_marks import annotate, reprint, watermark
from mmskin_build.screening.marks import MarksModel, Seen, observe, picture_features

MOST_NATURAL = 60_000  # natural components used in one fit
DRAWN_PER_PICTURE = 2
FALSE_ALARMS = 0.02  # share of clean pictures at the operating point, in judging


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture of the folder; ``source`` names the collection it comes from."""

    path: str
    annotated: bool
    source: str


@dataclass(frozen=True, slots=True)
class Example:
    """A picture as measured: truth per component is 1, 0 or -1 (unknown)."""

    source: str
    path: str  # '' for what was drawn here
    annotated: bool
    seen: Seen
    truth: np.ndarray


def read_labels(folder: Path) -> list[LabelledPicture]:
    """Return the rows of ``labels.csv`` (path, annotated, dataset) of a folder, sorted."""
    try:
        with (folder / "labels.csv").open(newline="", encoding="utf-8-sig") as file:
            rows = [
                LabelledPicture(r["path"], r["annotated"] == "1", r["dataset"])
                for r in csv.DictReader(file)
            ]
    except (OSError, KeyError) as error:
        raise ConfigError(
            f"{folder / 'labels.csv'}: needs columns path, annotated, dataset ({error})"
        ) from None
    return sorted(rows, key=lambda r: r.path)


def make_examples(folder: Path, labels: Sequence[LabelledPicture]) -> Iterator[Example]:
    """Yield the folder's pictures and what is drawn on and with them."""
    cv2.setNumThreads(1)
    photos: dict[str, list[np.ndarray]] = defaultdict(list)
    for seed, row in enumerate(labels):
        image = cv2.imread(str(folder / row.path))
        if image is None:
            raise ConfigError(f"{folder / row.path}: cannot be read as a picture")
        yield _plain(image, row, row.path)
        if not row.annotated:
            photos[row.source].append(image)
            yield from _drawn(image, row, seed)
    for number, source in enumerate(sorted(photos)):
        for k in range(max(10, len(photos[source]) // 3)):
            figure = reprint(draw_figure(photos[source], k + 1000 * number), k)
            yield _plain(figure, LabelledPicture("", True, source), "")


def _plain(image: np.ndarray, row: LabelledPicture, path: str) -> Example:
    seen, _, kept = observe(image)
    return Example(
        row.source, path, row.annotated, seen, np.full(kept.sum(), -1 if row.annotated else 0)
    )


def _drawn(image: np.ndarray, row: LabelledPicture, seed: int) -> Iterator[Example]:
    clean = LabelledPicture("", False, row.source)
    yield _plain(reprint(image, seed), clean, "")
    if seed % 3 == 0:
        yield _plain(reprint(watermark(image, seed), seed), clean, "")
    for k in range(DRAWN_PER_PICTURE):
        drawn, mask = annotate(image, seed * 7 + k)
        seen, found, kept = observe(reprint(drawn, seed * 11 + k))
        yield Example(row.source, "", True, seen, _truth(found, mask)[kept])


def _truth(found: Components, mask: np.ndarray) -> np.ndarray:
    """Say of each component whether it lies on a drawn mark (1), off all of them (0) or half."""
    size = (found.shape[1], found.shape[0])
    small = cv2.resize(mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 100
    truth = np.full(len(found.masks), -1)
    for index, labels in enumerate(found.labels):
        own = found.masks == index
        total = np.maximum(np.bincount(labels.ravel()), 1)
        share = np.bincount(labels.ravel(), small.ravel(), len(total)) / total
        part = share[found.numbers[own]]
        truth[own] = np.where(part > 0.6, 1, np.where(part < 0.05, 0, -1))
    return truth


def fit_marks(examples: Sequence[Example]) -> MarksModel:
    """Return both steps; the second learns from judgements of a first that never saw them."""
    sources = sorted({e.source for e in examples})
    half = {source: i % 2 for i, source in enumerate(sources)}
    rows: list[np.ndarray] = []
    truth: list[bool] = []
    for side in (0, 1):
        own = [e for e in examples if half[e.source] == side]
        others = [e for e in examples if half[e.source] != side] or own
        judge_parts = _fit_components(others)
        for e in own:
            rows.append(picture_features(e.seen, judge_parts.probability(e.seen.components)))
            truth.append(e.annotated)
    picture = _boosting(80, 8, 0.08, 15).fit(np.array(rows), np.array(truth))
    return MarksModel(_fit_components(examples), from_sklearn(picture), 0.0)


def _fit_components(examples: Sequence[Example]) -> Any:
    known = [(e.seen.components[e.truth >= 0], e.truth[e.truth >= 0]) for e in examples]
    features, truth = (np.concatenate(part) for part in zip(*known, strict=True))
    natural, drawn = np.flatnonzero(truth == 0), np.flatnonzero(truth == 1)
    if len(natural) > MOST_NATURAL:
        natural = np.random.default_rng(1).choice(natural, MOST_NATURAL, replace=False)
    chosen = np.sort(np.concatenate([natural, drawn]))
    return from_sklearn(_boosting(120, 20, 0.1, 20).fit(features[chosen], truth[chosen]))


def _boosting(trees: int, leaves: int, rate: float, least: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=trees,
        max_leaf_nodes=leaves,
        learning_rate=rate,
        min_samples_leaf=least,
        l2_regularization=5,
        early_stopping=False,
        random_state=0,
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """The score of a real picture by a model that saw nothing of its source."""

    path: str
    source: str
    annotated: bool
    chance: float


def judge(examples: Sequence[Example]) -> list[Judged]:
    """Leave out one source at a time and score its real pictures."""
    judged = []
    for source in sorted({e.source for e in examples}):
        model = fit_marks([e for e in examples if e.source != source])
        for e in examples:
            if e.source == source and e.path:
                parts = model.component.probability(e.seen.components)
                chance = model.picture.probability(picture_features(e.seen, parts)[None])[0]
                judged.append(Judged(e.path, source, e.annotated, float(chance)))
    return judged


def operating_point(judged: Sequence[Judged]) -> float:
    """Return the lowest chance at which at most ``FALSE_ALARMS`` of clean pictures are called."""
    clean = sorted((j.chance for j in judged if not j.annotated), reverse=True)
    allowed = int(FALSE_ALARMS * len(clean))
    return min(0.999, max(0.05, clean[allowed] if len(clean) > allowed else 0.5))


def save_marks(model: MarksModel, threshold: float, path: Path) -> None:
    """Write the model so that a picture at ``threshold`` scores 0.5."""
    arrays = model.component.arrays("component") | model.picture.arrays("picture")
    arrays["shift"] = np.array(-np.log(threshold / (1 - threshold)))
    # The zip entries carry no clock time, so the same training gives the same bytes.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in sorted(arrays.items()):
            data = io.BytesIO()
            np.lib.format.write_array(data, np.asarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), data.getvalue(), zipfile.ZIP_DEFLATED)
