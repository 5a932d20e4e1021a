"""Choose at which contrast each picture of a scan stands out best.

At the faintest contrast a photograph with pale parts is whole, but print shining through the
paper, shadows and stains may tie it to its neighbours; at a stronger one these fall away. As in
a component tree (Matas et al., "Robust wide baseline stereo from maximally stable extremal
regions", 2004) what is found at one level lies inside what was found at the level before; a
part is taken for its parts only when those fill their boxes so much better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mmskin_build.geometry import Box, area, covered

INSIDE = 0.8  # share of a part that lies in the region it is a part of
FULL = 0.95  # of the box of a rectangular picture
PARTS_SHARE = 0.75  # of a region that several pictures cover
TILE_FULL, TILES_SHARE = 0.8, 0.96  # the same for pictures that only a thin straight strip parts
FILL_POWER = 3.0  # how much more a well filled box counts than a large one


@dataclass(frozen=True, slots=True)
class Blob:
    """A connected area of tone: its box and the share of the box it fills."""

    box: Box
    fill: float

    @property
    def worth(self) -> float:
        """How well the box describes a picture, times its size."""
        return float(self.fill**FILL_POWER) * area(self.box)


@dataclass(slots=True)
class _Node:
    blob: Blob
    parts: list[_Node] = field(default_factory=list)


def best_blobs(levels: Sequence[Sequence[Blob]]) -> list[Blob]:
    """Return the blobs that describe the pictures best, at most one for each place.

    Args:
        levels: what was found at each contrast, faintest first.
    """
    if not levels:
        return []
    roots = [_Node(blob) for blob in levels[0]]
    above = list(roots)
    for level in levels[1:]:
        nodes = [_Node(blob) for blob in level]
        for node in nodes:
            home = next((n for n in above if covered(node.blob.box, n.blob.box) > INSIDE), None)
            (roots if home is None else home.parts).append(node)
        above = nodes
    return [blob for root in roots for blob in _cut(root)]


def _cut(node: _Node) -> list[Blob]:
    parts = [blob for part in node.parts for blob in _cut(part)]
    if sum(blob.worth for blob in parts) > node.blob.worth or _are_pictures(parts, node.blob):
        return parts
    return [node.blob]


def _are_pictures(parts: Sequence[Blob], whole: Blob) -> bool:
    """Tell several full rectangles with a strip between them: no one picture falls apart so.

    Where the strip is thin and straight, the pictures may have bright parts.
    """
    if len(parts) < 2:
        return False
    share = sum(area(part.box) for part in parts) / max(1e-6, area(whole.box))
    least = min(part.fill for part in parts)
    return (least >= FULL and share >= PARTS_SHARE) or (least >= TILE_FULL and share >= TILES_SHARE)
