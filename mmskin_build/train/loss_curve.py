"""The loss of a run as a table and as a picture."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageDraw

_WIDTH, _HEIGHT = 960, 540
_LEFT, _TOP, _RIGHT, _BOTTOM = 80, 50, 930, 480
_INK, _GRID, _LINE, _SMOOTH, _DOT = "#222222", "#dddddd", "#b8cfe6", "#1f5f9f", "#c0392b"
_TICKS = 5


@dataclass(frozen=True, slots=True)
class LossPoint:
    """A loss at a step; ``split`` is 'train' or 'validation'."""

    step: int
    split: str
    loss: float


def write_loss_table(path: Path, points: Sequence[LossPoint]) -> None:
    """Write step, split and loss as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["step", "split", "loss"])
        writer.writerows([p.step, p.split, f"{p.loss:.6f}"] for p in points)


def draw_loss_curve(path: Path, points: Sequence[LossPoint], title: str) -> None:
    """Draw the training loss (raw and smoothed) and the validation losses as PNG."""
    from PIL import Image, ImageDraw

    shown = [p for p in points if math.isfinite(p.loss)]
    if not shown:
        return
    image = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    steps, top = max(p.step for p in shown) or 1, max(p.loss for p in shown) or 1.0
    _axes(draw, steps, top, title)
    train = [p for p in shown if p.split == "train"]
    draw.line([_place(p.step, p.loss, steps, top) for p in train], fill=_LINE, width=1)
    smooth = zip(train, _smoothed(train), strict=True)
    draw.line([_place(p.step, loss, steps, top) for p, loss in smooth], fill=_SMOOTH, width=3)
    for point in shown:
        if point.split == "validation":
            x, y = _place(point.step, point.loss, steps, top)
            draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=_DOT)
    image.save(path)


def _place(step: int, loss: float, steps: int, top: float) -> tuple[float, float]:
    x = _LEFT + (_RIGHT - _LEFT) * step / steps
    return x, _BOTTOM - (_BOTTOM - _TOP) * loss / top


def _smoothed(points: Sequence[LossPoint], keep: float = 0.9) -> list[float]:
    """Return an exponential moving average, corrected for its start."""
    average, weight, out = 0.0, 0.0, []
    for point in points:
        average = keep * average + (1 - keep) * point.loss
        weight = keep * weight + (1 - keep)
        out.append(average / weight)
    return out


def _axes(draw: ImageDraw.ImageDraw, steps: int, top: float, title: str) -> None:
    from PIL import ImageFont

    font, large = ImageFont.load_default(14), ImageFont.load_default(18)
    draw.text((_LEFT, 14), title, fill=_INK, font=large)
    for tick in range(_TICKS + 1):
        x, y = _place(steps * tick // _TICKS, top * tick / _TICKS, steps, top)
        draw.line((_LEFT, y, _RIGHT, y), fill=_GRID)
        draw.text((_LEFT - 10, y), f"{top * tick / _TICKS:.2f}", fill=_INK, font=font, anchor="rm")
        draw.text((x, _BOTTOM + 8), str(steps * tick // _TICKS), fill=_INK, font=font, anchor="mt")
    legend = "training loss (thin: each step, thick: smoothed); red: validation; x: step"
    draw.text((_LEFT, _BOTTOM + 34), legend, fill=_INK, font=font)
