"""The shipped classifier: plain arrays in an .npz file, evaluated in numpy, no pickle anywhere."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mmskin_build.errors import ConfigError
from mmskin_build.modality.description import BLOCKS, LAYOUT
from mmskin_build.records import Modality

CLASSES: tuple[Modality, ...] = tuple(Modality)
CLIP = 4.0  # standard deviations beyond which a measurement says nothing more
SHIPPED = Path(__file__).parent / "model"
FILE = "model.npz"


@dataclass(frozen=True, slots=True)
class ImageModel:
    """A linear classifier over descriptions with its calibration.

    Attributes:
        layout: version of the description it was trained on.
        centre: mean of each place of the description.
        scale: spread of each place.
        weights: one row per class, in the order of ``Modality``.
        bias: one per class.
        slope: by which scores are multiplied so that probabilities keep their word.
        truth_scores: sorted probabilities given to the true class on sources left out of
            training, and on bookish versions of them; their quantiles make conformal sets.
        limits: per block of the description, the distance from the training pictures that
            few pictures of sources left out go beyond.
    """

    layout: int
    centre: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    slope: np.ndarray
    truth_scores: np.ndarray
    limits: np.ndarray

    def scores(self, descriptions: np.ndarray) -> np.ndarray:
        """Return uncalibrated scores, one row per description."""
        return np.asarray(self._standard(descriptions) @ self.weights.T + self.bias)

    def distances(self, descriptions: np.ndarray) -> np.ndarray:
        """Return the root mean square of standard deviations off the mean, per block."""
        squares = self._standard(descriptions) ** 2
        means = [squares[:, block].mean(axis=1) for block in BLOCKS]
        return np.asarray(np.sqrt(np.stack(means, axis=1)))

    def strangeness(self, descriptions: np.ndarray) -> np.ndarray:
        """Return how far each picture lies off; above 1 it is unlike all training pictures."""
        return np.asarray((self.distances(descriptions) / self.limits).max(axis=1))

    def _standard(self, descriptions: np.ndarray) -> np.ndarray:
        places = np.clip((descriptions - self.centre) / self.scale, -CLIP, CLIP)
        return np.asarray(places, np.float64)

    def probabilities(self, descriptions: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities, one row per description, rows summing to 1."""
        return calibrated(self.scores(descriptions), float(self.slope))

    def floor(self, error_rate: float) -> float:
        """Return the probability from which a class belongs to the conformal set."""
        return conformal_floor(self.truth_scores, error_rate)


def calibrated(scores: np.ndarray, slope: float) -> np.ndarray:
    """Return probabilities: the sigmoid for four classes, with one slope for all."""
    powers = np.exp(slope * (scores - scores.max(axis=1, keepdims=True)))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def conformal_floor(truth_scores: np.ndarray, error_rate: float) -> float:
    """Return the quantile below which the true class falls with at most ``error_rate``."""
    rank = int(np.floor(error_rate * (len(truth_scores) + 1)))
    return float(truth_scores[rank - 1]) if rank >= 1 else 0.0


def save(model: ImageModel, folder: Path) -> Path:
    """Write a model; the same model gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / FILE
    arrays: dict[str, Any] = {n: np.asarray(getattr(model, n)) for n in model.__slots__}
    with target.open("wb") as file:
        np.savez(file, **arrays)
    return target


def load(folder: Path = SHIPPED) -> ImageModel:
    """Read a model; a file with anything but plain arrays is refused."""
    path = folder / FILE
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in ImageModel.__slots__}
    except (OSError, ValueError, KeyError) as fault:
        raise ConfigError(
            f"{path}: no usable modality model ({fault}); rebuild it with "
            "`python -m stages train-modality`"
        ) from fault
    layout = int(arrays.pop("layout"))
    if layout != LAYOUT:
        raise ConfigError(
            f"{path}: made for description layout {layout}, this version measures {LAYOUT}; "
            "rebuild it with `python -m stages train-modality`"
        )
    return ImageModel(layout=layout, **arrays)


@functools.lru_cache(maxsize=1)
def shipped_model() -> ImageModel:
    """Return the model that comes with the package, read once per process."""
    return load(SHIPPED)
