"""Take drawn marks out of a picture: paint them over from their surroundings, or cut them off.

Inpainting after Telea (2004), "An image inpainting technique based on the fast marching method".
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mmskin_build.screening.components import Components
from mmskin_build.screening.marks import SURE, look_at

MOST_MASKED = 0.08  # share of a picture that may be painted over before it is no photograph
LEAST_LEFT = 0.8  # share of a picture a crop must leave
PASSES = 3  # a mark's rest may show only when its middle is gone
LIKELY = 0.12  # chance from which a component beside a sure one goes with it
REACH = 0.02  # how far beside, share of the longer side
RIM = 2  # pixels around a mark, at the size at which marks are sought, that go with it
SHADOW = 8  # pixels a shadow may reach
SHADE = 4.0  # grey levels by which a ring in a shadow differs from the ground
ONE_SIDED = 0.75  # share of that difference that must have one sign
MOST_SHADED = 0.2  # of the longer side: only letters and words have shadows
EVEN = 0.8  # share of one colour around a mark from which it stands on plain ground
GRAIN = 3.0  # pixels: what is finer than this is grain
MOST_GRAIN = 25.0  # grey levels, so that an edge aside is not copied
STEPS = (12, 20, 32, 48, 72)  # pixels aside at which grain is looked for
MARGIN = 24  # pixels of surroundings an inpainted window looks at


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A picture without its marks.

    Attributes:
        image: BGR pixels; None when the marks could not be taken out.
        boxes: x0, y0, x1, y1 in pixels of the original: what was painted over; for a crop the
            part that was kept.
        problem: why there is no picture; '' when there is one.
    """

    image: np.ndarray | None
    boxes: tuple[tuple[int, int, int, int], ...] = ()
    problem: str = ""


def mark_mask(image: np.ndarray) -> np.ndarray:
    """Return where marks are drawn on a BGR picture: uint8, 255 on marks, of its size."""
    look = look_at(image)
    small, found = look.picture, look.found
    chances = np.where(look.kept, look.chances, 0.0)
    mask = np.zeros(found.shape, np.uint8)
    for index in _with_company(found, chances):
        x, y, w, h = (int(v) for v in found.boxes[index])
        labels = found.labels[found.masks[index]][y : y + h, x : x + w]
        mask[y : y + h, x : x + w][labels == found.numbers[index]] = 255
    mask = _with_halo(small, cv2.dilate(_filled(mask), np.ones((2 * RIM + 1,) * 2, np.uint8)))
    height, width = image.shape[:2]
    return np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST))


def _with_company(found: Components, chances: np.ndarray) -> np.ndarray:
    """Return the sure components and the likely ones beside them, until none is added."""
    chosen = chances > SURE
    likely = chances > LIKELY
    x, y, w, h = (found.boxes[:, i].astype(float) for i in range(4))
    gap_x = np.maximum(x[:, None] - (x + w)[None], x[None] - (x + w)[:, None])
    gap_y = np.maximum(y[:, None] - (y + h)[None], y[None] - (y + h)[:, None])
    beside = np.maximum(gap_x, gap_y) < REACH * max(found.shape)
    while True:
        grown = chosen | (likely & (beside & chosen[None]).any(axis=1))
        if (grown == chosen).all():
            return np.flatnonzero(chosen)
        chosen = grown


