"""The proof that splits do not leak: the most similar pictures that lie in different splits."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mmskin_build.duplicates.settings import DuplicateSettings
from mmskin_build.duplicates.verify import likeness, prepared, stretch
from mmskin_build.images import ImageStore
from mmskin_build.report.examples import thumbnail
from mmskin_build.report.facts import Facts
from mmskin_build.splits.leakage import (
    HASH_BITS,
    CrossSplitNeighbour,
    PlacedPicture,
    nearest_cross_split,
)

SHOWN = 8
THUMBNAIL_PX = 150
COPY = DuplicateSettings().correlation


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Two pictures in different splits, how many hash bits differ and how alike they are.

    ``correlation`` is of the fine structure once one is laid over the other, -1 to 1; None when
    a picture cannot be read. A copy has ``copy`` or more.
    """

    distance: float
    bits: int
    correlation: float | None
    copy: float
    held_out_id: str
    held_out_split: str
    train_id: str
    held_out_thumbnail: str
    train_thumbnail: str


def nearest_across_splits(facts: Facts, images: ImageStore) -> list[Neighbours]:
    """Return the closest pairs of held-out and training pictures, one per held-out picture."""
    columns = ["pair_id", "split", "image_digest", "perceptual_hash", "shape_hash"]
    kept = facts.kept.drop_duplicates("image_digest")[columns].fillna("").astype(str)
    pictures = [PlacedPicture(*row) for row in kept.itertuples(index=False, name=None)]
    return [_shown(near, images) for near in nearest_cross_split(pictures)[:SHOWN]]


def _shown(near: CrossSplitNeighbour, images: ImageStore) -> Neighbours:
    held_out, train = near.held_out, near.train
    return Neighbours(
        distance=near.distance,
        bits=HASH_BITS,
        correlation=_correlation(images, held_out.image_digest, train.image_digest),
        copy=COPY,
        held_out_id=held_out.pair_id,
        held_out_split=held_out.split,
        train_id=train.pair_id,
        held_out_thumbnail=thumbnail(images, held_out.image_digest, THUMBNAIL_PX),
        train_thumbnail=thumbnail(images, train.image_digest, THUMBNAIL_PX),
    )


def _correlation(images: ImageStore, first: str, second: str) -> float | None:
    one, two = _pixels(images, first), _pixels(images, second)
    if one is None or two is None:
        return None
    a, b = prepared(one), prepared(two)
    return round(likeness(a, b, stretch(a, b)).correlation, 2) + 0.0  # no minus before 0


def _pixels(images: ImageStore, digest: str) -> np.ndarray | None:
    try:
        return cv2.imdecode(np.frombuffer(images.read(digest), np.uint8), cv2.IMREAD_COLOR)
    except OSError:
        return None
