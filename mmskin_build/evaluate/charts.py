"""The comparison with the blind baselines as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mmskin_build.evaluate.report import Report

if TYPE_CHECKING:
    from PIL import ImageDraw

    from mmskin_build.evaluate.aggregate import Figure

SHOWN = ("exact", "rouge-l", "recall", "closed_accuracy", "choice_accuracy")
_COLOURS = ("#1f5f9f", "#c9b458", "#b07aa1", "#9c9c9c")
_INK, _GRID = "#222222", "#dddddd"
_LEFT, _TOP, _HEIGHT, _BAR, _GAP = 70, 80, 320, 26, 34
_TICKS = 5


def draw_comparison(report: Report, path: Path, subset: str = "all") -> None:
    """Draw bars with intervals: for each metric the model and its blind baselines."""
    from PIL import Image, ImageDraw

    rows = [s for s in report.summaries if s.subset == subset]
    names = [n for n in SHOWN if any(s.figures[n].value is not None for s in rows)]
    group = _BAR * len(rows) + _GAP
    width = max(760, _LEFT + group * len(names) + 20)
    image = Image.new("RGB", (width, _TOP + _HEIGHT + 60), "white")
    draw = ImageDraw.Draw(image)
    _frame(draw, width, report.title, [s.model for s in rows])
    for place, name in enumerate(names):
        left = _LEFT + place * group + _GAP // 2
        for number, summary in enumerate(rows):
            _bar(draw, left + number * _BAR, summary.figures[name], _COLOURS[number % 4])
        centre = left + _BAR * len(rows) / 2
        _text(draw, (centre, _TOP + _HEIGHT + 10), name.replace("_", " "), "mt")
    image.save(path)


def _bar(draw: ImageDraw.ImageDraw, left: int, figure: Figure, colour: str) -> None:
    if figure.value is None:
        return
    draw.rectangle((left, _y(figure.value), left + _BAR - 4, _TOP + _HEIGHT), fill=colour)
    if figure.low is not None and figure.high is not None:
        middle = left + (_BAR - 4) // 2
        draw.line((middle, _y(figure.low), middle, _y(figure.high)), fill=_INK, width=2)


def _frame(draw: ImageDraw.ImageDraw, width: int, title: str, models: Sequence[str]) -> None:
    _text(draw, (_LEFT, 14), title, "la")
    for tick in range(_TICKS + 1):
        share = tick / _TICKS
        draw.line((_LEFT, _y(share), width - 20, _y(share)), fill=_GRID)
        _text(draw, (_LEFT - 8, _y(share)), f"{share:.1f}", "rm")
    left = _LEFT
    for number, model in enumerate(models):
        draw.rectangle((left, 48, left + 14, 62), fill=_COLOURS[number % 4])
        _text(draw, (left + 20, 55), model, "lm")
        left += 40 + 8 * len(model)


def _y(share: float) -> float:
    return _TOP + _HEIGHT * (1 - min(1.0, share))


def _text(draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, anchor: str) -> None:
    from PIL import ImageFont

    draw.text(place, text, fill=_INK, font=ImageFont.load_default(14), anchor=anchor)
