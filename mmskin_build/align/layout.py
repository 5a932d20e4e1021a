"""One page as the aligner sees it: lines, pictures, and which lines are running prose."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property

from mmskin_build.align.labels import LABEL_WORD
from mmskin_build.align.spacing import USUAL_EM, closed_up
from mmskin_build.geometry import Box, union, width
from mmskin_build.records import Graphic, Page, ScanRegion, TextLine

_COMPOUND = re.compile(r"^\d{1,3}[.\-–]\d{1,3}[.:]?$")
_SUBSET = re.compile(r"^[A-Z]{6}\+")
_CUT = re.compile(r"[-,_ ]?(?:bold|ital(?:ic)?|oblique|regular|roman|medium|book|light|semibold|"
                  r"black|demi|heavy|mt|ps|obl|it|bd)+(?=$|[-,_ ])", re.IGNORECASE)  # fmt: skip
PROSE_CHARS = 90  # a paragraph has at least this many characters
PROSE_LINE_CHARS = 28  # and its lines this many on average
COLUMN_LINES = 4  # of a paragraph in a narrow column
COLUMN_LINE_CHARS = 14
COLUMN_FULL = 0.8  # of the widest line
COLUMN_SHARE = 0.7  # of the lines are that wide
LONG_LINE_CHARS = 45
LONG_LINES = 3
RUNNING_SHARE = 0.12  # outer share of the page height where repeated lines are running heads
LETTER_CHARS = 4
LABEL_WORD_CHARS = 13
TORN_GAP_EM = 2.2
MOST_STYLES = 10_000  # remembered; a hostile file may name any number
EDGE_SHARE = 0.09  # running heads and folios stand in this outer share of the page height


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is set: type family, size to half a point, colour, slant and weight."""

    family: str
    size: float
    color: int
    italic: bool = False
    bold: bool = False

    def like(self, other: Style) -> bool:
        """Tell whether two lines look set in one style; weight and slant may differ."""
        return abs(self.size - other.size) <= 0.6 and self.color == other.color


_families: dict[str, str] = {}


def family_of(font: str) -> str:
    """Return the type family of a font name, without subset mark, weight and slant."""
    known = _families.get(font)
    if known is None:
        known = _CUT.sub("", _SUBSET.sub("", font)) or font
        if len(_families) < MOST_STYLES:
            _families[font] = known
    return known


_styles: dict[tuple[str, float, int, bool, bool], Style] = {}


def style_of(line: TextLine) -> Style:
    """Return the style of a line."""
    key = (line.font, line.size_pt, line.color, line.italic, line.bold)
    known = _styles.get(key)
    if known is None:
        size = round(line.size_pt * 2) / 2
        known = Style(family_of(line.font), size, line.color, line.italic, line.bold)
        if len(_styles) < MOST_STYLES:
            _styles[key] = known
    return known


