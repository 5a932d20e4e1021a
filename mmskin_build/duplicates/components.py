"""Connected components."""

from __future__ import annotations

from collections.abc import Iterable


def group_of(count: int, links: Iterable[tuple[int, int]]) -> list[int]:
    """Return for each of ``count`` items the smallest item it is linked to, directly or not."""
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in links:
        low, high = sorted((root(i), root(j)))
        parent[high] = low
    return [root(i) for i in range(count)]
