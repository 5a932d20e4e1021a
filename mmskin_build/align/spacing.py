"""Double-spaced manuscripts: lines so far apart that each of them passes for a paragraph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from mmskin_build.align.prose import is_finished
from mmskin_build.geometry import width
from mmskin_build.records import TextLine

LEAST_LINES = 6
APART_SHARE = 0.8  # of the lines of a page form a block of their own
LEAST_PITCHES = 4  # lines at one distance
WIDEST_EM = 2.8  # lines farther apart are no running text
USUAL_EM = 1.25  # distance of baselines in running text
WIDE_EM = 1.7  # from here on lines are told apart
CLOSEST_EM = 0.8  # lines closer than this are pieces of one
WIDE_SHARE = 0.8  # of the distances on a double-spaced page
STEP_EM = 0.05
SHORT_SHARE = 0.8  # a paragraph's last line is shorter than this


def wide_pitch(lines: list[TextLine]) -> float:
    """Return the distance of baselines in type sizes on a double-spaced page, else 0."""
    if len(lines) < LEAST_LINES or len({line.block for line in lines}) < APART_SHARE * len(lines):
        return 0.0
    pitches = [pitch for _, _, pitch in _neighbours(lines, CLOSEST_EM)]
    wide = [pitch for pitch in pitches if pitch >= WIDE_EM]
    if len(wide) < WIDE_SHARE * len(pitches):
        return 0.0  # lines stand closer, and paragraphs or the items of a list apart
    found = Counter(round(pitch / STEP_EM) for pitch in wide)
    often = [step for step, n in found.items() if n + found[step + 1] >= LEAST_PITCHES]
    return min(often, default=0) * STEP_EM


def closed_up(lines: Iterable[TextLine], pitch_em: float) -> list[TextLine]:
    """Return the lines with those of one paragraph, at this distance, in one block."""
    block = {line.line: line.block for line in lines}
    start: dict[int, float] = {}  # the widest line of a block so far
    for above, below, pitch in _neighbours(lines):
        widest = max(start.get(block[above.line], 0.0), width(above.bbox))
        ended = width(above.bbox) < SHORT_SHARE * widest and is_finished(above.text)
        if pitch <= pitch_em + 2 * STEP_EM and not ended:
            block[below.line] = block[above.line]
            start[block[below.line]] = widest
    return [
        line if block[line.line] == line.block else replace(line, block=block[line.line])
        for line in lines
    ]


def _neighbours(
    lines: Iterable[TextLine], least_em: float = WIDE_EM
) -> Iterator[tuple[TextLine, TextLine, float]]:
    """Yield lines that follow each other in one type size, and their distance in that size."""
    upright = sorted((line for line in lines if line.angle == 0), key=lambda line: line.bbox[1])
    for above, below in pairwise(upright):
        size = below.size_pt
        pitch = (below.bbox[3] - above.bbox[3]) / max(1.0, size)
        beside = min(above.bbox[2], below.bbox[2]) - max(above.bbox[0], below.bbox[0])
        level = abs(above.bbox[0] - below.bbox[0]) < 3 * size
        alike = abs(above.size_pt - size) < 0.6 and level and beside > 0
        if alike and least_em <= pitch <= WIDEST_EM:
            yield above, below, pitch
