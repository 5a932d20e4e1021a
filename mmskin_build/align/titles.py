"""A label with its title over a picture, the rest of the caption under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mmskin_build.align.assign import Match
from mmskin_build.align.caption_blocks import CaptionBlock
from mmskin_build.geometry import Box, width

REACH_EM = 2.2  # how far from the picture both parts stand
MOST_LINES = 3  # of a title
SHARED = 0.6  # of the narrower, sideways


def with_titles(
    matches: Sequence[Match], captions: Sequence[CaptionBlock]
) -> tuple[list[Match], list[CaptionBlock]]:
    """Return the matches with captions in two parts joined, and the captions left over.

    Args:
        matches: what was paired on a page.
        captions: what was not.
    """
    joined, left = [], list(captions)
    for match in matches:
        part = next((c for c in left if _other_part(match, c)), None)
        if part is not None:
            left.remove(part)
            title, text = (part, match.caption) if part.label else (match.caption, part)
            match = replace(match, caption=replace(title, tail=text.lines))
        joined.append(match)
    return joined, left


def _other_part(match: Match, caption: CaptionBlock) -> bool:
    """Tell whether a caption left over is the title over a matched picture or the text under it."""
    region, own = match.region.box, match.caption
    if own.label is None and caption.label is not None:
        return match.edge.side == "below" and _is_title(caption) and _over(caption, region)
    if own.label is not None and caption.label is None and own.lines[-1].bold:
        return match.edge.side == "above" and _is_title(own) and _under(caption, region)
    return False


def _is_title(caption: CaptionBlock) -> bool:
    return (
        caption.kind == "figure"
        and caption.label is not None
        and bool(caption.label.rest)
        and len(caption.lines) <= MOST_LINES
        and not caption.tail
    )


def _over(caption: CaptionBlock, region: Box) -> bool:
    gap = region[1] - caption.box[3]
    return -2 < gap < REACH_EM * caption.size and _beside(caption.box, region)


def _under(caption: CaptionBlock, region: Box) -> bool:
    gap = caption.box[1] - region[3]
    return -2 < gap < REACH_EM * caption.size and _beside(caption.box, region)


def _beside(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > SHARED * min(width(a), width(b))
