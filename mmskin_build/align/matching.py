"""The assignment of most weight between two sets, by shortest augmenting paths."""

from __future__ import annotations

from collections.abc import Sequence

Weights = Sequence[Sequence[float]]


def best_assignment(weights: Weights) -> list[tuple[int, int]]:
    """Return the pairs (row, column) whose weights have the largest sum, by row.

    Every row is given a column of its own, or every column a row when columns are fewer.

    Pages have a handful of rows and columns: on these this is faster than a call into a
    library, whose import alone takes longer than the pages of a paper.

    Source: H. W. Kuhn 1955; with potentials, J. Munkres 1957; as shortest augmenting paths,
    R. Jonker and A. Volgenant 1987.
    """
    rows, columns = len(weights), len(weights[0]) if weights else 0
    if rows > columns:
        turned = [[weights[i][j] for i in range(rows)] for j in range(columns)]
        return sorted((i, j) for j, i in best_assignment(turned))
    holder = _Search(weights, columns)
    for row in range(rows):
        holder.place(row)
    return sorted((row, column) for column, row in enumerate(holder.row_of) if row >= 0)


class _Search:
    """Rows placed so far, with potentials that keep every reduced cost at or above zero."""

    def __init__(self, weights: Weights, columns: int) -> None:
        self._weights = weights
        self._columns = range(columns)
        self._of_row = [0.0] * len(weights)
        self._of_column = [0.0] * columns
        self.row_of = [-1] * columns

    def place(self, row: int) -> None:
        """Give a row a column; rows before it may move to make room."""
        best = [float("inf")] * len(self._columns)
        came_from = [-1] * len(self._columns)
        seen: list[int] = []
        free = set(self._columns)
        column, here = -1, row
        while here >= 0:
            self._reach(here, column, (best, came_from, free))
            column = min(free, key=lambda j: (best[j], j))
            self._shift(best[column], row, (seen, best, free))
            seen.append(column)
            free.remove(column)
            here = self.row_of[column]
        while column >= 0:
            before = came_from[column]
            self.row_of[column] = row if before < 0 else self.row_of[before]
            column = before

    def _reach(self, row: int, column: int, path: tuple[list[float], list[int], set[int]]) -> None:
        """Note which free columns are reached at less cost from a row."""
        best, came_from, free = path
        for j in free:
            cost = -self._weights[row][j] - self._of_row[row] - self._of_column[j]
            if cost < best[j]:
                best[j], came_from[j] = cost, column

    def _shift(self, delta: float, row: int, path: tuple[list[int], list[float], set[int]]) -> None:
        """Move the potentials so that the next column costs nothing."""
        seen, best, free = path
        self._of_row[row] += delta
        for j in seen:
            self._of_row[self.row_of[j]] += delta
            self._of_column[j] -= delta
        for j in free:
            best[j] -= delta
