"""Find photographs and drawings in the raster of a scanned page, by what is not text on it.

The page is looked at in about 100 dpi. Recognised text, long straight rules and the dark edges
a scanner leaves are taken away; what remains in large connected areas of tone is a photograph,
what remains in large connected strokes is a drawing. Panels that stand apart stay apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mmskin_build.geometry import Box, covered, overlap_area, union
from mmskin_build.ocr.paper import departure_from_paper
from mmskin_build.ocr.tesseract import Word

Mask = npt.NDArray[np.uint8]

LOOK_DPI = 100
MIN_SIDE_PT = 34.0  # smaller pictures are ornaments
MIN_TONE_FILL = 0.30  # share of its box that a photograph's tone covers
BRIDGE_PT = 2.5  # white inside a picture narrower than this does not part it
OPENING_PT = 5.0  # strokes thinner than this are no tone
RULE_PT = 45.0  # straight strokes longer than this are rules
EDGE_COVER = 0.10  # rows of a picture's rim with less ink are not part of it
DRAWING_REACH_PT = 9.0  # strokes of a drawing lie closer together than this
DRAWING_STROKE_PT = 36.0  # at least one stroke of a drawing is this long
MIN_DRAWING_SIDE_PT = 60.0
MAX_TEXT_SHARE = 0.3  # of a drawing's box under words; more is a table or a box of text
SURE_WORD = 0.6  # confidence from which a word is text, wherever it stands
PAGE_EDGE_SHARE = 0.05  # shadows at the rim of a page are thinner than this


@dataclass(frozen=True, slots=True)
class Region:
    """A picture on the upright image: its box in pixels and how sure it is, 0 to 1."""

    box: Box
    confidence: float
    drawing: bool


def picture_regions(
    color: npt.NDArray[np.uint8], dpi: float, words: Sequence[Word]
) -> list[Region]:
    """Return the pictures of an upright page, top to bottom."""
    factor = min(1.0, LOOK_DPI / dpi)
    small = np.asarray(
        cv2.resize(color, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
    )
    px_per_pt = dpi * factor / 72
    tone = departure_from_paper(small)
    _clear_page_edges(tone)
    _clear_words(tone, _sure(words), factor)
    photographs = _photographs(tone, px_per_pt)
    drawings = _drawings(tone, (photographs, [_scaled(w.box, factor) for w in words]), px_per_pt)
    found = [
        Region(_scaled(r.box, 1 / factor), r.confidence, r.drawing) for r in photographs + drawings
    ]
    return sorted(found, key=lambda r: (r.box[1], r.box[0]))


def _sure(words: Sequence[Word]) -> list[Word]:
    """Return words that are text beyond doubt: sure, or in a line that is sure on the whole."""
    by_line: dict[int, list[Word]] = {}
    for word in words:
        by_line.setdefault(word.line, []).append(word)
    sure = []
    for line in by_line.values():
        letters = sum(len(word.text) for word in line)
        mean = sum(word.confidence * len(word.text) for word in line) / letters
        if mean >= SURE_WORD and letters >= 4:
            sure += line
        else:
            sure += [w for w in line if w.confidence >= 0.85 and len(w.text) >= 3]
    return sure


def _scaled(box: Box, factor: float) -> Box:
    return (box[0] * factor, box[1] * factor, box[2] * factor, box[3] * factor)


def _clear_words(mask: Mask, words: Sequence[Word], factor: float) -> None:
    for word in words:
        x0, y0, x1, y1 = _scaled(word.box, factor)
        mask[max(0, int(y0) - 2) : int(y1) + 3, max(0, int(x0) - 2) : int(x1) + 3] = 0


def _clear_page_edges(mask: Mask) -> None:
    """Blank the dark rims a scanner leaves: solid rows and columns, counted from each edge."""
    for view in (mask, mask[::-1], mask.T, mask.T[::-1]):
        solid = (view > 0).mean(axis=1) > 0.6
        depth = 0
        while depth < len(solid) // 3 and solid[depth]:
            depth += 1
        if depth < len(solid) // 3:
            view[: depth + 2 if depth else 0] = 0


def _photographs(tone: Mask, px_per_pt: float) -> list[Region]:
    bridged = cv2.morphologyEx(tone, cv2.MORPH_CLOSE, _square(BRIDGE_PT * px_per_pt))
    solid = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, _square(OPENING_PT * px_per_pt))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    found = []
    for label in range(1, count):
        x, y, wide, high, _ = (int(v) for v in stats[label])
        if min(wide, high) < MIN_SIDE_PT * px_per_pt:
            continue
        part = labels[y : y + high, x : x + wide] == label
        box = _trimmed(part, (x, y))
        inner = part[box[1] - y : box[3] - y, box[0] - x : box[2] - x]
        fill = float(inner.mean()) if inner.size else 0.0
        if fill < MIN_TONE_FILL or min(inner.shape) < MIN_SIDE_PT * px_per_pt:
            continue
        if _is_page_edge(box, tone.shape):
            continue
        found.append(Region(_floats(box), min(0.99, 0.5 + fill / 2), False))
    return _merged(found)


def _square(side: float) -> Mask:
    size = max(1, round(side))
    return np.ones((size, size), np.uint8)


def _floats(box: tuple[int, int, int, int]) -> Box:
    return (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


def _trimmed(part: npt.NDArray[np.bool_], origin: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the box of a component without thin appendages at its rim."""
    rows = np.flatnonzero(part.mean(axis=1) > EDGE_COVER)
    columns = np.flatnonzero(part.mean(axis=0) > EDGE_COVER)
    x, y = origin
    if not len(rows) or not len(columns):
        return (x, y, x, y)
    return (
        x + int(columns[0]),
        y + int(rows[0]),
        x + int(columns[-1]) + 1,
        y + int(rows[-1]) + 1,
    )


