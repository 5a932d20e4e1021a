"""Train the picture classifier from a labelled folder and judge it on sources it never saw."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mmskin_build.errors import ConfigError
from mmskin_build.modality.augment import bookish
from mmskin_build.modality.description import BLOCKS, LAYOUT, describe
from mmskin_build.modality.drawings import draw
from mmskin_build.modality.elsewhere import elsewhere
from mmskin_build.modality.model import CLASSES, CLIP, ImageModel, calibrated
from mmskin_build.modality.working_image import decode

VERSIONS = 5  # bookish versions of each labelled picture
ELSEWHERE = VERSIONS + 1  # the version as another source of its kind might have it
DRAWINGS = 300  # synthetic pictures of the class other
DRAWN = "drawn"
STRANGE = 0.001  # share of pictures of sources left out that count as unlike all training pictures
STRENGTHS = (0.01, 0.005, 0.003)  # inverse ridge penalty of the expert on each block


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled picture: a file of the folder, or a drawing when ``path`` is None."""

    name: str
    source: str
    label: int
    path: Path | None


@dataclass(frozen=True, slots=True)
class Samples:
    """Descriptions of all examples; ``version`` 0 is the original, 1 to ``VERSIONS`` bookish."""

    places: np.ndarray
    label: np.ndarray
    source: np.ndarray
    version: np.ndarray
    licences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Scores of pictures by models that never saw their source; ``version`` 0 is the original."""

    scores: np.ndarray
    probabilities: np.ndarray
    label: np.ndarray
    source: np.ndarray
    version: np.ndarray
    distances: np.ndarray

    @property
    def limits(self) -> np.ndarray:
        """Distance per block that few of these pictures go beyond."""
        return np.asarray(np.quantile(self.distances, 1 - STRANGE, axis=0))

    @property
    def originals(self) -> LeftOut:
        """The pictures as they are."""
        return self._only(self.version == 0)

    @property
    def bookish(self) -> LeftOut:
        """The same pictures as books might print them: a shift nobody can ask for data of."""
        return self._only(self.version > 0)

    def _only(self, rows: np.ndarray) -> LeftOut:
        return LeftOut(*(getattr(self, name)[rows] for name in self.__slots__))


def read_examples(folder: Path) -> tuple[list[Example], tuple[str, ...]]:
    """Return the labelled pictures of a folder and the licences its ``labels.csv`` states.

    The columns path and class are needed. The source is the file name up to the first ``_``.
    Rows of another class and portraits (``face`` 1) are left out.
    """
    table = folder / "labels.csv"
    if not table.is_file():
        raise ConfigError(f"{table} is missing: a CSV with the columns path and class")
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    if rows and not {"path", "class"} <= set(rows[0]):
        raise ConfigError(f"{table}: needs the columns path and class")
    names = [str(c) for c in CLASSES]
    examples = []
    for row in rows:
        if row["class"] not in names or row.get("face", "0").strip() == "1":
            continue
        source = Path(row["path"]).name.split("_")[0]
        label = names.index(row["class"])
        examples.append(Example(row["path"], source, label, folder / row["path"]))
    if len({e.source for e in examples}) < 3:
        raise ConfigError(f"{table}: needs pictures of at least 3 sources, to judge on unseen ones")
    licences = sorted(
        {f"{r.get('dataset', '')}: {r.get('licence', '')}" for r in rows if r.get("dataset")}
    )
    return examples, tuple(licences)


def describe_examples(folder: Path, progress: Callable[[int, int], None]) -> Samples:
    """Measure all pictures of a folder, their bookish versions and the drawings."""
    examples, licences = read_examples(folder)
    names = [f"other/{DRAWN}_{i}" for i in range(DRAWINGS)]
    other = [str(c) for c in CLASSES].index("other")
    examples += [Example(name, DRAWN, other, None) for name in names]
    places: list[np.ndarray] = []
    rows: list[tuple[int, str, int]] = []
    for number, example in enumerate(examples):
        for version, image in _versions(example):
            places.append(describe(image))
            rows.append((example.label, example.source, version))
        progress(number + 1, len(examples))
    return Samples(
        np.stack(places),
        np.array([r[0] for r in rows]),
        np.array([r[1] for r in rows]),
        np.array([r[2] for r in rows]),
        licences,
    )


def _versions(example: Example) -> Iterator[tuple[int, np.ndarray]]:
    if example.path is None:
        image: np.ndarray | None = draw(example.name)
        count = 2
    else:
        image, count = decode(example.path.read_bytes()), VERSIONS
    if image is None:
        raise ConfigError(f"{example.path}: not a readable picture")
    yield 0, image
    for version in range(1, count + 1):
        yield version, bookish(image, random.Random(f"{example.name}:{version}"))
    if example.path is not None:
        kind, rng = CLASSES[example.label], random.Random(f"{example.name}:elsewhere")
        other = elsewhere(image, kind, rng)
        if other is not None:
            yield ELSEWHERE, other


def fit(samples: Samples, chosen: np.ndarray) -> ImageModel:
    """Train on the chosen samples; the calibration is still neutral.

    One expert per block of the description, their scores averaged: on sources never seen
    this is right more often than one classifier over both blocks, which leans on whichever
    block tells the training sources apart.
    """
    places = samples.places[chosen].astype(np.float64)
    centre, scale = places.mean(axis=0), places.std(axis=0) + 1e-6
    standard = np.clip((places - centre) / scale, -CLIP, CLIP)
    labels = samples.label[chosen]
    share = balance(labels, samples.source[chosen])
    weights, bias = np.zeros((len(CLASSES), places.shape[1])), np.zeros(len(CLASSES))
    for block, strength in zip(BLOCKS, STRENGTHS, strict=True):
        weights[:, block], own = _expert(standard[:, block], labels, share, strength)
        bias += own
    return ImageModel(
        LAYOUT,
        centre.astype(np.float32),
        scale.astype(np.float32),
        (weights / len(BLOCKS)).astype(np.float32),
        bias / len(BLOCKS),
        np.ones(()),
        np.zeros(0),
        np.full(len(BLOCKS), np.inf),
    )


def _expert(
    places: np.ndarray, labels: np.ndarray, share: np.ndarray, strength: float
) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=strength, max_iter=500).fit(places, labels, sample_weight=share)
    weights = np.zeros((len(CLASSES), places.shape[1]))
    bias = np.full(len(CLASSES), -20.0)  # a class without examples is never said
    weights[fitted.classes_], bias[fitted.classes_] = fitted.coef_, fitted.intercept_
    return weights, bias


def balance(labels: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Return weights by which classes count alike and big sources do not drown small ones."""
    out = np.zeros(len(labels))
    for label in np.unique(labels):
        own = labels == label
        names, counts = np.unique(sources[own], return_counts=True)
        total = np.sqrt(counts).sum()
        for name, count in zip(names, counts, strict=True):
            out[own & (sources == name)] = np.sqrt(count) / total / count
    return np.asarray(out * len(labels) / out.sum())


