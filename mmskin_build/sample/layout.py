"""Flow the blocks of a chapter through columns: text fills, figures float to where they fit."""

from __future__ import annotations

from dataclasses import dataclass

from mmskin_build.geometry import Box
from mmskin_build.sample.book import Chapter, Figure, Paragraph, Table
from mmskin_build.sample.charts import draw_chart
from mmskin_build.sample.marks import logo_png, tip_icon_png
from mmskin_build.sample.pictures import picture_jpeg
from mmskin_build.sample.typesetting import (
    BODY_LEAD,
    BODY_PT,
    BOTTOM,
    CAPTION_LEAD,
    CAPTION_PT,
    GREY,
    GUTTER,
    MARGIN_X,
    PAGE_WIDTH,
    TOP,
    Line,
    Press,
    break_lines,
    words_of,
)

FULL = (MARGIN_X, PAGE_WIDTH - MARGIN_X)
PANEL_GAP, CAPTION_GAP, FIGURE_GAP = 8.0, 5.0, 12.0
LETTER_PT = 9.0


@dataclass(frozen=True, slots=True)
class _Set:
    """A figure measured for a column: panel boxes relative to its corner, caption, height."""

    figure: Figure
    side: str
    panels: tuple[Box, ...]
    caption: list[Line]
    caption_at: tuple[float, float]
    height: float


class Flow:
    """Sets one chapter, page by page and column by column."""

    def __init__(self, press: Press, chapter: Chapter) -> None:
        """Open the chapter on a new page under its title."""
        self._press, self._chapter = press, chapter
        self._waiting: list[Figure] = []
        self._column = 0
        self._top = TOP
        self._y = TOP
        self._new_page()

    def open_with(self, number: int) -> None:
        """Print the chapter's number and title over the full width."""
        self._press.write(f"Chapter {number}", (MARGIN_X, TOP + 14), 10, "tiit", GREY)
        self._press.write(self._chapter.title, (MARGIN_X, TOP + 36), 18, "tibo")
        self._top = self._y = TOP + 54

    def run(self) -> None:
        """Set every block, then the figures still waiting."""
        for block in self._chapter.blocks:
            if isinstance(block, Paragraph):
                self._paragraph(block)
            elif isinstance(block, Table):
                self._table(block)
            else:
                self._figure(block)
        while self._waiting:
            self._next_column()
        self._press.finish_page()

    def _span(self) -> tuple[float, float]:
        if self._chapter.columns == 1:
            return FULL
        width = (FULL[1] - FULL[0] - GUTTER) / 2
        left = FULL[0] + self._column * (width + GUTTER)
        return left, left + width

    def _new_page(self) -> None:
        self._press.new_page()
        self._press.place_logo(logo_png())
        self._column, self._top, self._y = 0, TOP, TOP
        for figure in [f for f in self._waiting if f.span]:
            measured = _measure(figure, self._chapter, FULL)
            if self._y + measured.height <= BOTTOM:
                self._waiting.remove(figure)
                self._print(measured, FULL[0])
        self._top = self._y

    def _next_column(self) -> None:
        if self._column + 1 < self._chapter.columns:
            self._column, self._y = self._column + 1, self._top
        else:
            self._new_page()
        for figure in [f for f in self._waiting if not f.span]:
            measured = _measure(figure, self._chapter, self._span())
            if self._y + measured.height <= BOTTOM:
                self._waiting.remove(figure)
                self._print(measured, self._span()[0])

    def _paragraph(self, block: Paragraph) -> None:
        left, right = self._span()
        indent = 22.0 if block.tip else 0.0
        face = "tiit" if block.tip else "tiro"
        lines = break_lines(words_of(block.text, face), right - left - indent, BODY_PT, True)
        if block.tip:
            self._keep(len(lines) * BODY_LEAD + 8)
            left, right = self._span()
            self._press.place((left, self._y + 2, left + 14, self._y + 16), tip_icon_png())
        for line in lines:
            self._keep(BODY_LEAD)
            left, right = self._span()
            self._y += BODY_LEAD
            at = (left + indent, self._y - 3)
            self._press.write_line(line, at, right - left - indent, BODY_PT)
        self._y += 5

    def _keep(self, height: float) -> None:
        if self._y + height > BOTTOM:
            self._next_column()

    def _table(self, block: Table) -> None:
        self._keep(24 + 13 * len(block.rows))
        left, right = self._span()
        press, step = self._press, (right - left) / len(block.rows[0])
        self._y += 14
        press.write(block.title, (left, self._y), CAPTION_PT + 0.6, "hebo")
        self._y += 5
        for number, row in enumerate(block.rows):
            press.page.draw_line((left, self._y), (right, self._y), color=GREY, width=0.5)
            self._y += 13
            for column, cell in enumerate(row):
                face = "hebo" if number == 0 else "helv"
                press.write(cell, (left + 4 + column * step, self._y - 3.6), CAPTION_PT, face)
        press.page.draw_line((left, self._y), (right, self._y), color=GREY, width=0.5)
        self._y += FIGURE_GAP

    def _figure(self, figure: Figure) -> None:
        span = FULL if figure.span else self._span()
        measured = _measure(figure, self._chapter, span)
        fresh = self._y == self._top
        fits = self._y + measured.height <= BOTTOM and (not figure.span or fresh)
        if not fits or self._waiting or (figure.span and self._column):
            self._waiting.append(figure)
            return
        self._print(measured, span[0])
        if figure.span:
            self._top = self._y

    def _print(self, measured: _Set, left: float) -> None:
        press, top = self._press, self._y + 4
        figure = measured.figure
        boxes = [(left + b[0], top + b[1], left + b[2], top + b[3]) for b in measured.panels]
        if figure.chart:
            draw_chart(press, figure.chart, boxes[0])
        for box, picture in zip(boxes, figure.pictures, strict=bool(figure.pictures)):
            press.place(box, picture_jpeg(picture)[0])
        for number, box in enumerate(boxes if figure.letters else []):
            self._letter(chr(97 + number), box, figure.letters)
        x, y = left + measured.caption_at[0], top + measured.caption_at[1]
        for line in measured.caption:
            y += CAPTION_LEAD
            press.write_line(line, (x, y - 2.4), 0, CAPTION_PT)
        self._y = top + measured.height

    def _letter(self, letter: str, box: Box, where: str) -> None:
        if where == "below":
            self._press.write(f"({letter})", ((box[0] + box[2]) / 2 - 5, box[3] + 10), LETTER_PT)
            return
        at = (box[0] + 5, box[3] - 6)
        self._press.write(letter, (at[0] + 0.6, at[1] + 0.6), 12, "hebo")
        self._press.write(letter, at, 12, "hebo", (1, 1, 1))


