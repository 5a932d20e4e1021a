"""Text lines of a page with the style a reader sees, without decoding a single image."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

import pymupdf

from mmskin_build.geometry import Box, covered, iou, rounded, union
from mmskin_build.records import EmbeddedLine

TEXT_FLAGS = (
    pymupdf.TEXT_PRESERVE_WHITESPACE
    | pymupdf.TEXT_MEDIABOX_CLIP
    | pymupdf.TEXT_USE_CID_FOR_UNKNOWN_UNICODE
)
JOIN_GAP_EM = 1.2  # pieces of one baseline closer than this are one line
BLOCK_JOIN_GAP_EM = 0.5  # the same across blocks of the text layer, where columns may meet
SAME_BASELINE = 0.5  # of the smaller height: sub- and superscripts stay in their line
BACK_STEP_EM = 1.5  # formulas set their pieces out of order
WORD_GAP_EM = 0.15
TALL_EM = 1.8  # a line higher than this many type sizes has a font that lies about its height
RISE_EM, FALL_EM = 0.95, 0.3  # of such a font's letters over and under the baseline
DOUBLED_CHARS = 8  # shorter words may repeat themselves
TORN_GAP_EM = 5.0  # widest space inside a justified line
TORN_REACH_EM = 1.7  # the next line is no farther
GHOST_COVER = 0.8  # of a line under the second print of its words
PRINTED_TWICE_IOU = 0.6  # same words at the same place: shadow or fake bold
BOLD_NAMES = ("bold", "black", "heavy", "semibold", "demi")
ITALIC_NAMES = ("italic", "oblique")
_BOLD_FLAG, _ITALIC_FLAG = pymupdf.TEXT_FONT_BOLD, pymupdf.TEXT_FONT_ITALIC

_DOUBLED_LABEL = re.compile(r"^([^\W\d_]{1,12}\.?[\s-]?\d{1,3}(?:[.\-–]\d{1,3})*[a-z]?)\1(?=\W|$)")

Span = dict[str, Any]
Piece = tuple[Box, list[Span], int]


def page_lines(source_id: str, page: int, display_list: Any) -> list[EmbeddedLine]:
    """Return the lines of a page in the order and blocks of the text layer."""
    content = pymupdf.TextPage(display_list.get_textpage(TEXT_FLAGS)).extractDICT()
    lines: list[EmbeddedLine] = []
    seen: dict[str, list[Box]] = {}
    for block, box, spans, angle in _joined(content["blocks"]):
        text = _once(_text(spans))
        if not text or _printed_before(seen, text, box):
            continue
        lines.append(_line(source_id, (page, len(lines), block), (box, spans, angle), text))
    return _mended(_without_ghosts(lines))


def _text(spans: list[Span]) -> str:
    if len(spans) == 1:
        text: str = spans[0]["text"]
    else:
        text = "".join([span["text"] for span in spans])
    return " ".join(text.split())


def _once(text: str) -> str:
    """Return a line without its second print when both were read as one: 'Fig. 1Fig. 1'."""
    if label := _DOUBLED_LABEL.match(text):
        text = label[1] + text[label.end() :]
    half = len(text) // 2
    if len(text) < DOUBLED_CHARS or not text[0].isupper() or text[:half] != text[-half:]:
        return text
    between = text[half : len(text) - half]
    return text if between.strip() or text[half - 1].isspace() else text[:half]


def _without_ghosts(lines: list[EmbeddedLine]) -> list[EmbeddedLine]:
    """Drop lines over which a longer line prints the same words again: a label in fake bold."""
    ghosts = {
        short.line
        for short, long in chain(pairwise(lines), pairwise(reversed(lines)))
        if len(short.text) < len(long.text)
        and long.text.startswith(short.text)
        and covered(short.bbox, long.bbox) > GHOST_COVER
    }
    kept = [line for line in lines if line.line not in ghosts]
    return [replace(line, line=n) for n, line in enumerate(kept)] if ghosts else lines


def _mended(lines: list[EmbeddedLine]) -> list[EmbeddedLine]:
    """Join the halves of a line torn by wide spacing: a line above or below spans the gap.

    Narrow justified columns stretch the spaces between words until they look like gutters.
    """
    result: list[EmbeddedLine] = []
    joined = False
    for index, line in enumerate(lines):
        left = result[-1] if result else None
        if left is not None and _is_torn(left, line, lines, index):
            text = f"{left.text} {line.text}"
            result[-1] = replace(left, text=text, bbox=union((left.bbox, line.bbox)))
            joined = True
        else:
            result.append(line)
    return [replace(line, line=n) for n, line in enumerate(result)] if joined else lines


def _is_torn(
    left: EmbeddedLine, right: EmbeddedLine, lines: list[EmbeddedLine], index: int
) -> bool:
    a, b, size = left.bbox, right.bbox, left.size_pt
    if left.block != right.block or left.angle or right.angle:
        return False
    if abs(a[3] - b[3]) > 0.2 * size or not 0 < b[0] - a[2] < TORN_GAP_EM * size:
        return False
    if left.font != right.font and left.size_pt != right.size_pt:
        return False
    return any(
        other.block == left.block
        and abs(other.bbox[3] - a[3]) > 0.5 * size
        and abs(other.bbox[3] - a[3]) < TORN_REACH_EM * size
        and other.bbox[0] < a[2] - 1
        and other.bbox[2] > b[0] + 1
        for other in lines[max(0, index - 4) : index + 4]
    )


def _joined(blocks: list[dict[str, Any]]) -> Iterator[tuple[int, Box, list[Span], int]]:
    """Yield the lines of a page with their block, joining the pieces of one baseline."""
    pieces: list[Piece] = []
    reach: Box = (0.0, 0.0, 0.0, 0.0)  # of the pieces
    current = 0
    for block in blocks:
        for line in block.get("lines", ()):
            spans = [span for span in line["spans"] if span["text"]]
            if not spans:
                continue
            piece = (_true_height(line), spans, _angle(line["dir"]))
            same_block = bool(pieces) and current == block["number"]
            if pieces and _continues(pieces[0], reach, piece, same_block):
                pieces.append(piece)
                reach = union((reach, piece[0]))
                continue
            if pieces:
                yield (current, *_assemble(pieces))
            pieces, reach, current = [piece], piece[0], int(block["number"])
    if pieces:
        yield (current, *_assemble(pieces))


def _true_height(line: dict[str, Any]) -> Box:
    """Return the box of a line; browsers embed fonts whose letters claim several lines' height."""
    box: Box = line["bbox"]
    x0, y0, x1, y1 = box
    spans = line["spans"]
    if y1 - y0 <= TALL_EM * spans[0]["size"] or _angle(line["dir"]):
        return box
    if y1 - y0 <= TALL_EM * max(span["size"] for span in spans):
        return box
    top = min(span["origin"][1] - RISE_EM * span["size"] for span in spans)
    bottom = max(span["origin"][1] + FALL_EM * span["size"] for span in spans)
    return (x0, max(y0, top), x1, min(y1, bottom))


