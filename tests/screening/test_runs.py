"""Sums over runs say what sums over pixels say."""

from __future__ import annotations

import cv2
import numpy as np

from mmskin_build.screening.runs import Runs, boxes_of, moments, runs_of, window_around


def blobs(seed: int = 0) -> tuple[np.ndarray, int, np.ndarray]:
    """Return a mask of many odd shapes, some at the edges, with its components."""
    noise = np.random.default_rng(seed).random((60, 80), np.float32)
    mask = cv2.GaussianBlur(noise, (0, 0), 1.5) > 0.52
    mask[10:13] = True  # full rows: a run must end with its row
    count, label = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
    return mask, count, label


def test_boxes_and_areas_are_those_of_the_components() -> None:
    mask, count, label = blobs()
    stats = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)[2]
    assert count > 10
    found = {tuple(row) for row in boxes_of(runs_of(mask, label), count)[1:].tolist()}
    assert found == {tuple(row) for row in stats[1:].tolist()}


def test_an_empty_mask_has_no_runs() -> None:
    empty = np.zeros((5, 7), bool)
    runs = runs_of(empty, np.zeros((5, 7), np.int32))
    assert len(runs.pixels) == 0
    assert boxes_of(runs, 1).tolist() == [[0] * 5]
    assert runs.totals(np.zeros(0), 1).tolist() == [0]


def chosen(mask: np.ndarray, count: int, label: np.ndarray) -> tuple[Runs, np.ndarray, list[int]]:
    """Return the runs of every other component, numbered anew, and their boxes in the window."""
    runs = runs_of(mask, label)
    stats, numbers = boxes_of(runs, count), list(range(2, count, 2))
    anew = np.zeros(count, np.uint16)
    anew[numbers] = np.arange(1, len(numbers) + 1)
    window = window_around(stats[numbers], 0, mask.shape)
    corner = np.array([window.x0, window.y0, 0, 0, 0])
    return runs.renumbered(anew, window), stats[numbers] - corner, numbers


def test_moments_are_those_of_the_pixels() -> None:
    mask, count, label = blobs()
    runs, boxes, numbers = chosen(mask, count, label)
    found = moments(runs, boxes)
    for place, number in enumerate(numbers):
        y, x = np.nonzero(label == number)
        x, y = x - x.mean(), y - y.mean()
        for name, values in found.items():
            product = x ** name.count("x") * y ** name.count("y")
            assert np.isclose(values[place], product.mean(), rtol=1e-9, atol=1e-9)


def test_totals_and_tops_are_those_of_the_pixels() -> None:
    mask, count, label = blobs()
    values = np.random.default_rng(1).integers(0, 256, mask.shape).astype(np.uint32)
    runs = runs_of(mask, label)
    inside = values.ravel()[runs.pixels]
    totals, tops = runs.totals(inside, count), runs.tops(inside, count)
    for number in range(1, count):
        own = values[label == number]
        assert (totals[number], tops[number]) == (own.sum(), own.max())
