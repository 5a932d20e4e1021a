"""Texts of the panels of a figure, each under its panel: '(a) Before', '(b) After'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mmskin_build.align.labels import parse_label
from mmskin_build.align.layout import PageContent
from mmskin_build.align.prose import Vocabulary, join_lines
from mmskin_build.geometry import Box, height, union, width
from mmskin_build.records import TextLine

PICTURE_PT = 30.0  # least side of a panel
UNDER_EM = 1.6  # a text starts at most so far under its panel
PITCH_EM = 0.9  # its lines stand closer than this
MOST_LINES = 10
SLACK_PT = 12.0  # it is hardly wider than its panel
SAME_LINE_EM = 0.4
_LETTERED = re.compile(r"^[(\[]?(?P<letter>[a-zA-Z])[)\]](?:[.:]?\s+\S|$)")


@dataclass(frozen=True, slots=True)
class SubCaption:
    """The text under one panel, with its letter."""

    letter: str
    lines: tuple[TextLine, ...]

    @property
    def box(self) -> Box:
        """Return the box around the text."""
        return union(line.bbox for line in self.lines)

    @property
    def text(self) -> str:
        """Return the words without the letter."""
        whole = join_lines([line.text for line in self.lines], Vocabulary())
        return re.sub(r"^[(\[]?[a-zA-Z][)\]][.:]?\s*", "", whole)


def sub_captions(content: PageContent) -> list[SubCaption]:
    """Return the lettered texts under the pictures of a page; none unless letters follow on."""
    starts = [(line, m) for line in content.upright if (m := _LETTERED.match(line.text))]
    if len(starts) < 2:
        return []
    boxes = [g.bbox for g in content.graphics] + [r.bbox for r in content.regions]
    pictures = [box for box in boxes if min(width(box), height(box)) > PICTURE_PT]
    found: dict[str, SubCaption] = {}
    firsts = {line.line for line, _ in starts}
    for line, match in starts:
        over = next((box for box in pictures if _stands_under(line, box)), None)
        letter = match["letter"].lower()
        if over is not None and letter not in found:
            found[letter] = SubCaption(letter, tuple(_grown(line, over, firsts, content)))
    letters = sorted(found)
    if len(letters) < 2 or any(ord(b) - ord(a) != 1 for a, b in pairwise(letters)):
        return []
    return [found[letter] for letter in letters]


def _stands_under(line: TextLine, box: Box) -> bool:
    x0, y0, _, _ = line.bbox
    return -3 <= y0 - box[3] < UNDER_EM * line.size_pt and box[0] - SLACK_PT < x0 < box[2]


def _grown(first: TextLine, over: Box, firsts: set[int], content: PageContent) -> list[TextLine]:
    """Return a lettered line and what follows it within the width of its panel."""
    lines = [first]
    for line in content.upright:
        x0, y0, x1, y1 = line.bbox
        if y1 <= first.bbox[1] or line.line in firsts or len(lines) >= MOST_LINES:
            continue
        if x0 < over[0] - SLACK_PT or x1 > over[2] + SLACK_PT:
            continue
        last = lines[-1].bbox
        level = abs(y1 - last[3]) < SAME_LINE_EM * first.size_pt and x0 > last[0]
        below = y0 > last[1] and y0 - last[3] < PITCH_EM * first.size_pt
        if abs(line.size_pt - first.size_pt) > 0.6 or not (level or below):
            continue
        if parse_label(line.text):
            break
        lines.append(line)
    return lines


def net_gap(a: Box, b: Box, texts: Sequence[Box]) -> float:
    """Return the distance of two boxes one over the other, without the texts between them.

    Returns:
        Points; infinite when no text of a panel stands between them.
    """
    upper, lower = (a, b) if a[3] <= b[1] else (b, a)
    between = [
        box
        for box in texts
        if upper[3] - 3 <= box[1] and box[3] <= lower[1] + 3
        and min(box[2], upper[2]) > max(box[0], upper[0])
    ]  # fmt: skip
    if not between or lower[1] < upper[3]:
        return float("inf")
    return lower[1] - upper[3] - max(box[3] - box[1] for box in between)