def _assemble(pieces: list[Piece]) -> Piece:
    """Put the pieces of a line in order and a space where there is a gap."""
    if len(pieces) == 1:
        return pieces[0]
    ordered = sorted(pieces, key=lambda piece: piece[0][0])
    spans = list(ordered[0][1])
    for left, right in pairwise(ordered):
        size = float(left[1][-1]["size"])
        if right[0][0] - left[0][2] > WORD_GAP_EM * size:
            spans.append({**spans[-1], "text": " "})
        spans += right[1]
    return (union(piece[0] for piece in pieces), spans, pieces[0][2])


def _angle(direction: tuple[float, float]) -> int:
    if direction == (1.0, 0.0):
        return 0
    return round(math.degrees(math.atan2(-direction[1], direction[0]))) % 360


def _continues(first: Piece, a: Box, right: Piece, same_block: bool) -> bool:
    """Tell whether a piece goes on with the line that began with ``first`` and fills ``a``."""
    b = right[0]
    if first[2] or right[2]:
        return False
    shared = min(a[3], b[3]) - max(a[1], b[1])
    if shared < SAME_BASELINE * min(a[3] - a[1], b[3] - b[1]):
        return False
    size = max(1.0, float(max(first[1][0]["size"], right[1][0]["size"])))
    reach = (JOIN_GAP_EM if same_block else BLOCK_JOIN_GAP_EM) * size
    if b[0] >= a[2] - 0.5 * size:
        return b[0] - a[2] < reach
    # Out of order, as in formulas: a small piece that lies inside or at the end of the line.
    return (
        same_block
        and a[2] - b[0] < BACK_STEP_EM * size + (b[2] - b[0])
        and (b[2] - b[0] < 6 * size)
    )


def _printed_before(seen: dict[str, list[Box]], text: str, box: Box) -> bool:
    boxes = seen.get(text)
    if boxes is None:
        seen[text] = [box]
        return False
    if any(iou(box, other) > PRINTED_TWICE_IOU for other in boxes):
        return True
    boxes.append(box)
    return False


def _line(source_id: str, place: tuple[int, int, int], piece: Piece, text: str) -> EmbeddedLine:
    box, spans, angle = piece
    main = lead = spans[0]
    if len(spans) > 1:
        main = _dominant(spans)
        lead = next((span for span in spans if span["text"].strip()), main)
    bold = is_bold(main)
    return EmbeddedLine(
        source_id,
        *place,
        rounded(box),
        text,
        main["font"],
        round(main["size"], 2),
        bold,
        is_italic(main),
        main["color"],
        bold if lead is main else is_bold(lead),
        lead["color"],
        angle,
        "embedded",
        1.0,
        lead["font"],
    )


def _dominant(spans: list[Span]) -> Span:
    """Return a span of the style that most characters are set in."""
    main = spans[0]
    font, size, color = main["font"], main["size"], main["color"]
    for span in spans:
        if span["size"] != size or span["font"] != font or span["color"] != color:
            break
    else:
        return main
    counts: dict[tuple[Any, ...], int] = {}
    first: dict[tuple[Any, ...], Span] = {}
    for span in spans:
        key = (span["font"], round(span["size"], 1), span["color"])
        counts[key] = counts.get(key, 0) + len(span["text"])
        first.setdefault(key, span)
    return first[max(counts, key=lambda key: counts[key])]


def is_bold(span: Span) -> bool:
    """Tell bold type from the font's flag or its name."""
    return bool(span["flags"] & _BOLD_FLAG) or _named(span["font"], BOLD_NAMES)


def is_italic(span: Span) -> bool:
    """Tell italic type from the font's flag or its name."""
    return bool(span["flags"] & _ITALIC_FLAG) or _named(span["font"], ITALIC_NAMES)


@lru_cache(maxsize=4096)
def _named(font: str, words: tuple[str, ...]) -> bool:
    name = font.lower()
    return any(word in name for word in words)
