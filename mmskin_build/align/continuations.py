"""Captions that go on: beside, in the next column, or away from their label."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from mmskin_build.align.caption_blocks import CaptionBlock, grow
from mmskin_build.align.labels import parse_label
from mmskin_build.align.layout import PageContent, Style, style_of
from mmskin_build.align.style import BookStyle
from mmskin_build.geometry import Box
from mmskin_build.records import TextLine

SENTENCE_ENDS = (".", "!", "?", ".)")
DETACHED_REACH_EM = 3.5  # how far from the figure the text of a lone label may stand
BARE_CHARS = 12
TOP_SLACK_EM = 1.0  # columns of one caption start level


def join_columns(
    captions: list[CaptionBlock], content: PageContent, known: tuple[BookStyle, set[int]]
) -> list[CaptionBlock]:
    """Append the block to the right that starts level with a caption, in its style."""
    book = known[0]
    joined = []
    for caption in captions:
        style = style_of(caption.lines[-1])
        if not book.is_body(style):
            caption = _with_next_column(caption, content, known)
        joined.append(caption)
    return joined


def _with_next_column(
    caption: CaptionBlock, content: PageContent, known: tuple[BookStyle, set[int]]
) -> CaptionBlock:
    taken = known[1]
    box, size = caption.box, caption.size
    style = style_of(caption.lines[-1])
    for line in content.upright:
        if line.line in taken or not _same_face(style, style_of(line)):
            continue
        level = abs(line.bbox[1] - caption.lines[0].bbox[1]) < TOP_SLACK_EM * size
        if level and 0 < line.bbox[0] - box[2] < 8 * size and len(caption.lines) > 1:
            more = grow(line, None, content, known)
            balanced = abs(len(more) - len(caption.lines)) <= 1
            if caption.lines[-1].text.endswith(SENTENCE_ENDS) and not balanced:
                return caption
            if len(more) > len(caption.lines) + 1:
                return caption
            taken.update(item.line for item in more)
            return replace(caption, lines=caption.lines + tuple(more))
    return caption


def _same_face(style: Style, other: Style) -> bool:
    """Tell whether a caption may go on in a style elsewhere: alike, and of one type family."""
    return style.family == other.family and style.like(other)


def at_column_foot(caption: CaptionBlock, content: PageContent) -> bool:
    """Tell whether a caption is the last text of its column."""
    box = caption.box
    return not any(
        line.bbox[1] > box[3] - 1
        and min(line.bbox[2], box[2]) > max(line.bbox[0], box[0])
        and not content.is_running(line)
        for line in content.upright[bisect_left(content.tops, box[3] - 1) :]
    )


def over_column_breaks(
    captions: list[CaptionBlock], content: PageContent, known: tuple[BookStyle, set[int]]
) -> list[CaptionBlock]:
    """Append the block that opens the next column to an unfinished caption at a column's foot."""
    book, taken = known
    joined = []
    for caption in captions:
        if caption.kind == "figure" and not book.is_body(style_of(caption.lines[-1])):
            caption = _with_column_top(caption, content, known)
            taken.update(line.line for line in caption.tail)
        joined.append(caption)
    return joined


def _with_column_top(
    caption: CaptionBlock, content: PageContent, known: tuple[BookStyle, set[int]]
) -> CaptionBlock:
    taken = known[1]
    box, style = caption.box, style_of(caption.lines[-1])
    right = [
        line
        for line in content.upright
        if line.bbox[0] > box[2] - 2 and not content.is_running(line)
    ]
    if not right or not at_column_foot(caption, content):
        return caption
    first = right[0]
    higher = first.bbox[3] < caption.lines[0].bbox[1]
    if caption.lines[-1].text.endswith(SENTENCE_ENDS) and _at_picture(first, content):
        return caption
    if higher and first.line not in taken and _same_face(style, style_of(first)):
        return replace(caption, tail=tuple(grow(first, None, content, known)))
    return caption


def _at_picture(line: TextLine, content: PageContent) -> bool:
    """Tell whether a block that opens a column may be the caption of a picture there."""
    top, size = line.bbox[1], line.size_pt
    return any(
        min(g.bbox[2], line.bbox[2]) > max(g.bbox[0], line.bbox[0])
        and g.bbox[3] > top - 8 * size
        and g.bbox[1] < top + 8 * size
        for g in content.graphics
    )


def with_detached_text(
    caption: CaptionBlock, figure: Box, content: PageContent, book: BookStyle
) -> CaptionBlock:
    """Return a caption that is only a label together with its text on another side.

    Some journals print 'Figure 3' in a bar over the picture and the text under it.
    """
    label = caption.label
    if label is None or label.rest or len(caption.lines) > 1:
        return caption
    reach = DETACHED_REACH_EM * caption.size
    taken = {line.line for line in caption.lines}
    for line in content.upright:
        gap = max(line.bbox[1] - figure[3], figure[1] - line.bbox[3])
        beside = min(line.bbox[2], figure[2]) - max(line.bbox[0], figure[0])
        if line.line in taken or not -2 < gap < reach or beside <= 0:
            continue
        style = style_of(line)
        if book.is_body(style) or content.is_running(line) or parse_label(line.text):
            continue
        lines = grow(line, None, content, (book, taken))
        if sum(len(item.text) for item in lines) >= BARE_CHARS:
            return replace(caption, lines=caption.lines + tuple(lines), detached=True)
    return caption
