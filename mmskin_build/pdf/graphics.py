"""Pictures and clusters of line art on a page, found without decoding or drawing anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pymupdf

from mmskin_build.geometry import Box, area, height, intersection, rounded, width
from mmskin_build.records import Graphic

CELL_PT = 2.0  # grid on which touching paths are found
REACH_PT = 1.5  # paths closer than twice this belong together
BACKGROUND_COVER = 0.25  # a filled rectangle larger than this share of the page is a background
PAGE_COVER = 0.95  # larger still: the page itself
SMALL_PT = 3.0
CROWD = 400  # more clusters than this on a page: outlines of type, small ones are dropped
WHITE = 0.985


class PageImages:
    """Finds object numbers and digests of the images that a document places on its pages."""

    def __init__(self, document: Any) -> None:
        """Read from an open document."""
        self._document = document
        self._digests: dict[int, str] = {}

    def digest(self, xref: int) -> str:
        """Return the SHA-256 of an image's stored bytes; '' when it has no object number."""
        if xref == 0:
            return ""
        if xref not in self._digests:
            try:
                data = self._document.xref_stream_raw(xref) or b""
            except (RuntimeError, ValueError):
                data = b""
            self._digests[xref] = hashlib.sha256(data).hexdigest() if data else ""
        return self._digests[xref]

    def finder(self, page: Any) -> Callable[[int, int, int], int]:
        """Return a function from width, height and stored size of a picture to its xref.

        MuPDF names the object of a placed picture only after decoding it; dimensions and
        stored length identify it without.
        """
        listed: dict[tuple[int, int], list[int]] = {}
        for item in page.get_images(full=True):
            listed.setdefault((item[2], item[3]), []).append(item[0])
        given: dict[int, int] = {}

        def find(pixels_wide: int, pixels_high: int, size: int) -> int:
            candidates = list(dict.fromkeys(listed.get((pixels_wide, pixels_high), ())))
            if len(candidates) > 1:
                same = [x for x in candidates if self._stored_length(x) == size]
                candidates = same or candidates
            if not candidates:
                return 0
            chosen = min(candidates, key=lambda x: given.get(x, 0))
            given[chosen] = given.get(chosen, 0) + 1
            return chosen

        return find

    def _stored_length(self, xref: int) -> int:
        try:
            kind, value = self._document.xref_get_key(xref, "Length")
            if kind == "xref":
                value = self._document.xref_object(int(value.split()[0]))
            return int(value)
        except (RuntimeError, ValueError):
            return -1


def page_rasters(
    source_id: str, number: int, page: Any, shared: tuple[Any, PageImages]
) -> list[Graphic]:
    """Return the raster images a page shows, clipped to the page."""
    display_list, images = shared
    if not page.get_images(full=True) and b"ID" not in page.read_contents():
        return []
    textpage = pymupdf.TextPage(display_list.get_textpage(pymupdf.TEXT_PRESERVE_IMAGES))
    find = images.finder(page)
    rows = []
    for info in textpage.extractIMGINFO():
        visible = intersection(tuple(info["bbox"]), tuple(page.rect))
        if visible is None:
            continue
        xref = find(info["width"], info["height"], info["size"])
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


def page_vectors(source_id: str, number: int, page: Any, max_paths: int) -> list[Graphic]:
    """Return clusters of touching vector paths; white fills and page backgrounds left out."""
    paths = list(_visible_paths(page, max_paths))
    rows = []
    for box, count in _clusters(paths, tuple(page.rect)):
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
            )
        )
    return rows


def _visible_paths(page: Any, max_paths: int) -> Iterator[tuple[Box, bool]]:
    """Yield the box of each path that leaves ink, and whether its inside is filled."""
    matrix = page.rotation_matrix if page.rotation else None
    page_box: Box = tuple(page.rect)
    for index, path in enumerate(page.get_cdrawings()):
        if index >= max_paths:
            return
        filled, stroked = _ink(path)
        if not filled and not stroked:
            continue
        box = tuple(path["rect"])
        if matrix is not None:
            box = tuple((pymupdf.Rect(box) * matrix).normalize())
        pad = 0.5 * float(path.get("width") or 0.0) if stroked else 0.0
        box = (box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad)
        # Rules have no height: give them the hairline a viewer draws.
        box = (box[0], box[1], max(box[2], box[0] + 0.25), max(box[3], box[1] + 0.25))
        visible = intersection(box, page_box)
        if visible is not None and area(visible) < PAGE_COVER * area(page_box):
            yield visible, filled


def _ink(path: dict[str, Any]) -> tuple[bool, bool]:
    fill, color = path.get("fill"), path.get("color")
    filled = "f" in path["type"] and not _white(fill) and path.get("fill_opacity", 1.0) > 0
    stroked = "s" in path["type"] and not _white(color) and path.get("stroke_opacity", 1.0) > 0
    return filled, stroked


def _white(color: Any) -> bool:
    return color is not None and all(part >= WHITE for part in color)


def _clusters(paths: list[tuple[Box, bool]], page_box: Box) -> list[tuple[Box, int]]:
    """Return the boxes of connected paths with the number of paths in each."""
    if not paths:
        return []
    limit = BACKGROUND_COVER * area(page_box)
    loose = [(box, 1) for box, filled in paths if filled and area(box) > limit]
    joined = [(box, filled) for box, filled in paths if not filled or area(box) <= limit]
    groups: dict[int, list[Box]] = {}
    for label, (box, _) in zip(_labels(joined, page_box), joined, strict=True):
        groups.setdefault(label, []).append(box)
    merged = [(_hull(boxes), len(boxes)) for boxes in groups.values()]
    if len(merged) > CROWD:
        merged = [m for m in merged if max(width(m[0]), height(m[0])) > 4 * SMALL_PT]
    return sorted(loose + merged)


def _hull(boxes: list[Box]) -> Box:
    array = np.array(boxes)
    low, high = array[:, :2].min(axis=0), array[:, 2:].max(axis=0)
    return (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _labels(paths: list[tuple[Box, bool]], page_box: Box) -> list[int]:
    """Number the connected group of each path by painting all of them on a coarse grid."""
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