def _measure(figure: Figure, chapter: Chapter, span: tuple[float, float]) -> _Set:
    width = span[1] - span[0]
    side = figure.layout or chapter.captions
    picture_width = width * (0.56 if side == "beside" else figure.width)
    shift = 0.0 if side == "beside" else (width - picture_width) / 2
    panels = _panels(figure, picture_width, shift)
    bottom = max(b[3] for b in panels) + (14 if figure.letters == "below" else 0)
    words = words_of(chapter.label.format(figure.label), "tibo") + words_of(figure.caption)
    room = width - picture_width - 14 if side == "beside" else max(picture_width, width * 0.8)
    caption = break_lines(words, room, CAPTION_PT, True)
    deep = len(caption) * CAPTION_LEAD
    if side == "beside":
        at = (picture_width + 14, bottom - deep)
        return _Set(figure, side, panels, caption, at, max(bottom, deep) + FIGURE_GAP)
    left = (width - room) / 2
    if side == "above":
        lower = deep + CAPTION_GAP
        panels = tuple((b[0], b[1] + lower, b[2], b[3] + lower) for b in panels)
        return _Set(figure, side, panels, caption, (left, 0), bottom + lower + FIGURE_GAP)
    at = (left, bottom + CAPTION_GAP)
    return _Set(figure, side, panels, caption, at, bottom + CAPTION_GAP + deep + FIGURE_GAP)


def _panels(figure: Figure, width: float, shift: float) -> tuple[Box, ...]:
    if figure.chart:
        return ((shift, 0.0, shift + width, width * 0.52),)
    sizes = [picture_jpeg(p)[1:] for p in figure.pictures]
    shapes = [w / h for w, h in sizes]
    height = (width - PANEL_GAP * (len(shapes) - 1)) / sum(shapes)
    boxes, x = [], shift
    for shape in shapes:
        boxes.append((x, 0.0, x + height * shape, height))
        x += height * shape + PANEL_GAP
    return tuple(boxes)
