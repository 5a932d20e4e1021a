"""Text lines of a page with the style a reader sees, without decoding a single image."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pymupdf

from mmskin_build.geometry import Box, iou, rounded, union
from mmskin_build.records import EmbeddedLine

TEXT_FLAGS = (
    pymupdf.TEXT_PRESERVE_WHITESPACE
    | pymupdf.TEXT_MEDIABOX_CLIP
    | pymupdf.TEXT_USE_CID_FOR_UNKNOWN_UNICODE
)
JOIN_GAP_EM = 1.2  # pieces of one baseline closer than this are one line
SAME_BASELINE = 0.35  # of the type size
PRINTED_TWICE_IOU = 0.6  # same words at the same place: shadow or fake bold
BOLD_NAMES = ("bold", "black", "heavy", "semibold", "demi")
ITALIC_NAMES = ("italic", "oblique")
_BOLD_FLAG, _ITALIC_FLAG = pymupdf.TEXT_FONT_BOLD, pymupdf.TEXT_FONT_ITALIC

Span = dict[str, Any]
Piece = tuple[Box, list[Span], int]


def page_lines(source_id: str, page: int, display_list: Any) -> list[EmbeddedLine]:
    """Return the lines of a page in the order and blocks of the text layer."""
    content = pymupdf.TextPage(display_list.get_textpage(TEXT_FLAGS)).extractDICT()
    lines: list[EmbeddedLine] = []
    seen: dict[str, list[Box]] = {}
    for block in content["blocks"]:
        for box, spans, angle in _joined(block.get("lines", ())):
            text = " ".join("".join(span["text"] for span in spans).split())
            if not text or _printed_before(seen, text, box):
                continue
            place = (page, len(lines), int(block["number"]))
            lines.append(_line(source_id, place, (box, spans, angle), text))
    return lines


def _joined(raw: Any) -> Iterator[Piece]:
    """Yield the lines of a block, joining the pieces of one baseline."""
    current: Piece | None = None
    for line in raw:
        spans = [span for span in line["spans"] if span["text"]]
        if not spans:
            continue
        piece = (tuple(line["bbox"]), spans, _angle(line["dir"]))
        if current is not None and _continues(current, piece):
            space = {**current[1][-1], "text": " "}
            current = (union((current[0], piece[0])), [*current[1], space, *spans], piece[2])
            continue
        if current is not None:
            yield current
        current = piece
    if current is not None:
        yield current


def _angle(direction: tuple[float, float]) -> int:
    return round(math.degrees(math.atan2(-direction[1], direction[0]))) % 360


def _continues(left: Piece, right: Piece) -> bool:
    (a, spans, angle), (b, _, other) = left, right
    if angle or other:
        return False
    size = max(1.0, float(spans[-1]["size"]))
    level = abs(a[3] - b[3]) < SAME_BASELINE * size or abs(a[1] - b[1]) < SAME_BASELINE * size
    return level and -0.5 * size < b[0] - a[2] < JOIN_GAP_EM * size


def _printed_before(seen: dict[str, list[Box]], text: str, box: Box) -> bool:
    boxes = seen.setdefault(text, [])
    if any(iou(box, other) > PRINTED_TWICE_IOU for other in boxes):
        return True
    boxes.append(box)
    return False


def _line(
    source_id: str, place: tuple[int, int, int], piece: Piece, text: str
) -> EmbeddedLine:
    box, spans, angle = piece
    main = _dominant(spans)
    lead = next((span for span in spans if span["text"].strip()), main)
    return EmbeddedLine(
        source_id=source_id,
        page=place[0],
        line=place[1],
        block=place[2],
        bbox=rounded(box),
        text=text,
        font=str(main["font"]),
        size_pt=round(float(main["size"]), 2),
        bold=is_bold(main),
        italic=is_italic(main),
        color=int(main["color"]),
        lead_bold=is_bold(lead),
        lead_color=int(lead["color"]),
        angle=angle,
        origin="embedded",
        confidence=1.0,
        lead_font=str(lead["font"]),
    )


def _dominant(spans: list[Span]) -> Span:
    """Return a span of the style that most characters are set in."""
    if len(spans) == 1:
        return spans[0]
    counts: dict[tuple[Any, ...], int] = {}
    first: dict[tuple[Any, ...], Span] = {}
    for span in spans:
        key = (span["font"], round(span["size"], 1), span["color"])
        counts[key] = counts.get(key, 0) + len(span["text"])
        first.setdefault(key, span)
    return first[max(counts, key=lambda key: counts[key])]


def is_bold(span: Span) -> bool:
    """Tell bold type from the font's flag or its name."""
    name = span["font"].lower()
    return bool(span["flags"] & _BOLD_FLAG) or any(word in name for word in BOLD_NAMES)


def is_italic(span: Span) -> bool:
    """Tell italic type from the font's flag or its name."""
    name = span["font"].lower()
    return bool(span["flags"] & _ITALIC_FLAG) or any(word in name for word in ITALIC_NAMES)
