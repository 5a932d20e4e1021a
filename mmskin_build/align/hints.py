"""What position words in a label ('top left') say about its figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mmskin_build.align.caption_blocks import CaptionBlock
from mmskin_build.align.regions import Region
from mmskin_build.align.score import HINT_WEIGHT, Edge, hint_fit


def hinted(
    captions: Sequence[CaptionBlock], regions: Sequence[Region], table: list[list[Edge]]
) -> list[list[Edge]]:
    """Return the edges after 'top left' and the like in the labels were read."""
    boxes = [region.box for region in regions]
    result = []
    for caption, row in zip(captions, table, strict=True):
        hint = caption.label.hint if caption.label else ""
        if hint and len(regions) > 1:
            fits = [hint_fit(hint, box, boxes) for box in boxes]
            row = [_hinted(edge, fit) for edge, fit in zip(row, fits, strict=True)]
        result.append(row)
    return result


def _hinted(edge: Edge, fit: float) -> Edge:
    if fit == 0.0:
        return edge
    weight = edge.weight + HINT_WEIGHT * fit if fit > 0 else edge.weight * 0.5
    return replace(edge, hint=round(fit, 2), weight=min(1.0, weight))