def _is_page_edge(box: tuple[int, int, int, int], shape: tuple[int, ...]) -> bool:
    """Tell the shadow of the spine or of the page's rim from a picture."""
    high, wide = shape[:2]
    touches = box[0] <= 2 or box[1] <= 2 or box[2] >= wide - 2 or box[3] >= high - 2
    thin = box[2] - box[0] < PAGE_EDGE_SHARE * wide or box[3] - box[1] < PAGE_EDGE_SHARE * high
    return touches and thin


def _merged(regions: list[Region]) -> list[Region]:
    """Join boxes that overlap: bright parts may have split one picture."""
    regions = sorted(regions, key=lambda r: -(r.box[2] - r.box[0]) * (r.box[3] - r.box[1]))
    kept: list[Region] = []
    for region in regions:
        for i, other in enumerate(kept):
            if covered(region.box, other.box) > 0.2:
                joined = union((region.box, other.box))
                kept[i] = Region(joined, other.confidence, other.drawing)
                break
        else:
            kept.append(region)
    return kept


def _drawings(tone: Mask, known: tuple[list[Region], list[Box]], px_per_pt: float) -> list[Region]:
    """Return line art: clusters of strokes that are neither words, rules nor photographs."""
    photographs, words = known
    strokes = tone.copy()
    for region in photographs:
        x0, y0, x1, y1 = (round(v) for v in region.box)
        strokes[max(0, y0 - 6) : y1 + 6, max(0, x0 - 6) : x1 + 6] = 0
    rules = _rules(strokes, px_per_pt)
    free = cv2.subtract(strokes, cv2.dilate(rules, np.ones((3, 3), np.uint8)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=8)
    length = np.maximum(stats[:, 2], stats[:, 3])
    long = [i for i in range(1, count) if length[i] >= DRAWING_STROKE_PT * px_per_pt]
    if not long:
        return []
    reach = _square(2 * DRAWING_REACH_PT * px_per_pt)
    clusters = cv2.dilate(strokes, reach)
    total, cluster_labels, _, _ = cv2.connectedComponentsWithStats(clusters, connectivity=8)
    seeds = {int(cluster_labels[labels == i].max()) for i in long}
    found = []
    for cluster in sorted(seeds):
        ys, xs = np.nonzero((cluster_labels == cluster) & (strokes > 0))
        box = (float(xs.min()), float(ys.min()), float(xs.max()) + 1, float(ys.max()) + 1)
        if _is_drawing(box, words, px_per_pt) and total > 1:
            found.append(Region(box, 0.5, True))
    return found


def _is_drawing(box: Box, words: Sequence[Box], px_per_pt: float) -> bool:
    wide, high = box[2] - box[0], box[3] - box[1]
    if min(wide, high) < MIN_DRAWING_SIDE_PT * px_per_pt:
        return False
    return sum(overlap_area(box, word) for word in words) <= MAX_TEXT_SHARE * wide * high


def _rules(mask: Mask, px_per_pt: float) -> Mask:
    """Return the long straight horizontal and vertical strokes."""
    length = round(RULE_PT * px_per_pt)
    level = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    upright = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return np.asarray(cv2.bitwise_or(level, upright), np.uint8)
