"""The page with what was seen on it: lines, art, figures, panels, captions and their links."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mmskin_build.align.labels import parse_label, reads_like_mention
from mmskin_build.align.layout import PageContent
from mmskin_build.align.style import starts_something
from mmskin_build.geometry import Box, covered, height, width
from mmskin_build.pdf.opening import open_document
from mmskin_build.records import Graphic, Page, Pair, Reject, ScanRegion, TextLine

Pixels = NDArray[np.uint8]
Color = tuple[int, int, int]  # blue, green, red

LINE: Color = (200, 200, 200)
ART: Color = (220, 150, 40)
SCAN: Color = (170, 170, 0)
FIGURE: Color = (40, 160, 40)
PANEL: Color = (60, 210, 60)
CAPTION: Color = (0, 120, 240)
LEFT: Color = (40, 40, 220)
LEGEND = (
    ("text line", LINE),
    ("picture or line art", ART),
    ("picture found in a scan", SCAN),
    ("figure", FIGURE),
    ("panel", PANEL),
    ("caption, link and score", CAPTION),
    ("not paired", LEFT),
)
LEGEND_ROW_PX = 22
NOTE_ROW_PX = 16
NOTE_CHAR_PX = 8
WHOLE_PAGE = 0.9  # a picture that covers so much of a scanned page is the scan itself
MIN_LEFT_PT = 24.0  # smaller unpaired art is not worth marking
RULE_PT = 3.0
CAPTION_GAP_PT = 2.0  # so that the frame leaves the letters readable


def draw_page(
    source_path: Path,
    page: Page,
    *layers: Sequence[Any],
    dpi: int = 110,
    passwords: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> bytes:
    """Return a PNG of a page with everything that was seen and decided on it.

    Args:
        source_path: the PDF file.
        page: the page's row.
        layers: the page's rows of TextLine, Graphic, ScanRegion and Pair, in this order.
        dpi: resolution of the drawing.
        passwords: tried when the file is encrypted.
        notes: lines of text set below the legend.

    Raises:
        DocumentProblem: the file cannot be opened.
    """
    lines, graphics, regions, pairs = layers
    canvas = _Canvas(_rendered(source_path, page, dpi, passwords), dpi / 72)
    for line in lines:
        canvas.rectangle(line.bbox, LINE, 1)
    if regions or page.text_source == "ocr":
        sheet = (0.0, 0.0, page.width_pt, page.height_pt)
        graphics = [g for g in graphics if covered(sheet, g.bbox) < WHOLE_PAGE]
    for graphic in graphics:
        canvas.rectangle(graphic.bbox, ART, 1)
    for region in regions:
        canvas.rectangle(region.bbox, SCAN, 2)
    _draw_left(canvas, page, (lines, [*graphics, *regions], pairs))
    for pair in pairs:
        _draw_pair(canvas, page, pair)
    return _encoded(_with_notes(_with_legend(canvas.pixels), notes))


def evidence_notes(pairs: Sequence[Pair], rejects: Sequence[Reject]) -> list[str]:
    """Return what is said under a page: why each figure got its caption, and what was left."""
    notes, told = [], set()
    for pair in pairs:
        if pair.figure_id in told:
            continue
        told.add(pair.figure_id)
        panels = len({p.pair_id for p in pairs if p.figure_id == pair.figure_id})
        split = f" in {panels} panels" if panels > 1 else ""
        notes.append(
            f"{pair.label or 'unnumbered'}{split}, score {pair.score:.2f}: "
            + "; ".join(pair.evidence)
        )
    for reject in rejects:
        place = reject.record_id.split(":", 2)[-1]
        notes.append(f"rejected {place}: {reject.reason}: {reject.detail}")
    return notes


class _Canvas:
    """Draws boxes in points onto pixels."""

    def __init__(self, pixels: Pixels, scale: float) -> None:
        self.pixels = pixels
        self.scale = scale

    def point(self, x: float, y: float) -> tuple[int, int]:
        return round(x * self.scale), round(y * self.scale)

    def rectangle(self, box: Box, color: Color, thickness: int) -> None:
        low, high = self.point(box[0], box[1]), self.point(box[2], box[3])
        cv2.rectangle(self.pixels, low, high, color, thickness)

    def text(self, words: str, at: tuple[float, float], color: Color) -> None:
        x, y = self.point(*at)
        font = cv2.FONT_HERSHEY_SIMPLEX
        (wide, high), _ = cv2.getTextSize(words, font, 0.5, 1)
        place = (max(2, min(x, self.pixels.shape[1] - wide - 4)), max(14, y))
        cv2.rectangle(
            self.pixels,
            (place[0] - 2, place[1] - high - 3),
            (place[0] + wide + 2, place[1] + 4),
            (255, 255, 255),
            cv2.FILLED,
        )
        cv2.putText(self.pixels, words, place, font, 0.5, color, 1, cv2.LINE_AA)

    def arrow(self, start: Box, end: Box, color: Color) -> None:
        cv2.arrowedLine(
            self.pixels,
            self.point(*_middle(start)),
            self.point(*_middle(end)),
            color,
            2,
            cv2.LINE_AA,
            tipLength=0.04,
        )


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _rendered(source_path: Path, page: Page, dpi: int, passwords: Sequence[str]) -> Pixels:
    with open_document(source_path, passwords) as document:
        pixmap = document[page.page - 1].get_pixmap(dpi=dpi, alpha=False)
        samples = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.stride)
        pixels = samples[:, : pixmap.w * 3].reshape(pixmap.h, pixmap.w, 3)
        return np.ascontiguousarray(pixels[:, :, ::-1])


def _draw_pair(canvas: _Canvas, page: Page, pair: Pair) -> None:
    if pair.page == page.page:
        canvas.rectangle(pair.bbox, FIGURE, 3)
        if pair.panel:
            canvas.rectangle(pair.panel_bbox, PANEL, 2)
            canvas.text(pair.panel, (pair.panel_bbox[0] + 3, pair.panel_bbox[1] + 14), FIGURE)
    if pair.caption_bbox is None:
        return
    name = f"{pair.label or 'unnumbered'} {pair.score:.2f}"
    if pair.caption_page == page.page:
        left, top, right, bottom = pair.caption_bbox
        gap = CAPTION_GAP_PT
        canvas.rectangle((left - gap, top - gap, right + gap, bottom + gap), CAPTION, 2)
        if pair.page == page.page:
            canvas.arrow(pair.caption_bbox, pair.bbox, CAPTION)
            canvas.text(name, _middle(pair.bbox), CAPTION)
        else:
            at = (pair.caption_bbox[0], pair.caption_bbox[1])
            canvas.text(f"{name}, figure on page {pair.page}", at, CAPTION)
    else:
        canvas.text(f"{name}, caption on page {pair.caption_page}", _middle(pair.bbox), CAPTION)


def _draw_left(
    canvas: _Canvas,
    page: Page,
    seen: tuple[Sequence[TextLine], Sequence[Graphic | ScanRegion], Sequence[Pair]],
) -> None:
    """Mark labelled lines and art that take part in no pair."""
    lines, art, pairs = seen
    captions = [p.caption_bbox for p in pairs if p.caption_bbox and p.caption_page == page.page]
    figures = [p.bbox for p in pairs if p.page == page.page]
    content = PageContent(page, list(lines), [])
    for line in content.upright:
        label = parse_label(line.text)
        if label is None or reads_like_mention(label) or not starts_something(line, content):
            continue  # running text that names a figure
        if not any(covered(line.bbox, box) > 0.5 for box in captions):
            canvas.rectangle(line.bbox, LEFT, 1)
    for item in art:
        box = item.bbox
        small = min(width(box), height(box)) < RULE_PT or max(width(box), height(box)) < MIN_LEFT_PT
        if not small and not any(covered(box, figure) > 0.5 for figure in figures):
            canvas.rectangle(box, LEFT, 2)


def _with_legend(pixels: Pixels) -> Pixels:
    rows = (len(LEGEND) + 2) // 3
    wide = pixels.shape[1]
    legend = np.full((rows * LEGEND_ROW_PX + 8, wide, 3), 255, np.uint8)
    for index, (words, color) in enumerate(LEGEND):
        x = 8 + (index % 3) * (wide // 3)
        y = 6 + (index // 3) * LEGEND_ROW_PX
        cv2.rectangle(legend, (x, y), (x + 14, y + 12), color, cv2.FILLED)
        cv2.putText(
            legend, words, (x + 20, y + 11), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1,
            cv2.LINE_AA,
        )  # fmt: skip
    return np.vstack([pixels, legend])


def _with_notes(pixels: Pixels, notes: Sequence[str]) -> Pixels:
    """Add lines of text below, broken to the width of the page; cv2 draws plain ASCII only."""
    wide = pixels.shape[1]
    rows: list[str] = []
    for note in notes:
        plain = note.encode("ascii", "replace").decode()
        rows += wrap(plain, max(20, wide // NOTE_CHAR_PX), subsequent_indent="    ")
    if not rows:
        return pixels
    below = np.full((len(rows) * NOTE_ROW_PX + 10, wide, 3), 255, np.uint8)
    for index, words in enumerate(rows):
        at = (8, 4 + (index + 1) * NOTE_ROW_PX - 4)
        cv2.putText(below, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([pixels, below])


def _encoded(pixels: Pixels) -> bytes:
    done, data = cv2.imencode(".png", pixels)
    if not done:
        raise ValueError("the overlay cannot be encoded as PNG")
    return bytes(data.tobytes())
