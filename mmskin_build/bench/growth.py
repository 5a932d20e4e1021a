"""How a build's cost grows with the length of a book and with the number of books."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Growth:
    """One measured build."""

    pages: int
    books: int
    cpu_seconds: float
    wall_seconds: float
    parent_mb: float  # peak resident memory of the process that plans and merges
    worker_mb: dict[str, float]  # of the largest worker, per stage
    sizes_mb: dict[str, float]  # tables, parts, receipts, pictures
    again_cpu_seconds: float  # of a second run in which nothing is left to do
    one_more_cpu_seconds: float  # of a run for one more book of the same size; 0: not measured


def exponent(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return b of the line through log y = a + b log x (least squares); 1 means linear."""
    u, v = [math.log(x) for x in xs], [math.log(y) for y in ys]
    mean_u, mean_v = sum(u) / len(u), sum(v) / len(v)
    spread = sum((a - mean_u) ** 2 for a in u)
    return sum((a - mean_u) * (b - mean_v) for a, b in zip(u, v, strict=True)) / spread
