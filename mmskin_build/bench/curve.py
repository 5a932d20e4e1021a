"""A small line chart as SVG text, for measured curves in the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 44, 48
COLOURS = ("#1f5f9f", "#b5532a", "#3a7d44", "#7a5195", "#8a8a3a", "#5b5b5b")
TICKS = 5


def line_chart(
    title: str, axes: tuple[str, str], xs: Sequence[float], lines: Mapping[str, Sequence[float]]
) -> str:
    """Return an SVG picture of lines over common x values; both axes start at 0."""
    top = _round_up(max(max(ys) for ys in lines.values()))
    right = _round_up(max(xs))
    shapes = [_text(LEFT, 24, title, "start")]
    for tick in range(TICKS + 1):
        y, x = _y(tick / TICKS), _x(tick / TICKS)
        shapes.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        shapes.append(_text(LEFT - 6, y + 4, _number(top * tick / TICKS), "end"))
        shapes.append(_text(x, HEIGHT - BOTTOM + 18, _number(right * tick / TICKS), "middle"))
    shapes.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, axes[0], "middle"))
    shapes.append(_text(LEFT, TOP - 8, axes[1], "start"))
    for number, (name, ys) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [(_x(x / right), _y(y / top)) for x, y in zip(xs, ys, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        shapes.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        shapes += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        shapes.append(_text(WIDTH - RIGHT + 10, TOP + 18 * number, name, "start", colour))
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif">\n<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n'
        f"{body}\n</svg>\n"
    )


def _x(share: float) -> float:
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _round_up(value: float) -> float:
    """Return the next number that reads well on an axis."""
    scale = 1.0
    while value > 10 * scale:
        scale *= 10
    return next((m * scale for m in (1, 2, 2.5, 4, 5, 6, 8, 10) if m * scale >= value), value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#222") -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="12" '
        f'fill="{colour}">{escape(text)}</text>'
    )
