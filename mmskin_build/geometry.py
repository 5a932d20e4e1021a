"""Small pure functions on boxes ``(x0, y0, x1, y1)``: PDF points, origin top-left, y downwards.

Pages are as displayed: CropBox applied, ``/Rotate`` applied.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

Box = tuple[float, float, float, float]


def width(box: Box) -> float:
    """Return the width of a box, never negative."""
    extent = box[2] - box[0]
    return extent if extent > 0.0 else 0.0


def height(box: Box) -> float:
    """Return the height of a box, never negative."""
    extent = box[3] - box[1]
    return extent if extent > 0.0 else 0.0


def area(box: Box) -> float:
    """Return the area of a box in square points."""
    x0, y0, x1, y1 = box
    return (x1 - x0) * (y1 - y0) if x1 > x0 and y1 > y0 else 0.0


def intersection(a: Box, b: Box) -> Box | None:
    """Return the common part of two boxes, or None when they do not overlap."""
    # Comparisons instead of max() and min(): a page asks for this some thousand times.
    ax0, ay0, ax1, ay1 = a
    bx0, by0, bx1, by1 = b
    x0, x1 = (bx0 if bx0 > ax0 else ax0), (bx1 if bx1 < ax1 else ax1)
    if x0 >= x1:
        return None
    y0, y1 = (by0 if by0 > ay0 else ay0), (by1 if by1 < ay1 else ay1)
    return (x0, y0, x1, y1) if y0 < y1 else None


def overlap_area(a: Box, b: Box) -> float:
    """Return the area two boxes share."""
    common = intersection(a, b)
    return area(common) if common else 0.0


def iou(a: Box, b: Box) -> float:
    """Return intersection over union of two boxes, 0 to 1."""
    shared = overlap_area(a, b)
    return shared / (area(a) + area(b) - shared) if shared else 0.0


def covered(inner: Box, outer: Box) -> float:
    """Return the share of ``inner`` that lies within ``outer``, 0 to 1."""
    common = intersection(inner, outer)
    if common is None:
        return 0.0
    whole = area(inner)
    return area(common) / whole if whole else 0.0


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around all boxes; raises ValueError when there is none."""
    items = list(boxes)
    if not items:
        raise ValueError("union of no boxes")
    x0, y0, x1, y1 = zip(*items, strict=True)
    return (min(x0), min(y0), max(x1), max(y1))


def distance(a: Box, b: Box) -> float:
    """Return the straight distance between two boxes, 0 when they touch."""
    dx = max(0.0, a[0] - b[2], b[0] - a[2])
    dy = max(0.0, a[1] - b[3], b[1] - a[3])
    return math.hypot(dx, dy)


def rounded(box: Iterable[float], digits: int = 2) -> Box:
    """Return the box with rounded coordinates, as stored in tables."""
    x0, y0, x1, y1 = box
    return (
        round(float(x0), digits),
        round(float(y0), digits),
        round(float(x1), digits),
        round(float(y1), digits),
    )
