"""Caption blocks of a page: a labelled line and the lines that follow in its style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from mmskin_build.align.labels import Label, parse_label, parse_number
from mmskin_build.align.layout import PageContent, Style, style_of
from mmskin_build.align.prose import Vocabulary, join_lines
from mmskin_build.align.style import (
    BARE_PICTURE_PT,
    BookStyle,
    caption_belief,
    labelled_lines,
    nearest_below,
    stands_at,
)
from mmskin_build.geometry import Box, distance, height, iou, overlap_area, union, width
from mmskin_build.records import TextLine

MIN_BELIEF = 0.5  # weaker starts are sentences
UNLABELLED_BELIEF = 0.6  # of a block that only looks like a caption
UNLABELLED_SHARE = 0.3  # its style must cover this share of the labelled captions
FIRST_GAP_EM = 0.75  # white space allowed under the first caption line, in type sizes
PITCH_SLACK = 1.25  # later lines keep the pitch of the first two
LOOSE_GAP_EM = 0.9
PIECE_GAP_EM = 4.0  # a label and its text on one baseline
SENTENCE_ENDS = (".", "!", "?", ".)")
DETACHED_REACH_EM = 3.5  # how far from the figure the text of a lone label may stand
BARE_CHARS = 12
BARE_WORDS = 2
TOP_SLACK_EM = 1.0  # columns of one caption start level


@dataclass(frozen=True, slots=True)
class CaptionBlock:
    """A caption as found on one page, before it is paired."""

    page: int
    label: Label | None
    lines: tuple[TextLine, ...]
    belief: float
    tail: tuple[TextLine, ...] = ()  # what follows on the next page
    detached: bool = False  # the label stands apart from its text, on another side of the figure

    @property
    def box(self) -> Box:
        """Return the box around the caption; without a label that stands apart."""
        return union(line.bbox for line in self.lines[1 if self.detached else 0 :])

    @property
    def kind(self) -> str:
        """Return 'figure' or 'other'."""
        return self.label.kind if self.label else "figure"

    @property
    def number(self) -> str:
        """Return the printed number; '' when unnumbered."""
        return self.label.number + self.label.suffix if self.label else ""

    @property
    def size(self) -> float:
        """Return the type size of the text."""
        return self.lines[-1].size_pt

    def text(self, vocabulary: Vocabulary) -> str:
        """Return the caption as running text without its label."""
        texts = [line.text for line in (*self.lines, *self.tail)]
        if self.label:
            texts[0] = self.lines[0].text[self.label.end :]
        return join_lines(texts, vocabulary)


def find_captions(content: PageContent, book: BookStyle) -> list[CaptionBlock]:
    """Return the captions of a page, labelled ones first, then blocks in caption style."""
    starts: list[tuple[TextLine, Label, float]] = []
    for line, label in labelled_lines(content, book.profile.label_words):
        belief = caption_belief(line, label, content, book)
        if belief >= MIN_BELIEF:
            starts.append((line, label, belief))
    pictures = _pictures(content, book)
    starts += _numbered_lines(content, book, pictures)
    starts = _printed_once(starts)
    taken = {line.line for line, _, _ in starts}
    captions = []
    for line, label, belief in starts:
        lines = _grow(line, label, content, (book, taken))
        taken.update(item.line for item in lines)
        if len(lines) == 1 and not label.rest and book.is_chapter(label.number):
            continue  # a heading over plates that have labels of their own
        captions.append(CaptionBlock(content.number, label, tuple(lines), belief))
    captions = _join_columns(captions, content, (book, taken))
    loose = _unlabelled(content, book, taken)
    return _join_lone_labels(captions, [c for c in loose if _is_bare(c, pictures)], pictures)


def _pictures(content: PageContent, book: BookStyle) -> list[Box]:
    boxes = [g.bbox for g in content.graphics if g.kind == "raster" and not book.is_furniture(g)]
    boxes += [region.bbox for region in content.regions]
    return [box for box in boxes if min(width(box), height(box)) > BARE_PICTURE_PT]


def _numbered_lines(
    content: PageContent, book: BookStyle, pictures: Sequence[Box]
) -> list[tuple[TextLine, Label, float]]:
    """Return lines at a picture, set like captions, that start with a number but no word."""
    found = []
    for line in content.upright if pictures else ():
        label = parse_number(line.text) if line.text[:1].isalnum() else None
        if label is None or content.is_running(line):
            continue
        style = style_of(line)
        like_caption = book.caption_share(style) >= UNLABELLED_SHARE and not book.is_body(style)
        if not like_caption and not book.is_bare_caption(line):
            continue
        compound = any(mark in label.number for mark in ".-–")
        if (compound or book.uses_mark(label.mark)) and any(
            stands_at(line, box) for box in pictures
        ):
            found.append((line, label, UNLABELLED_BELIEF))
    return found


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
        lines = _grow(line, None, content, (book, taken))
        if sum(len(item.text) for item in lines) >= BARE_CHARS:
            return replace(caption, lines=caption.lines + tuple(lines), detached=True)
    return caption


def _join_lone_labels(
    captions: list[CaptionBlock], bare: list[CaptionBlock], pictures: Sequence[Box]
) -> list[CaptionBlock]:
    """Give a label without text the block without label that stands at the same picture."""
    joined, free = [], list(bare)
    for caption in captions:
        if caption.label and not caption.label.rest and len(caption.lines) == 1:
            reach = DETACHED_REACH_EM * caption.size
            near = [box for box in pictures if distance(caption.box, box) < reach]
            text = next((b for b in free if _is_bare(b, near)), None)
            if text is not None:
                free.remove(text)
                caption = replace(caption, lines=caption.lines + text.lines, detached=True)
        joined.append(caption)
    return joined + free


def block_at_top(
    content: PageContent, book: BookStyle, captions: Sequence[CaptionBlock]
) -> CaptionBlock | None:
    """Return a caption-like block without label that opens the text of a page."""
    taken = {line.line for caption in captions if caption.label for line in caption.lines}
    for block in _unlabelled(content, book, taken):
        above = [line for line in content.upright if line.bbox[3] < block.box[1]]
        art = [g for g in content.graphics if g.bbox[3] < block.box[1] + 1]
        pictures = [g for g in art if min(width(g.bbox), height(g.bbox)) > BARE_PICTURE_PT]
        if parse_label(block.lines[0].text, book.profile.label_words):
            continue
        if not pictures and all(content.is_running(line) for line in above):
            return block
    return None


def _is_bare(caption: CaptionBlock, pictures: Sequence[Box]) -> bool:
    """Tell whether a block without label can be a caption: a phrase right at a picture."""
    text = " ".join(line.text for line in caption.lines)
    if len(text) < BARE_CHARS or text.count(" ") + 1 < BARE_WORDS:
        return False
    ends = (caption.lines[0], caption.lines[-1])
    return any(stands_at(line, box) for line in ends for box in pictures)


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


def _grow(
    first: TextLine, label: Label | None, content: PageContent, known: tuple[BookStyle, set[int]]
) -> list[TextLine]:
    book, taken = known
    lines = [first]
    if label is not None and not label.rest:
        beside = _text_beside(first, content, taken)
        under = nearest_below(first.bbox, content.upright, LOOSE_GAP_EM * first.size_pt)
        follower = beside or under
        if follower is None or follower.line in taken:
            return lines
        lines.append(follower)
    style = style_of(lines[-1])
    while True:
        following = _next_line(lines, style, content, (book, taken))
        if following is None:
            return lines
        lines.append(following)


def _text_beside(line: TextLine, content: PageContent, taken: set[int]) -> TextLine | None:
    for other in content.upright:
        gap = other.bbox[0] - line.bbox[2]
        level = abs(other.bbox[3] - line.bbox[3]) < 0.4 * line.size_pt
        if level and 0 <= gap < PIECE_GAP_EM * line.size_pt and other.line not in taken:
            return other
    return None


def _next_line(
    lines: list[TextLine], style: Style, content: PageContent, known: tuple[BookStyle, set[int]]
) -> TextLine | None:
    """Return the line that continues a caption downwards, or None at its end."""
    book, taken = known
    last, box = lines[-1], union(line.bbox for line in lines)
    own = {line.line for line in lines}
    candidate: TextLine | None = None
    for other in content.upright:
        if other.line in own or other.bbox[1] < last.bbox[1] + 0.3 * last.size_pt:
            continue
        beside = min(box[2], other.bbox[2]) - max(box[0], other.bbox[0])
        if beside > 0.3 * min(box[2] - box[0], other.bbox[2] - other.bbox[0]):
            candidate = other
            break
    if candidate is None or candidate.line in taken:
        return None
    return candidate if _follows(lines, candidate, style, (content, book)) else None


def _follows(
    lines: list[TextLine], line: TextLine, style: Style, known: tuple[PageContent, BookStyle]
) -> bool:
    content, book = known
    if not style.like(style_of(line)) or _sticks_out(lines, line):
        return False
    pitches = [b.bbox[3] - a.bbox[3] for a, b in pairwise(lines)]
    pitch = line.bbox[3] - lines[-1].bbox[3]
    regular = [p for p in pitches[-3:] if p > 0.5 * line.size_pt]
    gap = line.bbox[1] - lines[-1].bbox[3]
    same_block = line.block == lines[-1].block
    if regular and not same_block and pitch > PITCH_SLACK * max(regular) + 0.5:
        return False
    limit = FIRST_GAP_EM if same_block or not book.is_body(style) else 0.4
    if gap > limit * line.size_pt:
        return False
    if same_block or not book.is_body(style):
        return True
    # Caption and body share a style: another block that looks like prose is the body.
    return line.line not in content.prose


def _sticks_out(lines: list[TextLine], line: TextLine) -> bool:
    """Tell whether a line is much wider than the caption so far: running text below it."""
    if len(lines) < 2:
        return False
    box = union(item.bbox for item in lines)
    slack = 2.0 * line.size_pt
    return line.bbox[0] < box[0] - 3 * slack or line.bbox[2] > box[2] + 6 * slack


def _join_columns(
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
        if line.line in taken or not style.like(style_of(line)):
            continue
        level = abs(line.bbox[1] - caption.lines[0].bbox[1]) < TOP_SLACK_EM * size
        if level and 0 < line.bbox[0] - box[2] < 8 * size and len(caption.lines) > 1:
            more = _grow(line, None, content, known)
            balanced = abs(len(more) - len(caption.lines)) <= 1
            if caption.lines[-1].text.endswith(SENTENCE_ENDS) and not balanced:
                return caption
            if len(more) > len(caption.lines) + 1:
                return caption
            taken.update(item.line for item in more)
            return replace(caption, lines=caption.lines + tuple(more))
    return caption


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
        lines = _grow(line, None, content, (book, taken))
        taken.update(item.line for item in lines)
        if sum(len(item.text) for item in lines) >= 8:
            found.append(CaptionBlock(content.number, None, tuple(lines), UNLABELLED_BELIEF))
    return found


def overlaps_any(box: Box, captions: Sequence[CaptionBlock]) -> bool:
    """Tell whether a box coincides with a caption."""
    return any(iou(box, caption.box) > 0 for caption in captions)
