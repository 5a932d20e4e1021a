"""Captions set one under the other, away from their figures: a list at the foot of the page."""

from __future__ import annotations

from collections.abc import Sequence

from mmskin_build.align.caption_blocks import CaptionBlock
from mmskin_build.align.regions import Region
from mmskin_build.align.score import Edge
from mmskin_build.geometry import Box, distance, height, overlap_area, union, width

STACK_GAP_EM = 1.8  # white between captions of one list
STACK_OVERLAP = 0.5
STACK_WEIGHT = 0.6  # of the caption and the picture of the same rank
OTHER_WEIGHT = 0.2  # of other ranks: the order might run down the columns
OWN_WEIGHT = 0.3  # a picture this near to a caption outside the list belongs to that one
ROW_SHARE = 0.5

Stack = tuple[CaptionBlock, ...]


def caption_stacks(captions: Sequence[CaptionBlock], pictures: Sequence[Box]) -> list[Stack]:
    """Return the runs of two and more captions that follow each other without a picture."""
    labelled = [c for c in captions if c.label and c.kind == "figure" and not c.label.hint]
    stacks: list[list[CaptionBlock]] = []
    for caption in sorted(labelled, key=lambda c: c.box[1]):
        home = next((s for s in stacks if _continues(s[-1], caption, pictures)), None)
        if home is None:
            stacks.append([caption])
        else:
            home.append(caption)
    return [tuple(stack) for stack in stacks if len(stack) > 1]


def _continues(above: CaptionBlock, below: CaptionBlock, pictures: Sequence[Box]) -> bool:
    a, b = above.box, below.box
    gap = b[1] - a[3]
    shared = min(a[2], b[2]) - max(a[0], b[0])
    if not -0.5 * below.size < gap < STACK_GAP_EM * below.size:
        return False
    if shared < STACK_OVERLAP * min(width(a), width(b)):
        return False
    between = (max(a[0], b[0]), a[3], min(a[2], b[2]), b[1])
    return gap <= 0 or not any(overlap_area(between, box) > 0 for box in pictures)


def with_ranks(
    table: Sequence[list[Edge]],
    captions: Sequence[CaptionBlock],
    regions: Sequence[Region],
    stacks: Sequence[Stack],
) -> None:
    """Tie the captions of a list to as many pictures on one side of it, in reading order.

    Changes the edges in ``table`` (captions x regions) in place; leaves a list alone whose
    pictures cannot be counted out.
    """
    index = {id(caption): i for i, caption in enumerate(captions)}
    hulls = [union(caption.box for caption in stack) for stack in stacks]
    for stack, hull in zip(stacks, hulls, strict=True):
        # Of several lists on a page each has the pictures next to it.
        near = [
            j
            for j, region in enumerate(regions)
            if distance(hull, region.box) <= min(distance(other, region.box) for other in hulls)
        ]
        # The first or the last of a list may stand at a picture of its own.
        for part in (stack, stack[:-1], stack[1:]):
            rows = [index[id(c)] for c in part]
            if len(part) > 1 and _rank((rows, near), table, captions, regions):
                break


def _rank(
    cells: tuple[Sequence[int], Sequence[int]],
    table: Sequence[list[Edge]],
    captions: Sequence[CaptionBlock],
    regions: Sequence[Region],
) -> bool:
    """Tie the captions of some rows of the table to pictures out of some columns, if it works."""
    rows, near = cells
    stack = tuple(captions[row] for row in rows)
    rest = [row for row in range(len(captions)) if row not in rows]
    free = [j for j in near if all(table[row][j].weight < OWN_WEIGHT for row in rest)]
    order = _reading_order(free, regions)
    if len(order) != len(stack) or not _on_one_side(stack, [regions[j].box for j in order]):
        return False
    for rank, row in enumerate(rows):
        for j in order:
            weight = STACK_WEIGHT if j == order[rank] else OTHER_WEIGHT
            gap = round(distance(captions[row].box, regions[j].box), 1)
            table[row][j] = Edge("in a list of captions", gap, 0.0, False, 0.0, weight)
    return True


def _on_one_side(stack: Stack, boxes: Sequence[Box]) -> bool:
    own, hull = union(caption.box for caption in stack), union(boxes)
    slack = 0.5 * stack[0].size
    return own[1] > hull[3] - slack or own[3] < hull[1] + slack


def _reading_order(indexes: Sequence[int], regions: Sequence[Region]) -> list[int]:
    """Return the regions row by row, each row from left to right."""
    rows: list[list[int]] = []
    for j in sorted(indexes, key=lambda j: regions[j].box[1]):
        box = regions[j].box
        first = regions[rows[-1][0]].box if rows else box
        level = min(first[3], box[3]) - max(first[1], box[1])
        if rows and level > ROW_SHARE * min(height(first), height(box)):
            rows[-1].append(j)
        else:
            rows.append([j])
    return [j for row in rows for j in sorted(row, key=lambda j: regions[j].box[0])]
