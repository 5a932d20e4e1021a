"""Charts and diagrams drawn as vectors: the figures that are not pictures of skin."""

from __future__ import annotations

import math

import pymupdf

from mmskin_build.geometry import Box
from mmskin_build.sample.typesetting import GREY, INK, Press, measure

_SERIES = (
    ((0.16, 0.35, 0.60), "rash", 0.62, 0.9),
    ((0.75, 0.30, 0.22), "mole check", 0.40, 1.7),
    ((0.25, 0.52, 0.34), "itch", 0.22, 2.4),
)
_BARS = (("Eczema", 0.92), ("Naevus", 0.74), ("Psoriasis", 0.55), ("Tinea", 0.31), ("Other", 0.47))


def draw_chart(press: Press, kind: str, box: Box) -> None:
    """Draw the chart ``kind`` ('lines', 'bars' or 'flow') into a box."""
    {"lines": _lines, "bars": _bars, "flow": _flow}[kind](press, box)


def _axes(press: Press, box: Box) -> Box:
    x0, y0, x1, y1 = box[0] + 26, box[1] + 6, box[2] - 6, box[3] - 18
    page = press.page
    page.draw_line((x0, y0), (x0, y1), color=INK, width=0.8)
    page.draw_line((x0, y1), (x1, y1), color=INK, width=0.8)
    for step in range(5):
        y = y1 - (y1 - y0) * step / 4
        page.draw_line((x0 - 3, y), (x0, y), color=INK, width=0.6)
        page.draw_line((x0, y), (x1, y), color=(0.85, 0.85, 0.85), width=0.3)
        press.write(str(step * 25), (x0 - 17, y + 2.4), 6.5, "helv")
    return (x0, y0, x1, y1)


def _lines(press: Press, box: Box) -> None:
    x0, y0, x1, y1 = _axes(press, box)
    for color, name, level, phase in _SERIES:
        points = []
        for month in range(12):
            value = level + 0.17 * math.sin(month / 11 * 5.2 + phase) + 0.02 * (month % 3)
            points.append(pymupdf.Point(x0 + (x1 - x0) * month / 11, y1 - (y1 - y0) * value))
        press.page.draw_polyline(points, color=color, width=1.3)
        press.write(name, (points[-1].x - 42, points[-1].y - 5), 6.5, "helv", color)
    for month, letter in enumerate("JFMAMJJASOND"):
        press.write(letter, (x0 + (x1 - x0) * month / 11 - 2, y1 + 10), 6.5, "helv")


def _bars(press: Press, box: Box) -> None:
    x0, y0, x1, y1 = _axes(press, box)
    step = (x1 - x0) / len(_BARS)
    for number, (name, share) in enumerate(_BARS):
        left = x0 + step * (number + 0.2)
        rect = pymupdf.Rect(left, y1 - (y1 - y0) * share, left + step * 0.6, y1)
        press.page.draw_rect(rect, color=INK, fill=(0.45, 0.58, 0.70), width=0.5)
        press.write(name, (left, y1 + 10), 6.5, "helv")


def _flow(press: Press, box: Box) -> None:
    x0, y0, x1, y1 = box
    width, height = (x1 - x0) * 0.27, (y1 - y0) * 0.26
    spots = {
        "New or changing?": (0.0, 0.0),
        "Lens examination": (0.5, 0.0),
        "Benign pattern": (0.5, 0.5),
        "Suspicious": (1.0, 0.0),
        "Photograph, 3 months": (0.0, 1.0),
        "Follow-up": (0.5, 1.0),
        "Biopsy": (1.0, 1.0),
    }
    boxes = {}
    for name, (fx, fy) in spots.items():
        left, top = x0 + fx * (x1 - x0 - width), y0 + fy * (y1 - y0 - height)
        boxes[name] = pymupdf.Rect(left, top, left + width, top + height)
        press.page.draw_rect(boxes[name], color=INK, fill=(0.94, 0.95, 0.97), width=0.7)
        size = measure(name, "helv", 6.8)
        press.write(name, (left + (width - size) / 2, top + height / 2 + 2.4), 6.8, "helv")
    for start, end in (
        ("New or changing?", "Lens examination"),
        ("Lens examination", "Suspicious"),
        ("Lens examination", "Benign pattern"),
        ("New or changing?", "Photograph, 3 months"),
        ("Benign pattern", "Follow-up"),
        ("Suspicious", "Biopsy"),
    ):
        _connect(press, boxes[start], boxes[end])


def _connect(press: Press, start: pymupdf.Rect, end: pymupdf.Rect) -> None:
    if end.x0 > start.x1:
        a = pymupdf.Point(start.x1, (start.y0 + start.y1) / 2)
        b = pymupdf.Point(end.x0, (end.y0 + end.y1) / 2)
        head = [b, pymupdf.Point(b.x - 5, b.y - 2.5), pymupdf.Point(b.x - 5, b.y + 2.5)]
    else:
        a = pymupdf.Point((start.x0 + start.x1) / 2, start.y1)
        b = pymupdf.Point((end.x0 + end.x1) / 2, end.y0)
        head = [b, pymupdf.Point(b.x - 2.5, b.y - 5), pymupdf.Point(b.x + 2.5, b.y - 5)]
    press.page.draw_line(a, b, color=GREY, width=0.8)
    press.page.draw_polyline([*head, head[0]], color=GREY, fill=GREY, width=0.5)