def _with_halo(small: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the mask with the soft shadow or glow around each small mark, as far as it is seen.

    Rings around a mark are compared with what inpainting expects there; in a shadow they are
    darker nearly all the way round, on an uneven ground they are darker here and lighter there.
    """
    out = mask.copy()
    for box in _boxes(mask):
        if max(box[2] - box[0], box[3] - box[1]) > MOST_SHADED * max(mask.shape):
            continue
        rows, columns = _window(box, 2 * SHADOW)
        away = cv2.distanceTransform((mask[rows, columns] == 0).astype(np.uint8), cv2.DIST_L2, 3)
        near = np.where(away <= SHADOW, 255, 0).astype(np.uint8)
        window = np.ascontiguousarray(small[rows, columns])
        expected = cv2.inpaint(window, near, SHADOW, cv2.INPAINT_TELEA)
        gap = window.astype(np.float32).mean(axis=2) - expected.astype(np.float32).mean(axis=2)
        reach = 0
        for step in range(1, SHADOW + 1):
            ring = gap[(away > step - 1) & (away <= step)]
            mean = abs(float(ring.mean())) if len(ring) else 0.0
            if mean > max(SHADE, ONE_SIDED * float(np.abs(ring).mean())):
                reach = step
        out[rows, columns][away <= reach] = 255
    return out


def _window(box: tuple[int, int, int, int], margin: int) -> tuple[slice, slice]:
    """Return the rows and columns of a box with a margin, cut at the top and left edge."""
    x0, y0, x1, y1 = box
    return slice(max(0, y0 - margin), y1 + margin), slice(max(0, x0 - margin), x1 + margin)


def _filled(mask: np.ndarray) -> np.ndarray:
    """Return the mask with small holes closed: the counters of letters, a letter in its box."""
    outlines, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    out = mask.copy()
    for number, outline in enumerate(outlines):
        inner = tree[0][number][3] >= 0
        if inner and cv2.contourArea(outline) < 0.004 * mask.size:
            cv2.drawContours(out, outlines, number, 255, cv2.FILLED)
    return out


def paint_over(image: np.ndarray, extra: np.ndarray | None = None) -> Cleaned:
    """Paint over all marks, and what ``extra`` (uint8 mask) names; the boxes tell where."""
    work = image
    total = np.zeros(image.shape[:2], np.uint8)
    wanted = mark_mask(image)
    if extra is not None:
        wanted = np.maximum(wanted, extra)
    for _ in range(PASSES):
        if not wanted.any():
            break
        total = np.maximum(total, wanted)
        if (total > 0).mean() > MOST_MASKED:
            return Cleaned(None, problem="the marks cover too much of the picture")
        work = _inpainted(image, total)
        wanted = mark_mask(work)
    if not total.any():
        return Cleaned(None, problem="no single mark was found")
    return Cleaned(work, _boxes(total))


def _inpainted(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    out = image.copy()
    reach = max(3, round(max(image.shape[:2]) / 160))
    for x0, y0, x1, y1 in _boxes(mask):
        rows, columns = _window((x0, y0, x1, y1), MARGIN)
        window = np.ascontiguousarray(out[rows, columns])
        part = np.ascontiguousarray(mask[rows, columns])
        paper = _even_ground(window, part)
        if paper is not None:
            window[part > 0] = paper
            out[rows, columns] = window
        else:
            smooth = cv2.inpaint(window, part, reach, cv2.INPAINT_TELEA)
            out[rows, columns] = _grained(smooth, image, part, (rows.start, columns.start))
    return out


def _grained(
    smooth: np.ndarray, image: np.ndarray, part: np.ndarray, corner: tuple[int, int]
) -> np.ndarray:
    """Give what was painted over the grain of the picture a step aside, where there is one."""
    aside = _aside(image, part, corner)
    if aside is None:
        return smooth
    ground = cv2.GaussianBlur(aside, (0, 0), GRAIN)
    grain = np.clip(aside - ground, -MOST_GRAIN, MOST_GRAIN)
    # Grain is as strong as the light: that of bright skin would be noise on a dark lesion.
    grain *= np.clip(smooth / (ground + 1), 0, 1) ** 2
    weight = cv2.GaussianBlur((part > 0).astype(np.float32), (0, 0), 1)
    weight[part == 0] = 0
    return np.asarray(np.clip(smooth + weight[..., None] * grain, 0, 255), np.uint8)


def _aside(image: np.ndarray, part: np.ndarray, corner: tuple[int, int]) -> np.ndarray | None:
    """Return the window (float32) moved by the least step at which no mark lies under the mark."""
    high, wide = part.shape
    marked = np.pad(cv2.dilate(part, np.ones((5, 5), np.uint8)) > 0, STEPS[-1])
    for step in STEPS:
        for down, right in ((0, step), (0, -step), (step, 0), (-step, 0)):
            top, left = corner[0] + down, corner[1] + right
            if top < 0 or left < 0 or top + high > image.shape[0] or left + wide > image.shape[1]:
                continue
            y, x = STEPS[-1] + down, STEPS[-1] + right
            if not (marked[y : y + high, x : x + wide] & (part > 0)).any():
                return np.asarray(image[top : top + high, left : left + wide], np.float32)
    return None


def _even_ground(window: np.ndarray, part: np.ndarray) -> np.ndarray | None:
    """Return the colour that most of a mark's surroundings share (paper), or None (skin)."""
    near = (cv2.dilate(part, np.ones((7, 7), np.uint8)) > 0) & (part == 0)
    ring = window[near].astype(np.int16)
    if not len(ring):
        return None
    middle = np.median(ring, axis=0)
    like = (np.abs(ring - middle).max(axis=1) <= 4).mean()
    return middle.astype(np.uint8) if like >= EVEN else None


def _boxes(mask: np.ndarray) -> tuple[tuple[int, int, int, int], ...]:
    near = cv2.dilate(mask, np.ones((9, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(near)
    boxes = [tuple(int(v) for v in stats[i][:4]) for i in range(1, count)]
    return tuple(sorted((x, y, x + w, y + h) for x, y, w, h in boxes))


def cut_off(image: np.ndarray) -> Cleaned:
    """Cut the edges with marks off, at each mark the edge that costs least."""
    mask = mark_mask(image)
    if not mask.any():
        return Cleaned(None, problem="no single mark was found")
    height, width = mask.shape
    x0, y0, x1, y1 = 0, 0, width, height
    for a, b, c, d in _boxes(mask):
        a, b, c, d = max(a, x0), max(b, y0), min(c, x1), min(d, y1)
        if a >= c or b >= d:
            continue
        costs = {
            "left": (c - x0) * (y1 - y0),
            "right": (x1 - a) * (y1 - y0),
            "top": (d - y0) * (x1 - x0),
            "bottom": (y1 - b) * (x1 - x0),
        }
        side = min(costs, key=lambda name: costs[name])
        x0, x1 = (c if side == "left" else x0), (a if side == "right" else x1)
        y0, y1 = (d if side == "top" else y0), (b if side == "bottom" else y1)
    if (x1 - x0) * (y1 - y0) < LEAST_LEFT * height * width:
        return Cleaned(None, problem="the marks lie too far inside to be cut off")
    return Cleaned(np.ascontiguousarray(image[y0:y1, x0:x1]), ((x0, y0, x1, y1),))
