"""Pictures and clusters of line art on a page, found without decoding or drawing anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pymupdf
from numpy.typing import NDArray

from mmskin_build.geometry import Box, area, height, intersection, rounded, width
from mmskin_build.pdf.placed_images import PageImages
from mmskin_build.records import Graphic

CELL_PT = 2.0  # grid on which touching paths are found
REACH_PT = 1.5  # paths closer than twice this belong together
BACKGROUND_COVER = 0.25  # a filled rectangle larger than this share of the page is a background
PAGE_COVER = 0.95  # larger still: the page itself
BAR_WIDE_PT, BAR_LEAST_PT, BAR_MOST_PT = 120.0, 9.0, 40.0  # a coloured bar behind a heading
BOX_SIDE_PT = 50.0  # a filled box at least this wide and high may hold a whole figure
BOX_EDGE_PT = 2.5  # what lies on it keeps this far from its edge
TOUCH_PT = 0.75
MAX_BOXES = 100
SMALL_PT = 3.0
CROWD = 400  # more clusters than this on a page: outlines of type, small ones are dropped
WHITE = 0.985
HAIRLINE = 0.25
FILLED_SHARE = 0.8
FRAME_LEAST = 0.05  # a frame shows at least this share of its picture
FRAME_SLACK_PT = 2.0
AROUND = 1.08  # a clip around a picture is at most this much larger; more is that of its column


def page_graphics(
    source_id: str, number: int, page: Any, reading: tuple[Any, PageImages, int]
) -> list[Graphic]:
    """Return the raster images a page shows and its clusters of touching vector paths.

    Args:
        source_id: the book.
        number: the page, from 1.
        page: the open page.
        reading: its display list, the document's images and how many paths are read at most.
    """
    display_list, images, max_paths = reading
    drawings = page.get_cdrawings(extended=True)
    turn = _turn_of(page)
    scissors = {tuple(d["scissor"]) for d in drawings if d["type"] == "clip"}
    page_box: Box = tuple(page.rect)
    frames = Frames(sorted(_displayed(box, turn) for box in scissors))
    rows = _rasters((source_id, number, page_box), page, (display_list, images, frames))
    paths = list(_visible_paths(page_box, turn, drawings[:max_paths]))
    for box, count, filled in _clusters(paths, page_box):
        rows.append(
            Graphic(
                source_id=source_id,
                page=number,
                bbox=rounded(box),
                kind="vector",
                digest="",
                width_px=0,
                height_px=0,
                xref=0,
                has_mask=False,
                paths=count,
                filled=filled,
            )
        )
    return rows


def _rasters(
    place: tuple[str, int, Box], page: Any, reading: tuple[Any, PageImages, Frames]
) -> list[Graphic]:
    source_id, number, page_box = place
    display_list, images, frames = reading
    finder = images.finder(page)
    if not finder.images and b"ID" not in page.read_contents():
        return []
    textpage = pymupdf.TextPage(display_list.get_textpage(pymupdf.TEXT_PRESERVE_IMAGES))
    rows = []
    for info in textpage.extractIMGINFO():
        xref = finder.find(info["width"], info["height"], info["size"])
        visible = intersection(frames.clipped(tuple(info["bbox"])), page_box)
        if visible is None:
            continue
        rows.append(
            Graphic(
                source_id=source_id,
                page=number,
                bbox=rounded(visible),
                kind="raster",
                digest=images.digest(xref),
                width_px=int(info["width"]),
                height_px=int(info["height"]),
                xref=xref,
                has_mask=bool(info["has-mask"]),
            )
        )
    return rows


class Frames:
    """The clips of a page, among which are the frames that show a part of a picture."""

    def __init__(self, clips: list[Box]) -> None:
        """Take the boxes of all clips, in points as displayed."""
        boxes: NDArray[np.float64] = np.array(clips).reshape(-1, 4)
        self._boxes = boxes
        self._low, self._high = boxes[:, :2], boxes[:, 2:]
        self._twice_middle = self._low + self._high
        extent = np.maximum(self._high - self._low, 1e-6)
        self._areas = extent[:, 0] * extent[:, 1]

    def clipped(self, box: Box) -> Box:
        """Return the part of a placed picture that its frame shows.

        A frame is a clip inside the picture that keeps its full width or height, or its middle;
        a picture that also has a clip all around it is shown whole.
        """
        whole = area(box)
        if not len(self._boxes) or whole <= 0:
            return box
        extent = np.minimum(self._high, box[2:]) - np.maximum(self._low, box[:2])
        np.maximum(extent, 0.0, out=extent)
        shared = extent[:, 0] * extent[:, 1]
        if np.any((shared > 0.99 * whole) & (self._areas < AROUND * whole)):
            return box
        large = (self._areas > FRAME_LEAST * whole) & (self._areas < 0.99 * whole)
        inside = np.flatnonzero(large & (shared > 0.97 * self._areas))
        found = [index for index in inside.tolist() if self._fits(index, box)]
        if not found:
            return box
        x0, y0, x1, y1 = self._boxes[max(found, key=lambda index: self._areas[index])].tolist()
        return (x0, y0, x1, y1)

    def _fits(self, index: int, box: Box) -> bool:
        near = [abs(a - b) < FRAME_SLACK_PT for a, b in zip(self._boxes[index], box, strict=True)]
        if (near[0] and near[2]) or (near[1] and near[3]):
            return True
        x, y = self._twice_middle[index]
        slack = 2 * FRAME_SLACK_PT
        return bool(abs(x - box[0] - box[2]) < slack and abs(y - box[1] - box[3]) < slack)


def _turn_of(page: Any) -> Any:
    """Return the matrix that turns boxes of the page to how it is displayed; None for none."""
    return page.rotation_matrix if page.rotation else None


def _displayed(rect: Any, turn: Any) -> Box:
    """Return a box of the unrotated page as it is displayed."""
    if turn is None:
        return (rect[0], rect[1], rect[2], rect[3])
    turned = (pymupdf.Rect(rect) * turn).normalize()
    return (turned.x0, turned.y0, turned.x1, turned.y1)


def _visible_paths(
    page_box: Box, turn: Any, drawings: list[dict[str, Any]]
) -> Iterator[tuple[Box, bool]]:
    """Yield the box of each path that leaves ink, and whether its inside is filled."""
    scissors: list[tuple[int, Box]] = []
    for path in drawings:
        if path["type"] in ("clip", "group"):
            while scissors and scissors[-1][0] >= path["level"]:
                scissors.pop()
            if path["type"] == "clip":
                scissors.append((path["level"], _displayed(path["scissor"], turn)))
            continue
        filled, stroked = _ink(path)
        if not filled and not stroked:
            continue
        while scissors and scissors[-1][0] >= path["level"]:
            scissors.pop()
        pad = 0.5 * float(path.get("width") or 0.0) if stroked else 0.0
        x0, y0, x1, y1 = _displayed(path["rect"], turn)
        # Rules have no height: give them the hairline a viewer draws.
        box = (x0 - pad, y0 - pad, max(x1 + pad, x0 + HAIRLINE), max(y1 + pad, y0 + HAIRLINE))
        visible = intersection(box, scissors[-1][1] if scissors else page_box)
        visible = visible and intersection(visible, page_box)
        if visible is not None and area(visible) < PAGE_COVER * area(page_box):
            yield visible, filled


def _ink(path: dict[str, Any]) -> tuple[bool, bool]:
    fill, color = path.get("fill"), path.get("color")
    filled = "f" in path["type"] and not _white(fill) and path.get("fill_opacity", 1.0) > 0
    stroked = "s" in path["type"] and not _white(color) and path.get("stroke_opacity", 1.0) > 0
    return filled, stroked


def _white(color: Any) -> bool:
    return color is not None and all(part >= WHITE for part in color)


def _clusters(paths: list[tuple[Box, bool]], page_box: Box) -> list[tuple[Box, int, bool]]:
    """Return boxes of connected paths, the number of paths, and whether a fill lies behind."""
    if not paths:
        return []
    under = _grounds(paths, area(page_box))
    loose = [(box, 1, True) for (box, _), ground in zip(paths, under, strict=True) if ground]
    joined = [path for path, ground in zip(paths, under, strict=True) if not ground]
    if not joined:
        return sorted(loose)
    groups: dict[int, list[tuple[Box, bool]]] = {}
    for label, path in zip(_labels(joined, page_box), joined, strict=True):
        groups.setdefault(label, []).append(path)
    merged = [_merged(members) for members in groups.values()]
    if len(merged) > CROWD:
        merged = [m for m in merged if max(width(m[0]), height(m[0])) > 4 * SMALL_PT]
    return sorted(loose + merged)


def _grounds(paths: list[tuple[Box, bool]], page_area: float) -> list[bool]:
    """Tell which fills are grounds others are drawn or set on: page tints, boxes and bars."""
    array = np.array([box for box, _ in paths])
    wide, high = array[:, 2] - array[:, 0], array[:, 3] - array[:, 1]
    filled = np.array([filled for _, filled in paths])
    grounds = filled & (wide * high > BACKGROUND_COVER * page_area)
    bars = filled & (wide > BAR_WIDE_PT) & (high > BAR_LEAST_PT) & (high < BAR_MOST_PT)
    for index in np.flatnonzero(bars)[:MAX_BOXES]:
        x0, y0, x1, y1 = array[index]
        touching = (array[:, 0] < x1 + TOUCH_PT) & (array[:, 2] > x0 - TOUCH_PT)
        touching &= (array[:, 1] < y1 + TOUCH_PT) & (array[:, 3] > y0 - TOUCH_PT)
        grounds[index] = touching.sum() == 1  # else a layer of a drawing
    panels = filled & ~grounds & (np.minimum(wide, high) > BOX_SIDE_PT)
    for index in np.flatnonzero(panels)[:MAX_BOXES]:
        x0, y0, x1, y1 = array[index]
        inside = (array[:, 0] > x0 + BOX_EDGE_PT) & (array[:, 2] < x1 - BOX_EDGE_PT)
        inside &= (array[:, 1] > y0 + BOX_EDGE_PT) & (array[:, 3] < y1 - BOX_EDGE_PT)
        grounds[index] = bool(inside.any())
    return [bool(ground) for ground in grounds]


def _merged(members: list[tuple[Box, bool]]) -> tuple[Box, int, bool]:
    hull = _hull([box for box, _ in members])
    largest = max((area(box) for box, filled in members if filled), default=0.0)
    return hull, len(members), largest > FILLED_SHARE * area(hull)


def _hull(boxes: list[Box]) -> Box:
    array = np.array(boxes)
    low, high = array[:, :2].min(axis=0), array[:, 2:].max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _labels(paths: list[tuple[Box, bool]], page_box: Box) -> list[int]:
    """Number the connected group of each path by painting all of them on a coarse grid."""
    if len(paths) == 1:
        return [0]
    rows, columns = int(height(page_box) / CELL_PT) + 3, int(width(page_box) / CELL_PT) + 3
    grid = np.zeros((rows, columns), np.uint8)
    corners = []
    for box, filled in paths:
        x0, y0 = int((box[0] - REACH_PT) / CELL_PT), int((box[1] - REACH_PT) / CELL_PT)
        x1, y1 = int((box[2] + REACH_PT) / CELL_PT), int((box[3] + REACH_PT) / CELL_PT)
        x0, y0 = max(0, x0), max(0, y0)
        # A stroked outline does not tie together what it surrounds.
        cv2.rectangle(grid, (x0, y0), (x1, y1), 255, cv2.FILLED if filled else 1)
        corners.append((min(y0, rows - 1), min(x0, columns - 1)))
    _, labels = cv2.connectedComponents(grid, connectivity=8)
    return [int(labels[corner]) for corner in corners]
