"""A caption as found on a page, and how it grows from its first line."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

from mmskin_build.align.labels import Label
from mmskin_build.align.layout import PageContent, Style, style_of
from mmskin_build.align.prose import Vocabulary, join_lines
from mmskin_build.align.style import BookStyle, nearest_below
from mmskin_build.geometry import Box, union
from mmskin_build.records import TextLine

FIRST_GAP_EM = 0.75  # white space allowed under the first caption line, in type sizes
PITCH_SLACK = 1.25  # later lines keep the pitch of the first two
LOOSE_GAP_EM = 0.9
LABEL_SHARE = 0.4  # of the first line: then its style is that of the label
PIECE_GAP_EM = 4.0  # a label and its text on one baseline
LEARNED_BELIEF = 0.7  # of a block without label in a style that captions without label have


@dataclass(frozen=True, slots=True)
class CaptionBlock:
    """A caption as found on one page, before it is paired."""

    page: int
    label: Label | None
    lines: tuple[TextLine, ...]
    belief: float
    tail: tuple[TextLine, ...] = ()  # what follows in the next column or on the next page
    detached: bool = False  # the label stands apart from its text, on another side of the figure

    @property
    def box(self) -> Box:
        """Return the box around the caption; without a label that stands apart."""
        return union(line.bbox for line in self.lines[1 if self.detached else 0 :])

    @property
    def is_loose(self) -> bool:
        """Tell whether only the likeness to captions with labels speaks for it."""
        return self.label is None and self.belief < LEARNED_BELIEF

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


def grow(
    first: TextLine, label: Label | None, content: PageContent, known: tuple[BookStyle, set[int]]
) -> list[TextLine]:
    """Return a first line with the lines below it that belong to the same caption."""
    book, taken = known
    lines = [first]
    if label is not None and not label.rest:
        beside = _text_beside(first, content, taken)
        under = nearest_below(
            first.bbox, content.upright, (LOOSE_GAP_EM + content.extra_em) * first.size_pt
        )
        # A panel letter beside a label in the margin is that of the first picture.
        follower = under if beside is None or _is_letter(beside.text) else beside
        if follower is None or follower.line in taken or _is_letter(follower.text):
            return lines
        lines.append(follower)
    style = _text_style(lines, label, content, book)
    while True:
        following = _next_line(lines, style, content, (book, taken))
        if following is None:
            return lines
        lines.append(following)


def _text_style(
    lines: list[TextLine], label: Label | None, content: PageContent, book: BookStyle
) -> Style:
    """Return the style a caption goes on in: a short first line may be mostly its label."""
    first = lines[-1]
    style = style_of(first)
    if label is None or not label.rest:
        return style
    reach = (FIRST_GAP_EM + content.extra_em) * first.size_pt
    below = nearest_below(first.bbox, content.upright, reach)
    if below is None or below.block != first.block:
        return style
    # Of a line half label, half text, the style may be that of either.
    lead = (first.lead_font or first.font, first.lead_bold, first.lead_color)
    as_label = lead == (first.font, first.bold, first.color)
    coloured = style.color == first.lead_color != book.body.color
    running = book.is_body(style_of(below)) and not book.is_body(style)
    if label.end >= LABEL_SHARE * len(first.text):
        return style if running and not as_label else style_of(below)
    return style_of(below) if coloured and not running else style


def _is_letter(text: str) -> bool:
    """Tell a panel letter, '(a)', 'B' or '(ii)', which no caption text begins with alone."""
    bare = text.strip("()[].: ")
    return len(bare) <= 1 or not bare.strip("ivxIVX")


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
    floor = last.bbox[1] + 0.3 * last.size_pt
    for other in content.upright[bisect_left(content.tops, floor) :]:
        if other.line in own:
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
    if style.family != book.body.family and book.is_body(style_of(line)):
        return False
    # Sizes read by OCR are rough; printed ones tell body type from one half a point smaller.
    if line.origin != "ocr" and style.size != book.body.size == style_of(line).size:
        return False
    pitches = [b.bbox[3] - a.bbox[3] for a, b in pairwise(lines)]
    pitch = line.bbox[3] - lines[-1].bbox[3]
    regular = [p for p in pitches[-3:] if p > 0.5 * line.size_pt]
    gap = line.bbox[1] - lines[-1].bbox[3]
    same_block = line.block == lines[-1].block
    if regular and not same_block and pitch > PITCH_SLACK * max(regular) + 0.5:
        return False
    limit = FIRST_GAP_EM if same_block or not book.is_body(style) else 0.4
    if gap > (limit + content.extra_em) * line.size_pt:
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
