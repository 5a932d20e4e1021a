"""Set lines of type on pages: fonts, line breaks, columns, running heads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pymupdf

from mmskin_build.geometry import Box

PAGE_WIDTH, PAGE_HEIGHT = 504.0, 680.0
MARGIN_X, TOP, BOTTOM = 48.0, 66.0, 628.0
GUTTER = 18.0
BODY_PT, BODY_LEAD = 9.6, 12.6
CAPTION_PT, CAPTION_LEAD = 8.2, 10.4
Color = tuple[float, float, float]
GREY: Color = (0.35, 0.35, 0.35)
INK: Color = (0.08, 0.08, 0.10)
_SYLLABLE = re.compile(r"(?<=[aeiouy])(?=[bcdfghjklmnpqrstvwxz][aeiouy])")


@cache
def font(name: str) -> Any:
    """Return one of the fonts PyMuPDF brings along: 'tiro', 'tibo', 'tiit', 'helv', 'hebo'."""
    return pymupdf.Font(name)


@dataclass(frozen=True, slots=True)
class Word:
    """A word in its font, as measured for line breaking."""

    text: str
    face: str = "tiro"


@dataclass(slots=True)
class Line:
    """Words that fit on one line; the last of a paragraph is not stretched."""

    words: list[Word] = field(default_factory=list)
    last: bool = False


def words_of(text: str, face: str = "tiro") -> list[Word]:
    """Split running text into words of one font."""
    return [Word(w, face) for w in text.split()]


def measure(text: str, face: str, size_pt: float) -> float:
    """Return the width of a text in points."""
    return float(font(face).text_length(text, size_pt))


def break_lines(words: list[Word], width: float, size_pt: float, hyphenate: bool) -> list[Line]:
    """Break words into lines of a width, dividing long words at the end of lines."""
    lines, line, used = [], Line(), 0.0
    space = measure(" ", "tiro", size_pt)
    for word in words:
        need = measure(word.text, word.face, size_pt)
        gap = space if line.words else 0.0
        if used + gap + need > width and line.words:
            head, tail = _divide(word, width - used - gap, size_pt) if hyphenate else ("", "")
            if head:
                line.words.append(Word(head, word.face))
                word = Word(tail, word.face)
                need = measure(word.text, word.face, size_pt)
            lines.append(line)
            line, used, gap = Line(), 0.0, 0.0
        line.words.append(word)
        used += gap + need
    line.last = True
    return [*lines, line]


def _divide(word: Word, room: float, size_pt: float) -> tuple[str, str]:
    """Return the longest head (with hyphen) that fits and the tail; '' when none does."""
    if len(word.text) < 9 or not word.text.isalpha():
        return "", ""
    for cut in sorted((m.start() for m in _SYLLABLE.finditer(word.text)), reverse=True):
        if cut < 3 or len(word.text) - cut < 4:
            continue
        head = word.text[:cut] + "-"
        if measure(head, word.face, size_pt) <= room:
            return head, word.text[cut:]
    return "", ""


class Press:
    """The pages of one book while they are being set."""

    def __init__(self, header: str, footer: str, first_folio: int = 1) -> None:
        """Start without pages; ``first_folio`` is the printed number of the first page."""
        self.document = pymupdf.open()
        self._header, self._footer, self._folio = header, footer, first_folio - 1
        self._logo = 0
        self.page: Any = None
        self._ink: Any = None

    @property
    def folio(self) -> int:
        """The printed number of the page being set."""
        return self._folio

    def skip_folio(self) -> None:
        """Count a page that is made elsewhere."""
        self._folio += 1

    def new_page(self, plain: bool = False) -> None:
        """Finish the page at hand and begin the next; ``plain`` has no running head."""
        self.finish_page()
        self.page = self.document.new_page(width=PAGE_WIDTH, height=PAGE_HEIGHT)
        self._ink = pymupdf.TextWriter(self.page.rect)
        self._folio += 1
        if plain:
            return
        self.write(self._header, (MARGIN_X + 18, 42), 7.6, "helv", GREY)
        number = str(self._folio)
        x = PAGE_WIDTH - MARGIN_X - measure(number, "helv", 8)
        self.write(number, (x, 42), 8, "helv", GREY)
        rule = pymupdf.Point(MARGIN_X, 50), pymupdf.Point(PAGE_WIDTH - MARGIN_X, 50)
        self.page.draw_line(*rule, color=GREY, width=0.4)
        width = measure(self._footer, "tiit", 7.2)
        self.write(self._footer, ((PAGE_WIDTH - width) / 2, 654), 7.2, "tiit", GREY)

    def finish_page(self) -> None:
        """Put the collected type on the page."""
        if self.page is not None:
            self._ink.write_text(self.page, color=INK)
            self.page, self._ink = None, None

    def write(
        self,
        text: str,
        at: tuple[float, float],
        size_pt: float,
        face: str = "tiro",
        color: Any = INK,
    ) -> None:
        """Write one run of text with its baseline starting at a point."""
        if color == INK:
            self._ink.append(at, text, font=font(face), fontsize=size_pt)
            return
        writer = pymupdf.TextWriter(self.page.rect)
        writer.append(at, text, font=font(face), fontsize=size_pt)
        writer.write_text(self.page, color=color)

    def write_line(self, line: Line, at: tuple[float, float], width: float, size_pt: float) -> None:
        """Write a line; stretched to ``width`` unless that is 0 or it ends its paragraph."""
        space = measure(" ", "tiro", size_pt)
        if width and not line.last and len(line.words) > 1:
            used = sum(measure(w.text, w.face, size_pt) for w in line.words)
            space = (width - used) / (len(line.words) - 1)
        x = at[0]
        for number, word in enumerate(line.words):
            text = word.text if number == len(line.words) - 1 else word.text + " "
            self._ink.append((x, at[1]), text, font=font(word.face), fontsize=size_pt)
            x += measure(word.text, word.face, size_pt) + space

    def place(self, box: Box, data: bytes) -> None:
        """Print an encoded picture into a box."""
        self.page.insert_image(pymupdf.Rect(box), stream=data)

    def place_logo(self, data: bytes) -> None:
        """Print the small publisher's mark beside the running head; stored once in the file."""
        box = pymupdf.Rect(MARGIN_X, 33, MARGIN_X + 12, 45)
        self._logo = self.page.insert_image(
            box, stream=None if self._logo else data, xref=self._logo
        )
