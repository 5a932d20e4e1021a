"""Candidate copies among many fingerprints, without comparing every picture with every other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

PART_BITS = 16
PARTS = 4
PIECES = 3
PIECE_BITS = 42
ODD_COLUMNS = 0x5555555555555555  # of the 8 by 8 frequencies in a perceptual hash
CROWD = 16  # a bucket with more members says nothing: plain background, printed rules


def hash_pairs(hashes: Sequence[str], radius: int) -> list[tuple[int, int, int]]:
    """Return (i, j, distance) of all 64-bit hashes at most ``radius`` bits apart, i < j.

    Multi-index hashing: two hashes within the radius agree up to ``radius // 4`` bits in at
    least one of their four 16-bit parts, so only such parts are joined.
    """
    codes = np.array([int(h, 16) for h in hashes], dtype=np.uint64)
    found: set[tuple[int, int]] = set()
    for part in range(PARTS):
        keys = ((codes >> np.uint64(PART_BITS * part)) & np.uint64(0xFFFF)).astype(np.uint32)
        for mask in _masks(radius // PARTS):
            for left, right in _join(keys, keys ^ np.uint32(mask)):
                near = _bits_apart(codes[left], codes[right]) <= radius
                ordered = np.sort(np.stack([left[near], right[near]], axis=1), axis=1)
                found.update(map(tuple, ordered[ordered[:, 0] < ordered[:, 1]].tolist()))
    return [(i, j, int(_bits_apart(codes[i], codes[j]))) for i, j in sorted(found)]


def mirrored_pairs(hashes: Sequence[str], radius: int) -> list[tuple[int, int, int]]:
    """Return (i, j, distance) of pictures of which one may be the other turned left to right.

    A mirrored picture has its odd horizontal frequencies negated, so its DCT hash is nearly the
    hash with every second bit turned (half of real pictures: within 4 of 64 bits).
    """
    turned = [f"{int(h, 16) ^ ODD_COLUMNS:016x}" for h in hashes]
    count = len(hashes)
    found = hash_pairs([*hashes, *turned], radius)
    across = ((i, j - count, bits) for i, j, bits in found if i < count <= j)
    return sorted((i, j, bits) for i, j, bits in across if i < j)


def _masks(flips: int) -> Iterator[int]:
    for count in range(flips + 1):
        for bits in itertools.combinations(range(PART_BITS), count):
            yield sum(1 << b for b in bits)


def _join(left: np.ndarray, right: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield index arrays of equal keys, in chunks that fit in memory."""
    order = np.argsort(right, kind="stable")
    sorted_right = right[order]
    starts = np.searchsorted(sorted_right, left, side="left")
    counts = np.searchsorted(sorted_right, left, side="right") - starts
    for chunk in np.array_split(np.arange(len(left)), max(1, int(counts.sum()) // 2_000_000)):
        repeat = counts[chunk]
        i = np.repeat(chunk, repeat)
        offset = np.arange(len(i)) - np.repeat(np.cumsum(repeat) - repeat, repeat)
        yield i, order[np.repeat(starts[chunk], repeat) + offset]


def _bits_apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    both = np.atleast_1d(np.asarray(a ^ b, dtype=np.uint64))
    bits = np.unpackbits(both.view(np.uint8).reshape(len(both), 8), axis=1).sum(axis=1)
    return np.asarray(bits if np.ndim(a) else bits[0])


def local_pairs(codes: Sequence[np.ndarray], least: int) -> list[tuple[int, int]]:
    """Return picture pairs of which at least ``least`` key points fall into common buckets.

    ``codes`` holds one (points, 16) byte array per picture. Every descriptor is filed under
    three 42-bit pieces of itself. A piece takes every third bit: neighbouring bits describe one
    spot and agree too often by chance.
    """
    owner = np.repeat(np.arange(len(codes)), [len(c) for c in codes])
    if not len(owner):
        return []
    bits = np.unpackbits(np.concatenate([np.asarray(c).reshape(-1, 16) for c in codes]), axis=1)
    votes = []
    for first in range(PIECES):
        chosen = np.packbits(bits[:, first : PIECES * PIECE_BITS : PIECES], axis=1)
        piece = np.zeros((len(chosen), 8), np.uint8)
        piece[:, : chosen.shape[1]] = chosen
        _, bucket = np.unique(piece.view("<u8").ravel(), return_inverse=True)
        votes.append(_bucket_votes(bucket, owner, len(codes)))
    keys, counts = np.unique(np.concatenate(votes), return_counts=True)
    keys = keys[counts >= least]
    return [(int(k) // len(codes), int(k) % len(codes)) for k in keys]


def _bucket_votes(piece: np.ndarray, owner: np.ndarray, pictures: int) -> np.ndarray:
    """Return i * pictures + j for each two pictures that share a bucket (once per bucket)."""
    filed = np.unique(piece.astype(np.int64) * pictures + owner)
    bucket, member = filed // pictures, filed % pictures
    starts = np.flatnonzero(np.r_[True, bucket[1:] != bucket[:-1]])
    sizes = np.diff(np.r_[starts, len(bucket)])
    votes = []
    for size in np.unique(sizes[(sizes > 1) & (sizes <= CROWD)]):
        block = member[starts[sizes == size][:, None] + np.arange(size)]
        for a, b in itertools.combinations(range(int(size)), 2):
            votes.append(block[:, a].astype(np.int64) * pictures + block[:, b])
    return np.concatenate(votes) if votes else np.zeros(0, np.int64)
