"""Tell scanned pages from pages that merely carry a large picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmskin_build.records import EmbeddedPage, Graphic

GRID = 64  # cells along each side of the page on which rasters are added up
HIDDEN_OPERATION = "ignore-text"  # what MuPDF calls text drawn invisibly
TEXT_OPERATIONS = ("fill-text", "stroke-text")
IMAGE_OPERATIONS = ("fill-image", "fill-imgmask")


def covered_by_rasters(page: EmbeddedPage, graphics: Sequence[Graphic]) -> float:
    """Return the share of the page under rasters, also when a scan is stored in strips."""
    rasters = [g.bbox for g in graphics if g.kind == "raster"]
    if len(rasters) < 2:
        return page.raster_cover
    cells = bytearray(GRID * GRID)
    for x0, y0, x1, y1 in rasters:
        left, right = (_cell(x, page.width_pt) for x in (x0, x1))
        top, bottom = (_cell(y, page.height_pt) for y in (y0, y1))
        for row in range(top, bottom):
            cells[row * GRID + left : row * GRID + right] = b"\1" * max(0, right - left)
    return max(page.raster_cover, sum(cells) / len(cells))


def _cell(position: float, extent: float) -> int:
    return min(GRID, max(0, round(position / max(extent, 1.0) * GRID)))


def hidden_text_share(page: Any) -> float:
    """Return the share of a ``pymupdf.Page``'s text that is invisible or painted over.

    Boxes of text runs stand for their characters; 0 when the page has no text.
    """
    hidden = seen = 0.0
    cover = abs(page.rect.get_area()) * 0.7
    for operation, box in page.get_bboxlog():
        area = max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
        if operation == HIDDEN_OPERATION:
            hidden += area
        elif operation in TEXT_OPERATIONS:
            seen += area
        elif operation in IMAGE_OPERATIONS and area >= cover:
            hidden, seen = hidden + seen, 0.0  # all text so far lies under this picture
    return hidden / (hidden + seen) if hidden + seen else 0.0
