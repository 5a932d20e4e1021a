"""Rows of letters in a picture, and their likeness as dark letters on white to be read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from mmskin_build.duplicates.components import group_of
from mmskin_build.screening.components import FEATURES, Components
from mmskin_build.screening.marks import SURE, Look

LEAST_LETTERS = 4  # components in a row from which it may be a word worth reading
LEAST_DRAWN, DRAWN = 3, 0.05  # so many of them must look drawn, with at least this chance
LEAST_SURE, WORD_WIDTH = 2, 3.0  # or fewer, all surely drawn, so many times wider than high
SIDEWAYS = 1.0  # letter heights beside a row that are read too: its first letter may be missed
LETTER_HEIGHT = 34  # pixels to which letters are brought before they are read
MOST_ROWS = 24  # rows of one picture that are read, the most surely drawn first
_COLUMN = {name: i for i, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Writing:
    """What seems to be written in a picture.

    Attributes:
        boxes: x0, y0, x1, y1 of each row in pixels of the picture.
        strips: the rows one below the other, grey, as tesseract reads them best.
    """

    boxes: tuple[tuple[int, int, int, int], ...]
    strips: np.ndarray


def writing_of(image: np.ndarray, look: Look) -> Writing | None:
    """Return the writing in a BGR picture; None when no components stand in rows."""
    rows = text_rows(image, look)
    if not rows:
        return None
    strips = [_strip(image, row) for row in rows]
    width = max(s.shape[1] for s in strips)
    padded = [
        cv2.copyMakeBorder(s, 14, 14, 14, width - s.shape[1] + 14, cv2.BORDER_CONSTANT, value=255)
        for s in strips
    ]
    return Writing(tuple(row.box for row in rows), np.vstack(padded))


@dataclass(frozen=True, slots=True)
class TextRow:
    """A row of letters: its box x0, y0, x1, y1 in pixels, and the letters' colour and height."""

    box: tuple[int, int, int, int]
    ink: tuple[float, float, float]
    height: float


def text_rows(image: np.ndarray, look: Look) -> list[TextRow]:
    """Return where components stand in a row as letters do."""
    small, found = look.picture, look.found
    scale = image.shape[0] / small.shape[0]
    likely = _letter_like(found.features, look.chances)
    rows: list[tuple[float, TextRow]] = []
    for mask in np.unique(found.masks):
        own = np.flatnonzero((found.masks == mask) & likely)
        for members in _rows_of(found.boxes[own]):
            chosen = own[members]
            drawn = look.chances[chosen]
            if not _is_written(found.boxes[chosen], drawn):
                continue
            x, y, w, h = found.boxes[chosen, :4].T
            tall = float(np.median(h))
            side, above = SIDEWAYS * tall + 1, 0.3 * tall + 1
            box = (x.min() - side, y.min() - above, (x + w).max() + side, (y + h).max() + above)
            inside = _inside(tuple(v * scale for v in box), image.shape)
            row = TextRow(inside, _ink(small, found, chosen), tall * scale)
            rows.append((float(drawn.sum()), row))
    return _merged(rows)[:MOST_ROWS]


def _is_written(boxes: np.ndarray, drawn: np.ndarray) -> bool:
    """Tell letters from hairs and cells: many that may be drawn, or few that surely are."""
    if len(drawn) >= LEAST_LETTERS:
        return bool(np.sort(drawn)[-LEAST_DRAWN] >= DRAWN)
    x, w, h = boxes[:, 0], boxes[:, 2], boxes[:, 3]
    wide = (x + w).max() - x.min() > WORD_WIDTH * np.median(h)
    return bool(wide and (drawn > SURE).all())  # small letters touch: one component for several