@dataclass
class PageContent:
    """Everything extracted from one page, with derived views computed once."""

    page: Page
    lines: list[TextLine]
    graphics: list[Graphic]
    regions: list[ScanRegion] = field(default_factory=list)
    part: Box | None = None  # of a scan of two book pages, the one this is
    text_styles: frozenset[Style] = frozenset()  # styles of running text, once the book is known
    running: frozenset[int] | None = None  # lines that are running heads, once the book is known
    extra_em: float = 0.0  # white between the lines of a double-spaced page beyond the usual

    def anew(self) -> PageContent:
        """Return the page as before anything was known of its book."""
        page = copy(self)  # with the views that follow from its lines alone
        page.__dict__.pop("prose", None)
        page.text_styles, page.running = frozenset(), None
        return page

    @property
    def number(self) -> int:
        """Return the page number, from 1."""
        return self.page.page

    @property
    def box(self) -> Box:
        """Return the box of the page."""
        return self.part or (0.0, 0.0, self.page.width_pt, self.page.height_pt)

    def __post_init__(self) -> None:
        """Join a label word with the number that wide spacing has torn off it."""
        words = [
            line
            for line in self.lines
            if len(line.text) <= LABEL_WORD_CHARS and LABEL_WORD.match(line.text)
        ]
        for word in words:
            joined: TextLine | None = word
            while joined is not None:
                joined = self._join_next(joined)

    def close_up(self, pitch_em: float) -> None:
        """Take lines at this distance, in type sizes, for paragraphs: the page is double-spaced."""
        self.lines = closed_up(self.lines, pitch_em)
        self.extra_em = pitch_em - USUAL_EM
        for view in ("upright", "tops", "blocks", "paragraphs", "prose"):
            self.__dict__.pop(view, None)

    def _join_next(self, left: TextLine) -> TextLine | None:
        """Replace a line and the piece right of it by both together; None at the end."""
        _, y0, x1, y1 = left.bbox
        for right in self.lines:
            gap = right.bbox[0] - x1
            level = min(y1, right.bbox[3]) - max(y0, right.bbox[1]) > 0.5 * (y1 - y0)
            if not level or not 0 <= gap < TORN_GAP_EM * left.size_pt or right.angle:
                continue
            if right.block != left.block and not right.text[:1].isdigit():
                continue
            joined = replace(
                right,
                line=left.line,
                block=left.block,
                bbox=union((left.bbox, right.bbox)),
                text=f"{left.text} {right.text}",
                lead_bold=left.lead_bold,
                lead_color=left.lead_color,
                lead_font=left.lead_font,
            )
            self.lines[self.lines.index(left)] = joined
            self.lines.remove(right)
            return joined
        return None

    @cached_property
    def upright(self) -> list[TextLine]:
        """Return horizontal lines, top to bottom."""
        rows = [line for line in self.lines if line.angle == 0]
        return sorted(rows, key=lambda line: (line.bbox[1], line.bbox[0]))

    @cached_property
    def tops(self) -> list[float]:
        """Return the upper edges of the upright lines, in their order."""
        return [line.bbox[1] for line in self.upright]

    @cached_property
    def tallest(self) -> float:
        """Return the height of the tallest upright line."""
        return max((line.bbox[3] - line.bbox[1] for line in self.upright), default=0.0)

    @cached_property
    def blocks(self) -> dict[int, list[TextLine]]:
        """Return the lines of each block."""
        found: dict[int, list[TextLine]] = {}
        for line in self.lines:
            found.setdefault(line.block, []).append(line)
        return found

    @cached_property
    def paragraphs(self) -> list[list[TextLine]]:
        """Return the lines of each block, those of side-by-side columns apart."""
        found: list[list[TextLine]] = []
        for block in self.blocks.values():
            columns: list[list[TextLine]] = []
            for line in block:
                for column in columns:
                    if _under(line, column):
                        column.append(line)
                        break
                else:
                    columns.append([line])
            found += columns
        return found

    @cached_property
    def prose(self) -> frozenset[int]:
        """Return the numbers of lines that belong to paragraphs of running text."""
        numbers: set[int] = set()
        for lines in self.paragraphs:
            chars = [len(line.text) for line in lines]
            total = sum(chars)
            words = sum(line.text.count(" ") for line in lines)
            mean = total / len(lines)
            if total < PROSE_CHARS or words <= 8:
                continue
            if mean < PROSE_LINE_CHARS and not _fills_column(lines, mean):
                continue
            if self._set_as_text(lines, mean):
                numbers.update(line.line for line in lines)
        return frozenset(numbers)

    def _set_as_text(self, lines: list[TextLine], mean: float) -> bool:
        """Tell prose from notes inside a drawing, which no running text is set like."""
        if not self.text_styles or (mean >= LONG_LINE_CHARS and len(lines) >= LONG_LINES):
            return True
        return any(style_of(line) in self.text_styles for line in lines)

    def is_running(self, line: TextLine) -> bool:
        """Tell whether a line is a running head or a folio."""
        if self.running is None:
            return self.in_page_edge(line.bbox)
        return line.line in self.running

    def in_page_edge(self, box: Box) -> bool:
        """Tell whether a box lies where running heads and folios stand."""
        margin = EDGE_SHARE * self.page.height_pt
        return box[3] < margin or box[1] > self.page.height_pt - margin


def _fills_column(lines: list[TextLine], mean: float) -> bool:
    """Tell running text in a narrow column: most of its lines reach from edge to edge."""
    if len(lines) < COLUMN_LINES or mean < COLUMN_LINE_CHARS:
        return False
    widest = max(width(line.bbox) for line in lines)
    full = sum(width(line.bbox) > COLUMN_FULL * widest for line in lines)
    return full >= COLUMN_SHARE * len(lines)


def _under(line: TextLine, column: list[TextLine]) -> bool:
    """Tell whether a line continues a column; a panel letter over it opens none."""
    above = column[-1]
    if len(column) == 1 and len(above.text) <= LETTER_CHARS:
        return False
    a, b = above.bbox, line.bbox
    if above.angle or line.angle:
        return above.angle == line.angle
    ax0, _, ax1, _ = a
    bx0, _, bx1, _ = b
    shared = (ax1 if ax1 < bx1 else bx1) - (ax0 if ax0 > bx0 else bx0)
    return shared > 0.5 * min(ax1 - ax0, bx1 - bx0)


def running_key(line: TextLine, content: PageContent) -> tuple[str, int] | None:
    """Return what repeats of a running head: its words without numbers, and its height."""
    margin = RUNNING_SHARE * content.page.height_pt
    if line.bbox[3] > margin and line.bbox[1] < content.page.height_pt - margin:
        return None
    words = re.sub(r"[\W\d_]+", "", line.text).lower()
    if not words and _COMPOUND.match(line.text):
        return None  # '6.1' numbers a figure or a section; a folio is a plain number
    return (words, round(line.bbox[1] / 4) if not words else 0)
