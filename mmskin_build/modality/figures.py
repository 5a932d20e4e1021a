"""Two small drawings for the docs: how honest the probabilities are, and what accepting costs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mmskin_build.modality.acceptance import acceptance, accepted, wilson
from mmskin_build.modality.model_card import BINS, ERROR_RATES
from mmskin_build.modality.training import LeftOut

WIDTH, HEIGHT = 440, 320  # pixels of a drawing
LEFT, RIGHT, TOP, BOTTOM = 60, 16, 34, 46  # margins around the axes
OWN, PRINTED = "#0b5394", "#b45f06"
LEAST_SHOWN = 20  # pictures from which a share of right ones says something

Point = tuple[float, float]
Axis = tuple[float, float]


def write_figures(left: LeftOut, folder: Path) -> tuple[Path, Path]:
    """Write ``modality-reliability.svg`` and ``modality-coverage.svg`` from left-out sources."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "modality-reliability.svg", folder / "modality-coverage.svg"
    for path, picture in zip(paths, (reliability(left), coverage(left)), strict=True):
        path.write_text(picture, encoding="utf-8", newline="\n")
    return paths


def reliability(left: LeftOut) -> str:
    """Return an SVG of stated probability against the share that is right, 95 % intervals."""
    place = _Scale((0.25, 1.0), (0.0, 1.0))
    marks = [_line([place(0.25, 0.25), place(1, 1)], "#999", dash=True)]
    for part, colour in _parts(left):
        first = part.probabilities.max(axis=1)
        right = part.probabilities.argmax(axis=1) == part.label
        for low, high in itertools.pairwise(BINS):
            own = (first >= low) & (first < high)
            if own.any():
                stated, share = float(first[own].mean()), float(right[own].mean())
                bottom, top = wilson(int(right[own].sum()), int(own.sum()))
                marks.append(_line([place(stated, bottom), place(stated, top)], colour))
                marks.append(_dot(place(stated, share), colour, f"{own.sum()} pictures"))
    labels = ("stated probability", "share right")
    return _drawing("Reliability, each source left out", labels, place, marks, (0.25, 0.5, 0.75, 1))


def coverage(left: LeftOut) -> str:
    """Return an SVG of how many of the accepted are right, the surest accepted first."""
    place = _Scale((0.0, 1.0), (0.8, 1.0))
    marks = [_line([place(0, 0.98), place(1, 0.98)], "#999", dash=True)]
    chosen = {rate: accepted(left, rate) for rate in ERROR_RATES}
    for part, colour in _parts(left):
        ordered = np.sort(part.probabilities, axis=1)
        order = np.argsort(-(ordered[:, -1] - ordered[:, -2]), kind="stable")
        share = np.cumsum((part.probabilities.argmax(axis=1) == part.label)[order])
        share = share / np.arange(1, len(order) + 1)
        shown = range(LEAST_SHOWN, len(order), max(1, len(order) // 400))
        marks.append(_line([place((k + 1) / len(order), float(share[k])) for k in shown], colour))
        rows = left.version == 0 if part.version[0] == 0 else left.version > 0
        for rate, all_chosen in chosen.items():
            at = acceptance(part, all_chosen[rows])
            marks.append(_dot(place(at.accepted, at.right), colour, f"error_rate {rate}"))
    labels = ("share accepted without a person", "share of these right")
    title = "Coverage, each source left out (dots: settings of error_rate)"
    return _drawing(title, labels, place, marks, (0, 0.25, 0.5, 0.75, 1))


def _parts(left: LeftOut) -> tuple[tuple[LeftOut, str], ...]:
    """Return the pictures as they are and as books might print them, with their colours."""
    return (left.originals, OWN), (left.bookish, PRINTED)


class _Scale:
    """From values to pixels of the drawing."""

    def __init__(self, across: Axis, up: Axis) -> None:
        self.across, self.up = across, up

    def __call__(self, x: float, y: float) -> Point:
        x = (x - self.across[0]) / (self.across[1] - self.across[0])
        y = (y - self.up[0]) / (self.up[1] - self.up[0])
        return LEFT + x * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y * (HEIGHT - TOP - BOTTOM)


def _drawing(
    title: str,
    labels: tuple[str, str],
    place: _Scale,
    marks: Sequence[str],
    across: Sequence[float],
) -> str:
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" font-size="12">',
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(WIDTH / 2, 18, title, "middle"),
        *_axes(place, across),
        *marks,
        _text(WIDTH - RIGHT - 150, HEIGHT - BOTTOM - 30, "as they are", "start", OWN),
        _text(WIDTH - RIGHT - 150, HEIGHT - BOTTOM - 14, "as books might print", "start", PRINTED),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, labels[0], "middle"),
        f'<g transform="translate(14 {(TOP + HEIGHT - BOTTOM) / 2:g}) rotate(-90)">'
        f"{_text(0, 0, labels[1], 'middle')}</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _axes(place: _Scale, across: Sequence[float]) -> Iterator[str]:
    (x0, x1), (y0, y1) = place.across, place.up
    yield _line([place(x0, y1), place(x0, y0), place(x1, y0)], "#333")
    for x in across:
        at = place(x, y0)
        yield _text(at[0], at[1] + 16, f"{x:g}", "middle")
    for y in np.linspace(y0, y1, 5):
        at = place(x0, float(y))
        yield _line([(at[0] - 4, at[1]), at], "#333")
        yield _text(at[0] - 7, at[1] + 4, f"{y:.2f}", "end")


def _line(points: Sequence[Point], colour: str, dash: bool = False) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = ' stroke-dasharray="4 4"' if dash else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"{dashes}/>'


def _dot(at: Point, colour: str, note: str) -> str:
    x, y = at
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"><title>{note}</title></circle>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#111") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'
