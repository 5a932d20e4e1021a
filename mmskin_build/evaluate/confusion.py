"""A confusion matrix as a picture: rows are the true classes, each adding up to 1."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageDraw

_UNCLEAR = "no clear answer"
_LONGEST = 34  # letters of a class name; longer ones are cut
_CELL, _LETTER, _PAD = 46, 7, 14  # pixels
_INK, _PALE = (34, 34, 34), (255, 255, 255)
_FULL = (31, 95, 159)


def draw_confusion(classes: Sequence[str], counts: Sequence[Sequence[int]], path: Path) -> None:
    """Draw ``counts`` (one line per true class, the last column for unclear answers) as PNG.

    The column of unclear answers is shown only where there are any.
    """
    from PIL import Image, ImageDraw

    names = [_short(name) for name in classes]
    shown = [*names, _UNCLEAR] if any(line[-1] for line in counts) else names
    left = _PAD * 2 + _LETTER * max(len(name) for name in (*names, "true class"))
    numbers = len(str(len(shown)))
    top = _PAD * 3 + _LETTER * 2
    size = left + _CELL * len(shown) + _PAD, top + _CELL * len(names) + _PAD
    image = Image.new("RGB", (max(size[0], 420), size[1] + 18 * len(shown) + _PAD), _PALE)
    draw = ImageDraw.Draw(image)
    _text(draw, (_PAD, _PAD), "rows: true class, columns: predicted, share of the row and count")
    for column in range(len(shown)):
        _text(draw, (left + _CELL * (column + 0.5), top - 10), str(column + 1), "mm")
    for row, name in enumerate(names):
        y = top + _CELL * row
        _text(draw, (left - 8, y + _CELL / 2), f"{row + 1:>{numbers}} {name}", "rm")
        total = max(1, sum(counts[row]))
        for column in range(len(shown)):
            _cell(draw, (left + _CELL * column, y), counts[row][column], total)
    for number, name in enumerate(shown):
        _text(draw, (_PAD, size[1] + 18 * number), f"{number + 1:>{numbers}}  {name}")
    image.save(path)


def _cell(draw: ImageDraw.ImageDraw, corner: tuple[float, float], count: int, total: int) -> None:
    share = count / total
    mixed = [round(p + (f - p) * share) for p, f in zip(_PALE, _FULL, strict=True)]
    colour = (mixed[0], mixed[1], mixed[2])
    x, y = corner
    draw.rectangle((x, y, x + _CELL - 2, y + _CELL - 2), fill=colour, outline=(221, 221, 221))
    if count:
        ink = _PALE if share > 0.5 else _INK
        middle = x + _CELL / 2 - 1
        _text(draw, (middle, y + 16), f"{share:.2f}", "mm", ink)
        _text(draw, (middle, y + 32), str(count), "mm", ink)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _text(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    anchor: str = "la",
    ink: tuple[int, int, int] = _INK,
) -> None:
    from PIL import ImageFont

    draw.text(place, text, fill=ink, font=ImageFont.load_default(12), anchor=anchor)
