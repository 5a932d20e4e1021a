"""The proof that splits do not leak: the most similar pictures that lie in different splits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmskin_build.images import ImageStore
from mmskin_build.report.examples import thumbnail
from mmskin_build.report.facts import Facts

SHOWN = 6
THUMBNAIL_PX = 150


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Two pictures in different splits and how many of their hash bits differ."""

    distance: int
    bits: int
    held_out_id: str
    held_out_split: str
    train_id: str
    held_out_thumbnail: str
    train_thumbnail: str


def nearest_across_splits(facts: Facts, images: ImageStore) -> list[Neighbours]:
    """Return the closest pairs of held-out and training pictures, one per held-out picture."""
    known = facts.kept["perceptual_hash"].map(lambda h: isinstance(h, str) and h != "")
    kept = facts.kept[known.astype(bool)]
    train = kept[kept["split"] == "train"].drop_duplicates("image_digest")
    held_out = kept[kept["split"].isin(["validation", "test"])].drop_duplicates("image_digest")
    lengths = {len(h) for h in kept["perceptual_hash"]}
    if train.empty or held_out.empty or len(lengths) != 1:
        return []
    train_bits = _bits(list(train["perceptual_hash"]))
    found: list[tuple[int, int, int]] = []
    for number, row in enumerate(_bits(list(held_out["perceptual_hash"]))):
        distances = (train_bits != row).sum(axis=1)
        nearest = int(distances.argmin())
        found.append((int(distances[nearest]), number, nearest))
    result = []
    for distance, number, nearest in sorted(found)[:SHOWN]:
        a, b = held_out.iloc[number], train.iloc[nearest]
        result.append(
            Neighbours(
                distance=distance,
                bits=train_bits.shape[1],
                held_out_id=str(a["pair_id"]),
                held_out_split=str(a["split"]),
                train_id=str(b["pair_id"]),
                held_out_thumbnail=thumbnail(images, str(a["image_digest"]), THUMBNAIL_PX),
                train_thumbnail=thumbnail(images, str(b["image_digest"]), THUMBNAIL_PX),
            )
        )
    return result


def _bits(hashes: list[str]) -> NDArray[np.uint8]:
    width = len(hashes[0]) + len(hashes[0]) % 2
    data = b"".join(bytes.fromhex(h.rjust(width, "0")) for h in hashes)
    return np.unpackbits(np.frombuffer(data, np.uint8).reshape(len(hashes), -1), axis=1)