def _ink(picture: np.ndarray, found: Components, members: np.ndarray) -> tuple[float, float, float]:
    """Return the colour (BGR) of the letters: the median over their pixels, edges left out."""
    colours = []
    for index in members:
        x, y, w, h = (int(v) for v in found.boxes[index])
        own = found.labels[found.masks[index]][y : y + h, x : x + w] == found.numbers[index]
        inner = cv2.erode(own.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
        colours.append(picture[y : y + h, x : x + w][inner if inner.any() else own])
    blue, green, red = np.median(np.concatenate(colours), axis=0)
    return float(blue), float(green), float(red)


def _letter_like(features: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    high, spread = features[:, _COLUMN["rel_height"]], features[:, _COLUMN["spread"]]
    sharp = features[:, _COLUMN["rim_gradient"]]
    # Small letters are all edge, neither flat nor of one colour, but look drawn.
    flat = (spread < 45) | (drawn > SURE)
    return np.asarray((high < 0.14) & flat & (sharp > 40) & ~_on_border(features))


def _on_border(features: np.ndarray) -> np.ndarray:
    return np.asarray(features[:, _COLUMN["border"]] > 0)


def _rows_of(boxes: np.ndarray) -> list[np.ndarray]:
    """Group components into rows of like height that stand close to one another."""
    if len(boxes) < LEAST_SURE:
        return []
    x, y, w, h = boxes[:, :4].T.astype(float)
    middle, tallest = y + h / 2, np.maximum(h[:, None], h[None])
    like = np.abs(np.log(h[:, None] / h[None])) < 0.7
    level = np.abs(middle[:, None] - middle[None]) < 0.45 * tallest
    gap = np.maximum(x[:, None] - (x + w)[None], x[None] - (x + w)[:, None])
    i, j = np.nonzero(like & level & (gap < 1.8 * tallest) & (gap > -0.3 * tallest))
    roots = np.array(group_of(len(boxes), zip(i.tolist(), j.tolist(), strict=True)))
    groups = [np.flatnonzero(roots == root) for root in np.unique(roots)]
    return [g for g in groups if len(g) >= LEAST_SURE and _is_line(boxes[g])]


def _is_line(boxes: np.ndarray) -> bool:
    x, y, w, h = boxes[:, :4].T.astype(float)
    width, height = (x + w).max() - x.min(), (y + h).max() - y.min()
    return bool(width > 1.8 * height and height < 2.2 * np.median(h))


def _inside(box: tuple[float, ...], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = box
    return max(0, int(x0)), max(0, int(y0)), min(shape[1], int(x1) + 1), min(shape[0], int(y1) + 1)


def _merged(rows: list[tuple[float, TextRow]]) -> list[TextRow]:
    """Return rows without those that another mask found too; those most surely drawn first.

    The paper between dark letters may pass for light ones, but its shapes look drawn less often.
    """
    kept: list[TextRow] = []
    for _, row in sorted(rows, key=lambda r: (-r[0], r[1].box)):
        same = next((k for k, other in enumerate(kept) if _covers(other.box, row.box)), None)
        if same is None:
            kept.append(row)
        else:
            kept[same] = _lengthened(kept[same], row)
    return kept


def _lengthened(row: TextRow, other: TextRow) -> TextRow:
    """Return the row with what another mask found of its line to the left and right."""
    x0, y0, x1, y1 = row.box
    if other.box[3] - other.box[1] > 1.5 * (y1 - y0):
        return row
    return replace(row, box=(min(x0, other.box[0]), y0, max(x1, other.box[2]), y1))


def _covers(other: tuple[int, ...], row: tuple[int, ...]) -> bool:
    wide = min(other[2], row[2]) - max(other[0], row[0])
    high = min(other[3], row[3]) - max(other[1], row[1])
    size = min((box[2] - box[0]) * (box[3] - box[1]) for box in (row, other))
    return wide > 0 and high > 0 and wide * high > 0.6 * size


def _strip(image: np.ndarray, row: TextRow) -> np.ndarray:
    """Return a row as dark letters on white, by likeness to their colour, at the reading size."""
    x0, y0, x1, y1 = row.box
    scale = LETTER_HEIGHT / max(6.0, row.height)
    window = cv2.resize(
        image[y0:y1, x0:x1], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC
    )
    apart = np.abs(window.astype(np.float32) - np.array(row.ink, np.float32)).max(axis=2)
    reach = max(50.0, 0.8 * float(np.percentile(apart, 60)))
    return np.asarray(np.clip(apart / reach * 255, 0, 255), np.uint8)
