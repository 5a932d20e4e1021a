"""Tilted scans are paired as if level; boxes lie on the page as shown, pictures come out level."""

import math
from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest

from mmskin_build.align.settings import AlignSettings
from mmskin_build.geometry import Box
from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import Page, Pair, ScanRegion, Source, TextLine
from stages.align import STAGE

WIDE, HIGH = 600.0, 600.0
GRID: list[Box] = [
    (40.0, 48.0, 296.0, 218.0),
    (304.0, 48.0, 560.0, 218.0),
    (40.0, 224.0, 296.0, 394.0),
    (304.0, 224.0, 560.0, 394.0),
]
COLORS = [(200, 80, 60), (70, 150, 90), (60, 80, 190), (190, 170, 60)]


def tilt(box: Box, degrees: float) -> Box:
    """Return the box with its centre turned clockwise about the middle of the page."""
    turn = math.radians(degrees)
    x, y = (box[0] + box[2] - WIDE) / 2, (box[1] + box[3] - HIGH) / 2
    dx = x * math.cos(turn) - y * math.sin(turn) - x
    dy = y * math.cos(turn) + x * math.sin(turn) - y
    return (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)


def scan(path: Path, degrees: float) -> None:
    """Write a page with four plain pictures, each with a dark rim, tilted clockwise."""
    pixels = np.full((1200, 1200, 3), 250, np.uint8)
    for box, color in zip(GRID, COLORS, strict=True):
        x0, y0, x1, y1 = (round(2 * v) for v in box)
        cv2.rectangle(pixels, (x0, y0), (x1 - 1, y1 - 1), (20, 20, 20), -1)
        cv2.rectangle(pixels, (x0 + 12, y0 + 12), (x1 - 13, y1 - 13), color, -1)
    matrix = cv2.getRotationMatrix2D((600, 600), -degrees, 1.0)
    turned = cv2.warpAffine(pixels, matrix, (1200, 1200), borderValue=(250, 250, 250))
    document = pymupdf.open()
    page = document.new_page(width=WIDE, height=HIGH)
    _, data = cv2.imencode(".png", cv2.cvtColor(turned, cv2.COLOR_RGB2BGR))
    page.insert_image(page.rect, stream=data.tobytes())
    document.save(path)


def paired(folder: Path, degrees: float) -> tuple[list[Pair], MemoryContext]:
    """Pair a grid of four pictures whose captions are listed at the foot of the page."""
    scan(folder / "book.pdf", degrees)
    found = MemoryContext(folder, [Source("book", str(folder / "book.pdf"), "0" * 64)])
    found.add([Page("book", 1, WIDE, HIGH, 0, "ocr", 0.95, degrees, None)])
    found.add(ScanRegion("book", 1, tilt(box, degrees), 0.9) for box in GRID)
    style = ("", 9.0, False, False, 0, False, 0, 0)
    for n in range(4):
        text = f"Fig. {n + 2}. Sharply bordered plaques with silvery scale on both elbows."
        box = tilt((40.0, 450.0 + 14 * n, 380.0, 459.0 + 14 * n), degrees)
        found.add([TextLine("book", 1, n, 1, box, text, *style, "ocr", 0.95)])
    found.run(STAGE, AlignSettings())
    return list(found.rows(Pair)), found


@pytest.mark.parametrize("degrees", [0.0, -3.0, 1.9, 3.0])
def test_a_grid_of_pictures_is_read_in_order_however_it_is_tilted(
    tmp_path: Path, degrees: float
) -> None:
    rows, context = paired(tmp_path, degrees)
    assert {row.label: row.bbox for row in rows} == {
        str(n + 2): pytest.approx(tilt(box, degrees), abs=0.02) for n, box in enumerate(GRID)
    }
    for row, color in zip(sorted(rows, key=lambda r: r.label), COLORS, strict=True):
        data = np.frombuffer(context.images.read(row.image_digest), np.uint8)
        pixels = cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        rim = 12 * pixels.shape[1] / 512
        inner = pixels[round(2 * rim) : -round(2 * rim), round(2 * rim) : -round(2 * rim)]
        assert np.abs(np.median(inner, axis=(0, 1)) - color).max() < 20
        sides = (pixels[2:5], pixels[-5:-2], pixels[:, 2:5], pixels[:, -5:-2])
        assert all(np.median(side) < 60 for side in sides)  # the whole rim, and no paper
