"""Damage bytes as disks, networks and enemies do; the same seed always does the same."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

EXTREMES = (b"0", b"-1", b"65536", b"2147483648", b"99999999999999999999", b"1e308", b"nan", b"")
_NUMBER = re.compile(rb"\d+")
_WORD = re.compile(rb"/[A-Z][A-Za-z]+|[a-z_]{3,}")


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes with one to eight changes."""
    for _ in range(rng.randint(1, 8)):
        data = rng.choice(_CHANGES)(data, rng)
    return data


def _flip(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(1) + data[at + 1 :]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.choice((1, 4, 60))) + data[at:]


def _delete(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.choice((1, 10, 500)) :]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    piece = data[at : at + rng.choice((1, 40, 800))]
    return data[:at] + piece * rng.randint(2, 5) + data[at:]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)] if rng.random() < 0.2 else data


def _number(data: bytes, rng: random.Random) -> bytes:
    return _replace(data, _NUMBER, lambda _: rng.choice(EXTREMES), rng)


def _word(data: bytes, rng: random.Random) -> bytes:
    words = _WORD.findall(data)
    return _replace(data, _WORD, lambda _: rng.choice(words), rng)


def _replace(
    data: bytes,
    pattern: re.Pattern[bytes],
    by: Callable[[re.Match[bytes]], bytes],
    rng: random.Random,
) -> bytes:
    found = list(pattern.finditer(data))
    if not found:
        return data
    match = rng.choice(found)
    return data[: match.start()] + by(match) + data[match.end() :]


_CHANGES = (_flip, _insert, _delete, _repeat, _cut, _number, _word)
