"""Groups of pictures that show the same photograph."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mmskin_build.duplicates.components import group_of
from mmskin_build.duplicates.fingerprint import Fingerprint, local_points
from mmskin_build.duplicates.neighbours import hash_pairs, local_pairs, mirrored_pairs
from mmskin_build.duplicates.settings import DuplicateSettings
from mmskin_build.duplicates.verify import (
    Likeness,
    glance,
    in_pixels,
    likeness,
    prepared,
    stretch,
    thumbnail,
)

LoadImage = Callable[[str], np.ndarray]
DESCRIPTOR_REACH = 26  # differing bits of 128 up to which two key points match
MOST_SCALE = 8.0  # between a picture and its crop, as shares of their longer sides
LEAST_GLANCE = 0.3  # correlation of thumbnails below which two pictures are not looked at again
MIN_SHARE = 0.08  # share of a picture another one must cover to be called its crop


@dataclass(frozen=True, slots=True)
class Copy:
    """Two pictures, by index, found to be the same; method as in ``Membership``."""

    first: int
    second: int
    method: str
    distance: float


def find_copies(
    prints: Sequence[Fingerprint], load: Callable[[int], np.ndarray], settings: DuplicateSettings
) -> list[Copy]:
    """Return verified copies among pictures with distinct bytes; ``load`` gives BGR pixels."""
    cached = functools.lru_cache(maxsize=512)(lambda i: prepared(load(i)))
    small = functools.cache(lambda i: thumbnail(cached(i)))  # 30 kB a picture
    copies: dict[tuple[int, int], Copy] = {}
    for i, j, bits in hash_pairs([p.perceptual_hash for p in prints], settings.hash_radius):
        alike = likeness(cached(i), cached(j), stretch(cached(i), cached(j)))
        if proves(alike, settings):
            copies[i, j] = Copy(i, j, "perceptual", float(bits))
    for i, j, bits in mirrored_pairs([p.perceptual_hash for p in prints], settings.hash_radius):
        turned = np.ascontiguousarray(cached(j)[:, ::-1])
        alike = likeness(cached(i), turned, stretch(cached(i), turned))
        if (i, j) not in copies and proves(alike, settings):
            copies[i, j] = Copy(i, j, "mirrored", float(bits))
    points = [local_points(p.local_features) for p in prints]
    for i, j in local_pairs([p["code"] for p in points], settings.least_points):
        if (i, j) in copies:
            continue
        guess = match_points(points[i], points[j], settings.least_inliers)
        if guess is None or glance(small(i), small(j), guess) < LEAST_GLANCE:
            continue
        alike = likeness(cached(i), cached(j), in_pixels(guess, cached(i), cached(j)))
        if proves(alike, settings) and max(alike.overlap, alike.cover) >= MIN_SHARE:
            copies[i, j] = Copy(i, j, "crop", round(1 - alike.correlation, 4))
    return [copies[key] for key in sorted(copies)]


def proves(alike: Likeness, settings: DuplicateSettings) -> bool:
    """Say whether the second measure confirms a copy."""
    return alike.correlation >= settings.correlation and alike.agreement >= settings.agreement


def match_points(first: np.ndarray, second: np.ndarray, least: int) -> np.ndarray | None:
    """Return the shift, turn and scale (second to first) most key points agree on, or None."""
    if len(first) < least or len(second) < least:
        return None
    a = np.unpackbits(first["code"], axis=1).astype(np.float32)
    b = np.unpackbits(second["code"], axis=1).astype(np.float32)
    apart = a.sum(1)[:, None] + b.sum(1)[None] - 2 * a @ b.T
    nearest = apart.argmin(axis=1)
    mutual = apart.argmin(axis=0)[nearest] == np.arange(len(first))
    good = np.flatnonzero(mutual & (apart[np.arange(len(first)), nearest] <= DESCRIPTOR_REACH))
    if len(good) < least:
        return None
    source = np.stack([second["x"][nearest[good]], second["y"][nearest[good]]], axis=1)
    target = np.stack([first["x"][good], first["y"][good]], axis=1)
    cv2.setRNGSeed(1)
    guess, inliers = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=0.015
    )
    if guess is None or int(inliers.sum()) < least:
        return None
    if not 1 / MOST_SCALE <= np.hypot(guess[0, 0], guess[1, 0]) <= MOST_SCALE:
        return None
    return np.asarray(guess)


@dataclass(frozen=True, slots=True)
class Membership:
    """The group a picture belongs to, by what its nearest copy was found, and all its copies."""

    group_id: str
    method: str  # 'perceptual', 'mirrored' or 'crop'
    distance: float
    links: tuple[str, ...] = ()  # digests of the pictures found to be the same, sorted


def find_groups(
    prints: Mapping[str, Fingerprint], load: LoadImage, settings: DuplicateSettings
) -> dict[str, Membership]:
    """Return the group of every picture that has a copy of other bytes, by image digest.

    Args:
        prints: fingerprint of every distinct picture by its digest.
        load: gives the BGR pixels of a digest.
        settings: limits of the search.
    """
    digests = sorted(prints)
    copies = find_copies([prints[d] for d in digests], lambda i: load(digests[i]), settings)
    roots = group_of(len(digests), ((c.first, c.second) for c in copies))
    nearest: dict[int, Copy] = {}
    links: dict[int, set[str]] = defaultdict(set)
    for copy in sorted(copies, key=lambda c: (c.method == "crop", c.distance)):
        nearest.setdefault(copy.first, copy)
        nearest.setdefault(copy.second, copy)
        links[copy.first].add(digests[copy.second])
        links[copy.second].add(digests[copy.first])
    return {
        digests[i]: Membership(
            group_id(digests[roots[i]]), c.method, c.distance, tuple(sorted(links[i]))
        )
        for i, c in sorted(nearest.items())
    }


def group_id(digest: str) -> str:
    """Return the name of the group whose smallest image digest is ``digest``."""
    return f"dup-{digest[:12]}"
