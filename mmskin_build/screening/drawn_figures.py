"""Draws figures that are no photographs: diagrams, charts, tables, plates with letters below."""

from __future__ import annotations

import random

import cv2
import numpy as np
from PIL import Image, ImageDraw

from mmskin_build.screening.drawn_marks import FONTS, WORDS, Canvas, as_bgr, draw_arrow, font_of

PASTELS = (
    (255, 240, 215), (215, 230, 255), (225, 245, 220), (255, 220, 225), (250, 250, 205),
    (230, 220, 250), (200, 170, 140), (240, 200, 170), (190, 110, 60), (90, 140, 200),
)  # fmt: skip
PAPERS = ((255, 255, 255), (255, 255, 255), (255, 255, 255), (253, 248, 235), (235, 240, 248))
DARKS = ((0, 0, 0), (30, 30, 30), (60, 60, 90))


def draw_figure(photos: list[np.ndarray], seed: int) -> np.ndarray:
    """Return a drawn figure; ``photos`` are used where the figure holds photographs."""
    pick = random.Random(seed)
    size = (pick.randint(300, 680), pick.randint(220, 600))
    canvas = Canvas(Image.new("RGB", size, pick.choice(PAPERS)), pick)
    pick.choice((_diagram, _chart, _table, _plate, _labelled_photo))(canvas, photos)
    return as_bgr(canvas.picture)


def _write(canvas: Canvas, x: float, y: float, scale: float = 2.6) -> None:
    font = font_of(canvas.random.choice(FONTS), max(8, round(canvas.unit * scale)))
    text = " ".join(canvas.random.choice(WORDS) for _ in range(canvas.random.randint(1, 3)))
    ImageDraw.Draw(canvas.picture).text((x, y), text, fill=canvas.random.choice(DARKS), font=font)


def _diagram(canvas: Canvas, photos: list[np.ndarray]) -> None:
    pick, pen = canvas.random, ImageDraw.Draw(canvas.picture)
    for _ in range(pick.randint(3, 10)):
        x, y = canvas.spot()
        a, b = canvas.unit * pick.uniform(4, 18), canvas.unit * pick.uniform(3, 12)
        shape = pick.choice((pen.ellipse, pen.rectangle))
        edge = pick.choice(DARKS) if pick.random() < 0.7 else None
        shape([x - a, y - b, x + a, y + b], fill=pick.choice(PASTELS), outline=edge)
        if pick.random() < 0.7:
            _write(canvas, x - a * 0.7, y - b * 0.3)
    for _ in range(pick.randint(0, 5)):
        draw_arrow(canvas, pick.choice(DARKS))
    for _ in range(pick.randint(1, 4)):
        _write(canvas, *canvas.spot())


def _chart(canvas: Canvas, photos: list[np.ndarray]) -> None:
    pick, pen = canvas.random, ImageDraw.Draw(canvas.picture)
    width, height = canvas.picture.size
    left, base, wide = 0.14 * width, 0.86 * height, max(1, round(canvas.unit * 0.3))
    pen.line(
        [(left, 0.06 * height), (left, base), (0.96 * width, base)], fill=(0, 0, 0), width=wide
    )
    colours = [pick.choice(((200, 40, 30), (30, 80, 180), (20, 140, 70), (0, 0, 0))) for _ in "ab"]
    for colour in colours:
        points = [
            (left + (0.94 * width - left) * i / 11, pick.uniform(0.1, 0.85) * height)
            for i in range(12)
        ]
        if pick.random() < 0.5:
            pen.line(points, fill=colour, width=wide + 1)
        else:
            for x, y in points[::2]:
                pen.rectangle([x, y, x + width * 0.04, base], fill=colour)
    for step in range(5):
        _write(canvas, 0.02 * width, (0.1 + 0.17 * step) * height, 2.2)
        _write(canvas, (0.16 + 0.17 * step) * width, 0.89 * height, 2.2)


def _table(canvas: Canvas, photos: list[np.ndarray]) -> None:
    pick, pen = canvas.random, ImageDraw.Draw(canvas.picture)
    width, height = canvas.picture.size
    rows, columns = pick.randint(4, 14), pick.randint(2, 5)
    pen.rectangle([0, 0, width, height / rows], fill=pick.choice(PASTELS))
    for row in range(rows):
        y = row * height / rows
        pen.line([(0, y), (width, y)], fill=(120, 120, 120))
        for column in range(columns):
            _write(canvas, (column + 0.05) * width / columns, y + canvas.unit, 1.9)
    for column in range(columns + 1):
        x = column * width / columns
        pen.line([(x, 0), (x, height)], fill=(120, 120, 120))


def _paste(canvas: Canvas, photo: np.ndarray, box: tuple[int, int, int, int]) -> None:
    picture = Image.fromarray(cv2.cvtColor(photo, cv2.COLOR_BGR2RGB))
    canvas.picture.paste(picture.resize((box[2] - box[0], box[3] - box[1])), box[:2])


def _plate(canvas: Canvas, photos: list[np.ndarray]) -> None:
    """Two photographs side by side on paper, with a letter below each."""
    width, height = canvas.picture.size
    bottom = round(0.86 * height)
    for half, letter in enumerate("ab"):
        left = round((0.5 * half + 0.02) * width)
        _paste(canvas, canvas.random.choice(photos), (left, 0, left + round(0.45 * width), bottom))
        font = font_of(canvas.random.choice(FONTS), max(9, round(canvas.unit * 3)))
        pen = ImageDraw.Draw(canvas.picture)
        pen.text(
            (left + 0.2 * width, bottom + canvas.unit), f"({letter})", fill=(0, 0, 0), font=font
        )


def _labelled_photo(canvas: Canvas, photos: list[np.ndarray]) -> None:
    """A photograph on paper whose parts are named in the margin."""
    pick, pen = canvas.random, ImageDraw.Draw(canvas.picture)
    width, height = canvas.picture.size
    edge = round(pick.uniform(0.6, 0.8) * width)
    _paste(canvas, pick.choice(photos), (0, 0, edge, height))
    wide = max(1, round(canvas.unit * 0.25))
    for _ in range(pick.randint(1, 4)):
        y = pick.uniform(0.05, 0.9) * height
        target = (pick.uniform(0.2, 0.95) * edge, pick.uniform(0.1, 0.9) * height)
        pen.line([(edge + canvas.unit, y), target], fill=pick.choice(DARKS), width=wide)
        _write(canvas, edge + 1.5 * canvas.unit, y - canvas.unit)
