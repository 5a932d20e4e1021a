"""Tilted scans: pages are paired as if they lay level, and boxes are given as the page shows.

On a scan tilted by 3 degrees the right one of two pictures side by side lies 15 points lower than
the left one, further than the next row of a grid. Only the centres of boxes move; sides stay.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from mmskin_build.geometry import Box
from mmskin_build.records import Graphic, Page, ScanRegion, TextLine

Row = TypeVar("Row", TextLine, Graphic, ScanRegion)


def levelled(rows: Iterable[Row], page: Page) -> list[Row]:
    """Return the rows of a scanned page with their boxes as on the level page."""
    if not page.skew_deg:
        return list(rows)
    return [replace(row, bbox=_moved(row.bbox, page, page.skew_deg)) for row in rows]


def tilted(box: Box, page: Page) -> Box:
    """Return a box of the level page as it lies on the page as displayed."""
    return _moved(box, page, -page.skew_deg) if page.skew_deg else box


def _moved(box: Box, page: Page, degrees: float) -> Box:
    """Turn the centre of a box anticlockwise about the middle of its page."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    dx = (box[0] + box[2] - page.width_pt) / 2
    dy = (box[1] + box[3] - page.height_pt) / 2
    right, down = dx * cos + dy * sin - dx, dy * cos - dx * sin - dy
    return (box[0] + right, box[1] + down, box[2] + right, box[3] + down)
