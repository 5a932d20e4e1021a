"""Find photographs and drawings in the raster of a scanned page, by what is not text on it.

The page is looked at in about 100 dpi. Recognised text, long straight rules and the dark edges
a scanner leaves are taken away; what remains in large connected areas of tone is a photograph,
what remains in large connected strokes is a drawing. Panels that stand apart stay apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from mmskin_build.geometry import Box, area, covered, overlap_area, union
from mmskin_build.ocr.gutter import Fold
from mmskin_build.ocr.paper import departure_from_paper
from mmskin_build.ocr.tesseract import Word
from mmskin_build.ocr.tone_tree import Blob, best_blobs
from mmskin_build.ocr.word_cleaning import by_line, mean_confidence

Mask = npt.NDArray[np.uint8]

LOOK_DPI = 100
CONTRASTS = (1.0, 2.0, 4.0, 8.0)  # multiples of what is just no paper any more
MIN_SIDE_PT = 34.0  # smaller pictures are ornaments
MIN_TONE_FILL = 0.30  # share of its box that a photograph's tone covers
BRIDGE_PT = 2.5  # white inside a picture narrower than this does not part it
OPENING_PT = 5.0  # strokes thinner than this are no tone
STUCK_CAPTION_PT = 16.0  # a line of type at the rim of a picture is lower than this
CAPTION_GAP_COVER = 0.04  # rows with less ink part it from the picture
RULE_PT = 45.0  # straight strokes longer than this are rules
MAX_RULE_PT = 3.5
PAPER_TONE = 2.0  # departure up to which the surroundings of a word are bare paper
PAPER_RIM = 0.6  # share of a word's surroundings that are
EDGE_COVER = 0.20  # rows of a picture's rim with less ink are not part of it
FAINT_TONE = 2.2  # departure of a picture that may be one of the other side of the leaf
GHOST_SHARE = 0.25  # and its share of the strongest picture of the page
COLUMN_RULE_PT = 60.0  # rules between columns are longer than this
COLUMN_REACH_PT = 24.0  # and the columns this near
COLUMN_RULE_TILT = 0.02
COLUMN_RULE_TEXT = 0.25  # share of the rule's length with words beside it, on either side
PURE = 24  # grey levels from black or white
PURE_SHARE, SHADED_SHARE = 0.97, 0.03  # of a dithered page: pure from near, shaded from afar
DITHER_SPREAD_PX = 2.0
STROKE_CONTRAST = 3.0  # of line art, in multiples of what is just no paper any more
FRAMED_SHARE = 0.3  # of a drawing's box under photographs; more is their rim
DRAWING_REACH_PT = 9.0  # strokes of a drawing lie closer together than this
DRAWING_STROKE_PT = 36.0  # at least one stroke of a drawing is this long
MIN_DRAWING_SIDE_PT = (45.0, 75.0)  # its short and its long side
MAX_TEXT_SHARE = 0.3  # of a drawing's box under words; more is a table or a box of text
SURE_WORD = 0.6  # confidence from which a word is text, wherever it stands
DRAWING_CONFIDENCE = 0.5
DRAWING_MARGIN_PX = 6
LINE_HEIGHT_PT = (3.0, 30.0)  # of text that may have been left unread
LINE_WIDTH_PT = 18.0
LINE_REACH_PT = 7.0
RIM_SHARE = 0.012  # of the page along each edge, where scanners leave shadows
SPINE_HEIGHT, SPINE_WIDTH = 0.85, 0.12  # of the page; the fold of an open book is such a strip
DARKEST_FOLD = 0.4  # of the paper's brightness; nothing is printed where a fold is darker
PAGE_EDGE_SHARE = 0.05  # shadows at the rim of a page are thinner than this


@dataclass(frozen=True, slots=True)
class Region:
    """A picture on the upright image: its box in pixels and how sure it is, 0 to 1."""

    box: Box
    confidence: float
    drawing: bool


class PageLook:
    """An upright page looked at from a distance, for its pictures and what was left unread."""

    def __init__(
        self,
        color: npt.NDArray[np.uint8],
        dpi: float,
        dotted: bool = False,
        fold: Fold | None = None,
    ) -> None:
        """Shrink the page and find where it departs from its paper.

        Dots (``dotted``) are smoothed more; the shadow of a fold is paper.
        """
        self._factor = min(1.0, LOOK_DPI / dpi)
        small = cv2.resize(
            color, None, fx=self._factor, fy=self._factor, interpolation=cv2.INTER_AREA
        )
        self._px_per_pt = dpi * self._factor / 72
        dotted = dotted or _is_dithered(color, small)
        spread = DITHER_SPREAD_PX if dotted else 1.0
        if fold is None:
            self._departure = departure_from_paper(np.asarray(small, np.uint8), spread)
        else:
            shade = fold.shade_of(small.shape[1])
            lit = small / np.maximum(shade, DARKEST_FOLD)[None, :, None]
            self._departure = departure_from_paper(lit.clip(0, 255).astype(np.uint8), spread)
            self._departure[:, shade < DARKEST_FOLD] = 0.0
        self._tone = _toned(self._departure, CONTRASTS[0])

    def photographs(self, words: Sequence[Word]) -> list[Region]:
        """Return areas of tone that are not text, top to bottom."""
        boxes = [_scaled(w.box, self._factor) for w in _sure(words)]
        levels = []
        for contrast in CONTRASTS:
            tone = _toned(self._departure, contrast)
            _clear_words(tone, _sure(words), self._factor)
            blobs = _blobs(tone, self._px_per_pt)
            levels.append([b for b in blobs if _text_share(b.box, boxes) <= MAX_TEXT_SHARE])
        blobs = _printed(_apart(best_blobs(levels)), self._departure)
        found = [Region(b.box, min(0.99, 0.5 + b.fill / 2), False) for b in blobs]
        return self._in_page_pixels(found)

    def on_paper(self, words: Sequence[Word]) -> list[bool]:
        """Tell for each word whether bare paper lies around it, as in a caption box on a plate."""
        bare = []
        for word in words:
            x0, y0, x1, y1 = _scaled(word.box, self._factor)
            around = _part(self._departure, (x0 - 2, y0 - 3, x1 + 2, y1 + 3))
            rim = np.concatenate([around[:2].ravel(), around[-2:].ravel()])
            bare.append(float((rim < PAPER_TONE).mean()) > PAPER_RIM)
        return bare

    def drawings(self, words: Sequence[Word], photographs: Sequence[Region]) -> list[Region]:
        """Return line art outside the photographs, top to bottom."""
        tone = _toned(self._departure, STROKE_CONTRAST)
        boxes = [_scaled(w.box, self._factor) for w in words]
        tone = cv2.subtract(tone, _column_rules(tone, boxes, self._px_per_pt))
        _clear_words(tone, _sure(words), self._factor)
        pictures = [_scaled(r.box, self._factor) for r in photographs]
        _clear_boxes(tone, pictures, DRAWING_MARGIN_PX)
        found = _drawings(tone, boxes, self._px_per_pt)
        return self._in_page_pixels([r for r in found if not _frames(r.box, pictures)])

    def unread(self, words: Sequence[Word], photographs: Sequence[Region]) -> list[Box]:
        """Return boxes of the size of text lines with ink that is neither word nor picture."""
        tone = self._tone.copy()
        _clear_words(tone, words, self._factor)
        _clear_boxes(tone, [_scaled(r.box, self._factor) for r in photographs], 3)
        tone = cv2.subtract(tone, _rules(tone, self._px_per_pt))
        reach = np.ones((1, round(LINE_REACH_PT * self._px_per_pt)), np.uint8)
        strips = cv2.morphologyEx(tone, cv2.MORPH_CLOSE, reach)
        _, _, stats, _ = cv2.connectedComponentsWithStats(strips, connectivity=8)
        found = []
        for x, y, wide, high, size in stats[1:]:
            tall = high / self._px_per_pt
            line_like = LINE_HEIGHT_PT[0] <= tall <= LINE_HEIGHT_PT[1] and wide > 2 * high
            if line_like and wide >= LINE_WIDTH_PT * self._px_per_pt and size > 0.4 * wide * high:
                box = (float(x), float(y), float(x + wide), float(y + high))
                found.append(_scaled(box, 1 / self._factor))
        return found

    def _in_page_pixels(self, regions: Sequence[Region]) -> list[Region]:
        scaled = [replace(r, box=_scaled(r.box, 1 / self._factor)) for r in regions]
        return sorted(scaled, key=lambda r: (r.box[1], r.box[0]))


def _is_dithered(color: npt.NDArray[np.uint8], small: npt.NDArray[np.uint8]) -> bool:
    """Tell a page of black and white dots that look grey from a distance."""
    grey = color[:, :, 1]
    pure = float(((grey < PURE) | (grey > 255 - PURE)).mean())
    shaded = float(((small[:, :, 1] > 2 * PURE) & (small[:, :, 1] < 255 - 2 * PURE)).mean())
    return pure > PURE_SHARE and shaded > SHADED_SHARE


def _text_share(box: Box, words: Sequence[Box]) -> float:
    size = max(1.0, (box[2] - box[0]) * (box[3] - box[1]))
    return sum(overlap_area(box, word) for word in words) / size


def _sure(words: Sequence[Word]) -> list[Word]:
    """Return words that are text beyond doubt: sure, or in a line that is sure on the whole."""
    sure = []
    for line in by_line(words):
        letters = sum(len(word.text) for word in line)
        if mean_confidence(line) >= SURE_WORD and letters >= 4:
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


def _clear_boxes(mask: Mask, boxes: Sequence[Box], margin: int) -> None:
    for x0, y0, x1, y1 in boxes:
        left, top = max(0, round(x0) - margin), max(0, round(y0) - margin)
        mask[top : round(y1) + margin, left : round(x1) + margin] = 0


def _clear_page_edges(mask: Mask) -> None:
    """Blank the dark rims a scanner leaves: solid rows and columns, counted from each edge."""
    for view in (mask, mask[::-1], mask.T, mask.T[::-1]):
        solid = (view > 0).mean(axis=1) > 0.6
        rim = max(2, round(RIM_SHARE * len(solid)))
        depth = rim
        while depth < len(solid) // 3 and solid[depth]:
            depth += 1
        view[: depth + 2 if depth > rim and depth < len(solid) // 3 else rim] = 0


def _bled(box: Box, shape: tuple[int, ...]) -> Box:
    """Return the box, drawn out to the edges of the page whose blanked rim it reaches."""
    high, wide = shape[:2]
    across, down = round(RIM_SHARE * wide) + 2, round(RIM_SHARE * high) + 2
    return (
        0.0 if box[0] <= across else box[0],
        0.0 if box[1] <= down else box[1],
        float(wide) if box[2] >= wide - across else box[2],
        float(high) if box[3] >= high - down else box[3],
    )


def _toned(departure: npt.NDArray[np.float32], contrast: float) -> Mask:
    """Return 255 where the page departs from its paper by a contrast, 0 elsewhere."""
    mask = np.where(departure > contrast, np.uint8(255), np.uint8(0)).astype(np.uint8)
    _clear_page_edges(mask)
    return mask


def _blobs(tone: Mask, px_per_pt: float) -> list[Blob]:
    """Return the solid areas of tone that may be photographs."""
    bridged = cv2.morphologyEx(tone, cv2.MORPH_CLOSE, _square(BRIDGE_PT * px_per_pt))
    solid = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, _square(OPENING_PT * px_per_pt))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    found = []
    for label in range(1, count):
        x, y, wide, high, _ = (int(v) for v in stats[label])
        if min(wide, high) < MIN_SIDE_PT * px_per_pt:
            continue
        first, last = _without_captions(tone[y : y + high, x : x + wide], px_per_pt)
        part = labels[y + first : y + last, x : x + wide] == label
        inked = part & (tone[y + first : y + last, x : x + wide] > 0)
        y, high = y + first, last - first
        box = _trimmed(inked, (x, y))
        inner = part[box[1] - y : box[3] - y, box[0] - x : box[2] - x]
        fill = float(inner.mean()) if inner.size else 0.0
        if fill < MIN_TONE_FILL or min(inner.shape) < MIN_SIDE_PT * px_per_pt:
            continue
        if _is_page_edge(box, tone.shape):
            continue
        found.append(Blob(_bled(_floats(box), tone.shape), fill))
    return _merged(found)


def _without_captions(part: Mask, px_per_pt: float) -> tuple[int, int]:
    """Return the first and last row of a picture without lines of type stuck to its rim.

    A caption set tight is parted from its picture by a thin white strip only.
    """
    white = (part > 0).mean(axis=1) < CAPTION_GAP_COVER
    reach = min(len(white) // 4, round(STUCK_CAPTION_PT * px_per_pt))
    above = np.flatnonzero(white[:reach])
    below = np.flatnonzero(white[::-1][:reach])
    first = int(above[-1]) + 1 if len(above) else 0
    last = len(white) - (int(below[-1]) + 1 if len(below) else 0)
    return first, last


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
    bled = _bled(_floats(box), shape)
    if box[3] - box[1] > SPINE_HEIGHT * high and box[2] - box[0] < SPINE_WIDTH * wide:
        return True
    touches = bled[0] == 0 or bled[1] == 0 or bled[2] == wide or bled[3] == high
    thin = box[2] - box[0] < PAGE_EDGE_SHARE * wide or box[3] - box[1] < PAGE_EDGE_SHARE * high
    return touches and thin


def _merged(blobs: list[Blob]) -> list[Blob]:
    """Join boxes that overlap: bright parts may have split one picture."""
    kept: list[Blob] = []
    for blob in sorted(blobs, key=lambda b: -area(b.box)):
        for i, other in enumerate(kept):
            if covered(blob.box, other.box) > 0.2:
                kept[i] = Blob(union((blob.box, other.box)), other.fill)
                break
        else:
            kept.append(blob)
    return kept


def _apart(blobs: Sequence[Blob]) -> list[Blob]:
    """Drop what lies in a better described picture: it was found at another contrast."""
    kept: list[Blob] = []
    for blob in sorted(blobs, key=lambda b: -b.worth):
        if not any(covered(blob.box, other.box) > 0.4 for other in kept):
            kept.append(blob)
    return kept


def _printed(blobs: Sequence[Blob], departure: npt.NDArray[np.float32]) -> list[Blob]:
    """Drop the faint pictures of the other side of the leaf that shine through the paper."""
    tones = [float(np.median(_part(departure, blob.box))) for blob in blobs]
    strongest = max(tones, default=0.0)
    return [
        blob
        for blob, tone in zip(blobs, tones, strict=True)
        if tone >= FAINT_TONE or tone > GHOST_SHARE * strongest
    ]


def _part(plane: npt.NDArray[np.float32], box: Box) -> npt.NDArray[np.float32]:
    x0, y0, x1, y1 = (max(0, round(v)) for v in box)
    return plane[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]


def _drawings(strokes: Mask, words: Sequence[Box], px_per_pt: float) -> list[Region]:
    """Return clusters of strokes with at least one long stroke that is no rule."""
    rules = _rules(strokes, px_per_pt)
    free = cv2.subtract(strokes, cv2.dilate(rules, np.ones((3, 3), np.uint8)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=8)
    length = np.maximum(stats[:, 2], stats[:, 3])
    long = [i for i in range(1, count) if length[i] >= DRAWING_STROKE_PT * px_per_pt]
    clusters = cv2.dilate(strokes, _square(2 * DRAWING_REACH_PT * px_per_pt))
    _, cluster_labels, _, _ = cv2.connectedComponentsWithStats(clusters, connectivity=8)
    found = []
    for cluster in sorted({int(cluster_labels[labels == i].max()) for i in long}):
        ys, xs = np.nonzero((cluster_labels == cluster) & (strokes > 0))
        box = (float(xs.min()), float(ys.min()), float(xs.max()) + 1, float(ys.max()) + 1)
        sides = sorted(((box[2] - box[0]) / px_per_pt, (box[3] - box[1]) / px_per_pt))
        large = all(a >= b for a, b in zip(sides, MIN_DRAWING_SIDE_PT, strict=True))
        if large and _text_share(box, words) <= MAX_TEXT_SHARE:
            found.append(Region(box, DRAWING_CONFIDENCE, True))
    return found


def _frames(box: Box, pictures: Sequence[Box]) -> bool:
    """Tell the rims of photographs, which lie around them, from line art."""
    return sum(overlap_area(box, picture) for picture in pictures) > FRAMED_SHARE * area(box)


def _column_rules(mask: Mask, words: Sequence[Box], px_per_pt: float) -> Mask:
    """Return the upright rules between columns of text: words stand along both their sides."""
    found = np.zeros_like(mask)
    length, reach = round(COLUMN_RULE_PT * px_per_pt), COLUMN_REACH_PT * px_per_pt
    upright = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(upright, connectivity=8)
    for label in range(1, count):
        x, y, wide, high, _ = (int(v) for v in stats[label])
        if wide > MAX_RULE_PT * px_per_pt + high * COLUMN_RULE_TILT:
            continue
        level = [w for w in words if w[1] < y + high and w[3] > y]
        left = sum(w[3] - w[1] for w in level if 0 <= x - w[2] < reach)
        right = sum(w[3] - w[1] for w in level if 0 <= w[0] - x - wide < reach)
        if min(left, right) > COLUMN_RULE_TEXT * high:
            found[labels == label] = 255
    return np.asarray(cv2.dilate(found, np.ones((3, 3), np.uint8)), np.uint8)


def _rules(mask: Mask, px_per_pt: float) -> Mask:
    """Return the long, straight and thin strokes; letters of a line may run into one too."""
    length, thick = round(RULE_PT * px_per_pt), max(2, round(MAX_RULE_PT * px_per_pt))
    level = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    upright = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    level = cv2.subtract(level, cv2.morphologyEx(level, cv2.MORPH_OPEN, _column(thick)))
    upright = cv2.subtract(upright, cv2.morphologyEx(upright, cv2.MORPH_OPEN, _column(thick).T))
    return np.asarray(cv2.bitwise_or(level, upright), np.uint8)


def _column(size: int) -> Mask:
    return np.ones((size, 1), np.uint8)
