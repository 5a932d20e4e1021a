"""The captions of a page: labelled lines, numbered lines, blocks in the style of captions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from mmskin_build.align.caption_blocks import LEARNED_BELIEF, CaptionBlock, grow
from mmskin_build.align.continuations import DETACHED_REACH_EM, join_columns, over_column_breaks
from mmskin_build.align.labels import Label, parse_label, parse_number
from mmskin_build.align.layout import PageContent, style_of
from mmskin_build.align.regions import picture_tiles
from mmskin_build.align.style import (
    BARE_PICTURE_PT,
    BookStyle,
    caption_belief,
    labelled_lines,
    meets_label,
    stands_at,
    stands_free_at,
    starts_something,
)
from mmskin_build.align.sub_captions import SubCaption
from mmskin_build.geometry import Box, covered, distance, height, overlap_area, width
from mmskin_build.records import TextLine

MIN_BELIEF = 0.5  # weaker starts are sentences
UNLABELLED_BELIEF = 0.6  # of a block that only looks like a caption
UNLABELLED_SHARE = 0.3  # its style must cover this share of the labelled captions
BARE_CHARS = 12
BARE_WORDS = 2
PANEL_GAP_PT = 16.0
_WORD = re.compile(r"[^\W\d_]{2}")


def find_captions(
    content: PageContent, book: BookStyle, notes: Sequence[SubCaption] = ()
) -> list[CaptionBlock]:
    """Return the captions of a page, labelled ones first, then blocks in caption style.

    Lines of ``notes`` speak of one panel; where a caption with label speaks of the whole figure,
    they are none themselves.
    """
    starts: list[tuple[TextLine, Label, float]] = []
    for line, label in labelled_lines(content, book.label_words):
        belief = caption_belief(line, label, content, book)
        if belief >= MIN_BELIEF:
            starts.append((line, label, belief))
    pictures = _pictures(content, book)
    starts += _numbered_lines(content, book, pictures)
    starts = _printed_once(starts)
    taken = {line.line for line, _, _ in starts}
    if starts:
        taken.update(line.line for note in notes for line in note.lines)
    captions = []
    for line, label, belief in starts:
        lines = grow(line, label, content, (book, taken))
        taken.update(item.line for item in lines)
        if len(lines) == 1 and not label.rest and book.is_chapter(label.number):
            continue  # a heading over plates that have labels of their own
        captions.append(CaptionBlock(content.number, label, tuple(lines), belief))
    captions = join_columns(captions, content, (book, taken))
    captions = over_column_breaks(captions, content, (book, taken))
    loose = _unlabelled(content, book, taken)
    bare = [c for c in loose if _is_bare(c, pictures, (content, book))]
    return _join_lone_labels(captions, bare, (pictures, content, book))


def _pictures(content: PageContent, book: BookStyle) -> list[Box]:
    rasters = [
        g for g in content.graphics if g.kind == "raster" and not book.is_furniture(g, content)
    ]
    boxes = [atom.box for atom in picture_tiles(rasters)]
    boxes += [region.bbox for region in content.regions]
    return [box for box in boxes if min(width(box), height(box)) > BARE_PICTURE_PT]


def _numbered_lines(
    content: PageContent, book: BookStyle, pictures: Sequence[Box]
) -> list[tuple[TextLine, Label, float]]:
    """Return lines set like captions that start with a number but no word.

    They stand at a picture, unless the book is known to label its figures this way.
    """
    found = []
    for line in content.upright if pictures or book.number_styles else ():
        label = parse_number(line.text) if line.text[:1].isalnum() else None
        if label is None or content.is_running(line):
            continue
        style = style_of(line)
        if style in book.number_styles:
            if label.number in book.numbers and starts_something(line, content):
                lines = grow(line, label, content, (book, set()))
                if any(_WORD.search(item.text) for item in lines):  # else the ticks of an axis
                    found.append((line, label, UNLABELLED_BELIEF))
            continue
        like_caption = book.caption_share(style) >= UNLABELLED_SHARE and not book.is_body(style)
        if not like_caption and not book.is_bare_caption(line):
            continue
        compound = any(mark in label.number for mark in ".-–")
        if not label.rest or not (compound or book.uses_mark(label.mark)):
            continue
        last = grow(line, label, content, (book, set()))[-1]
        if any(
            stands_at(line, box) or stands_at(last, box) or covered(line.bbox, box) > 0.9
            for box in pictures
        ):
            found.append((line, label, UNLABELLED_BELIEF))
    return found


def _join_lone_labels(
    captions: list[CaptionBlock],
    bare: list[CaptionBlock],
    seen: tuple[Sequence[Box], PageContent, BookStyle],
) -> list[CaptionBlock]:
    """Give a label without text the block without label that stands at the same picture."""
    pictures, content, book = seen
    joined, free = [], list(bare)
    for caption in captions:
        if caption.label and not caption.label.rest and len(caption.lines) == 1:
            reach = DETACHED_REACH_EM * caption.size
            near = _with_panels([p for p in pictures if distance(caption.box, p) < reach], pictures)
            level = _with_panels([p for p in pictures if _rise(caption.box, p) < reach], pictures)
            text = next(
                (
                    b
                    for b in free
                    if _is_bare(b, near, (content, book))
                    or (_beside(caption.box, b.box) and _is_bare(b, level, (content, book)))
                ),
                None,
            )
            if text is not None:
                free.remove(text)
                caption = replace(caption, lines=caption.lines + text.lines, detached=True)
        joined.append(caption)
    return joined + free


def _rise(a: Box, b: Box) -> float:
    """Return the distance of two boxes from top to bottom, wherever they stand sideways."""
    return max(0.0, a[1] - b[3], b[1] - a[3])


def _beside(a: Box, b: Box) -> bool:
    """Tell whether two boxes stand in one column."""
    return min(a[2], b[2]) > max(a[0], b[0])


def _with_panels(near: list[Box], pictures: Sequence[Box]) -> list[Box]:
    """Return pictures with those close to them or to each other: panels of one figure."""
    found, rest = list(near), [box for box in pictures if box not in near]
    while True:
        close = [box for box in rest if any(distance(box, other) < PANEL_GAP_PT for other in found)]
        if not close:
            return found
        found += close
        rest = [box for box in rest if box not in close]


def block_at_top(
    content: PageContent, book: BookStyle, captions: Sequence[CaptionBlock]
) -> CaptionBlock | None:
    """Return a caption-like block without label that opens the text of a page."""
    taken = {line.line for caption in captions if caption.label for line in caption.lines}
    for block in _unlabelled(content, book, taken):
        top = block.box[1]
        if parse_label(block.lines[0].text, book.label_words):
            continue
        if any(
            g.bbox[3] < top + 1 and min(width(g.bbox), height(g.bbox)) > BARE_PICTURE_PT
            for g in content.graphics
        ):
            return None
        above = content.upright[: bisect_left(content.tops, top)]
        if all(content.is_running(line) or line.bbox[3] >= top for line in above):
            return block
        return None
    return None


def _is_bare(
    caption: CaptionBlock, pictures: Sequence[Box], seen: tuple[PageContent, BookStyle]
) -> bool:
    """Tell whether a block without label can be a caption: a phrase right at a picture."""
    content, book = seen
    known = book.is_bare_caption(caption.lines[0])
    if meets_label(caption.box, caption.size, content, book.label_words):
        return False
    text = " ".join(line.text for line in caption.lines)
    if len(text) < BARE_CHARS or text.count(" ") + 1 < BARE_WORDS:
        return False
    ends = (caption.lines[0], caption.lines[-1])
    return any(
        stands_at(line, box) or (known and stands_free_at(line, box, content))
        for line in ends
        for box in pictures
    )


def _printed_once(
    starts: list[tuple[TextLine, Label, float]],
) -> list[tuple[TextLine, Label, float]]:
    """Drop starts that lie on top of another with the same label: text printed twice."""
    kept: list[tuple[TextLine, Label, float]] = []
    for start in sorted(starts, key=lambda s: (-s[2], -len(s[0].text), s[0].line)):
        line, label, _ = start
        again = any(
            other.number == label.number and overlap_area(line.bbox, seen.bbox) > 0
            for seen, other, _ in kept
        )
        if not again:
            kept.append(start)
    return sorted(kept, key=lambda s: (s[0].bbox[1], s[0].bbox[0]))


def _unlabelled(content: PageContent, book: BookStyle, taken: set[int]) -> list[CaptionBlock]:
    """Return blocks without a label that are set like the book's captions and unlike its body."""
    found = []
    for line in content.upright:
        style = style_of(line)
        if line.line in taken or book.is_body(style) or content.is_running(line):
            continue
        shared = book.caption_share(style) >= UNLABELLED_SHARE and not book.body.like(style)
        if not shared and not book.is_bare_caption(line):
            continue
        lines = grow(line, None, content, (book, taken))
        taken.update(item.line for item in lines)
        if sum(len(item.text) for item in lines) >= 8:
            belief = LEARNED_BELIEF if book.is_bare_caption(line) else UNLABELLED_BELIEF
            found.append(CaptionBlock(content.number, None, tuple(lines), belief))
    return found