def leave_sources_out(samples: Samples) -> LeftOut:
    """Score every picture and its bookish versions by a model trained without its source."""
    scores = np.zeros((len(samples.label), len(CLASSES)))
    distance = np.zeros((len(samples.label), len(BLOCKS)))
    judged = (samples.version < ELSEWHERE) & (samples.source != DRAWN)
    for source in sorted(set(samples.source[judged])):
        model = fit(samples, samples.source != source)
        held = samples.source == source
        scores[held] = model.scores(samples.places[held])
        distance[held] = model.distances(samples.places[held])
    return LeftOut(
        scores[judged],
        calibrated(scores[judged], fit_slope(scores[judged], samples.label[judged])),
        samples.label[judged],
        samples.source[judged],
        samples.version[judged],
        distance[judged],
    )


def fit_slope(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the slope (inverse temperature) most likely to give these labels.

    One number for all classes: a slope and offset per class fits the left-out sources
    themselves and changes which label is said.
    """
    slopes = np.geomspace(0.1, 10, 201)
    rows = np.arange(len(labels))
    losses = [
        -np.log(calibrated(scores, float(slope))[rows, labels] + 1e-12).mean() for slope in slopes
    ]
    return float(slopes[int(np.argmin(losses))])


def train(samples: Samples) -> tuple[ImageModel, LeftOut]:
    """Return the model trained on everything, calibrated on sources left out."""
    left = leave_sources_out(samples)
    slope = np.array(fit_slope(left.scores, left.label))
    everything = fit(samples, np.ones(len(samples.label), bool))
    truth = np.sort(left.probabilities[np.arange(len(left.label)), left.label])
    model = replace(
        everything, slope=slope, truth_scores=truth.astype(np.float32), limits=left.limits
    )
    return model, left
