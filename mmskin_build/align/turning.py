"""Landscape matter on a portrait page: turn the page, not the rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from mmskin_build.align.layout import PageContent
from mmskin_build.geometry import Box, rounded

TURNS = (90, 270)


def turned_angle(content: PageContent) -> int:
    """Return the direction, 90 or 270, in which labels run on a page; 0 when none is turned."""
    from mmskin_build.align.labels import parse_label

    found = Counter(
        line.angle for line in content.lines if line.angle in TURNS and parse_label(line.text)
    )
    return max(found, key=lambda angle: (found[angle], -angle)) if found else 0


def turned(content: PageContent, angle: int) -> PageContent:
    """Return a page on which lines that run at ``angle`` are upright and the others are not."""
    width, height = content.page.width_pt, content.page.height_pt
    page = replace(content.page, width_pt=height, height_pt=width)
    lines = [
        replace(
            line,
            bbox=rounded(turn_box(line.bbox, angle, (width, height))),
            angle=(line.angle - angle) % 360,
        )
        for line in content.lines
    ]
    graphics = [
        replace(g, bbox=rounded(turn_box(g.bbox, angle, (width, height)))) for g in content.graphics
    ]
    regions = [
        replace(r, bbox=rounded(turn_box(r.bbox, angle, (width, height)))) for r in content.regions
    ]
    return PageContent(page, lines, graphics, regions)


def turn_box(box: Box, angle: int, size: tuple[float, float]) -> Box:
    """Return a box as seen when text running at ``angle`` is made upright."""
    width, height = size
    x0, y0, x1, y1 = box
    if angle == 90:  # upwards: turn the page clockwise
        return (height - y1, x0, height - y0, x1)
    return (y0, width - x1, y1, width - x0)


def turn_back(box: Box, angle: int, size: tuple[float, float]) -> Box:
    """Return the box on the page as displayed; ``size`` is that of the displayed page."""
    width, height = size
    x0, y0, x1, y1 = box
    if angle == 90:
        return (y0, height - x1, y1, height - x0)
    return (width - y1, x0, width - y0, x1)
