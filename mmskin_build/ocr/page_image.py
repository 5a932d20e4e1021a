"""A page drawn as pixels, set upright, and the way back to points of the page as displayed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mmskin_build.geometry import Box, rounded

Pixels = npt.NDArray[np.uint8]
Affine = npt.NDArray[np.float64]

MIN_DPI = 40
BLANK_DPI = 100
BLANK_SPREAD = 25  # grey levels between the darkest printed pixels and the paper
BLANK_MOST = 60  # print departs from its paper by more than this, whatever the grain
BLANK_REACH_PX = 31
BLANK_INK_SHARE = 0.00006
PAGE_SHARE = 0.8  # of a page that its scan fills
OTHER_SHARE = 0.1  # of a page under pictures that have tones
DOT_BLUR = 1.0  # in dots, or in pixels when these are larger
DOT_LEVELS = (70, 235)  # of the smoothed dots: black and white of what is read


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page image and the map from its pixels to points of the page as displayed."""

    color: Pixels  # height x width x 3, RGB
    to_points: Affine  # 2 x 3
    dpi: float
    dots_dpi: float = 0.0  # of a scan stored in black and white dots; 0 for all others

    @property
    def grey(self) -> Pixels:
        """The image in grey levels; in a scan of dots the lone ones of its paper are taken away.

        Tesseract takes each dot of a dithered picture for a letter, and minutes over a page.
        """
        grey = np.asarray(cv2.cvtColor(self.color, cv2.COLOR_RGB2GRAY), np.uint8)
        if not self.dots_dpi:
            return grey
        smooth = cv2.GaussianBlur(grey, (0, 0), DOT_BLUR * max(1.0, self.dpi / self.dots_dpi))
        black, white = DOT_LEVELS
        levels = (np.arange(256) - black) / (white - black) * 255
        return np.asarray(cv2.LUT(smooth, levels.clip(0, 255).astype(np.uint8)), np.uint8)

    @property
    def px_per_pt(self) -> float:
        """Pixels per point."""
        return self.dpi / 72

    def box_in_points(self, box: Box) -> Box:
        """Return the page box of a pixel box: its centre moves with the page, its sides stay.

        A box on a slightly turned page keeps its size; the hull of the turned box would grow
        with the length of the line and overlap its neighbours.
        """
        centre = self.to_points @ np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 1.0])
        wide, high = (box[2] - box[0]) / self.px_per_pt, (box[3] - box[1]) / self.px_per_pt
        if round(self.writing_angle() / 90) % 2:
            wide, high = high, wide
        x, y = float(centre[0]), float(centre[1])
        return rounded((x - wide / 2, y - high / 2, x + wide / 2, y + high / 2))

    def x_in_points(self, x: float) -> float | None:
        """Return where an upright line at half height stands on the page; None if it lies there."""
        if round(self.writing_angle() / 90) % 2:
            return None
        middle = self.to_points @ np.array([x, self.color.shape[0] / 2, 1.0])
        return round(float(middle[0]), 2)

    def writing_angle(self) -> float:
        """Return the direction of upright lines on the displayed page, degrees anticlockwise."""
        dx, dy = self.to_points[0, 0], self.to_points[1, 0]
        return math.degrees(math.atan2(-dy, dx)) % 360


def draw_page(page: Any, dpi: int, max_megapixels: float) -> PageImage:
    """Draw a ``pymupdf.Page`` in colour, with fewer dpi when it would exceed the pixel budget."""
    import pymupdf

    square_points = max(1.0, page.rect.width * page.rect.height)
    affordable = 72 * math.sqrt(max_megapixels * 1e6 / square_points)
    used = max(1.0, min(float(dpi), affordable))
    scale = used / 72
    pixmap = page.get_pixmap(
        matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False, annots=False
    )
    samples = np.frombuffer(pixmap.samples_mv, np.uint8).reshape(pixmap.h, pixmap.stride)
    color = samples[:, : pixmap.w * 3].reshape(pixmap.h, pixmap.w, 3).copy()
    to_points = np.array([[1 / scale, 0.0, 0.0], [0.0, 1 / scale, 0.0]])
    return PageImage(color, to_points, used, _dots_dpi(page))


def _dots_dpi(page: Any) -> float:
    """Return the resolution of the 1-bit images that fill a page; 0 when others do."""
    total, found = 0.0, 0.0
    for info in page.get_image_info():
        x0, y0, x1, y1 = info["bbox"]
        share = (x1 - x0) * (y1 - y0) / max(1.0, abs(page.rect.get_area()))
        if info["bpc"] == 1:
            total += share
            side, short = min(info["width"], info["height"]), min(x1 - x0, y1 - y0)
            found = max(found, 72 * side / max(1.0, short))
        elif share > OTHER_SHARE:
            return 0.0
    return found if total >= PAGE_SHARE else 0.0


def is_blank(image: PageImage) -> bool:
    """Tell a page on which nothing is printed; specks and paper grain do not count."""
    factor = min(1.0, BLANK_DPI / image.dpi)
    small = cv2.resize(image.grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    level = cv2.blur(small, (3, 3)).astype(np.float32)
    apart = np.abs(level - cv2.blur(level, (BLANK_REACH_PX, BLANK_REACH_PX)))
    ink = apart > max(BLANK_SPREAD, min(BLANK_MOST, 8 * _grain(apart)))
    return float(ink.mean()) < BLANK_INK_SHARE


def _grain(apart: npt.NDArray[np.float32]) -> float:
    """Return how far the calmest parts of a page stray from their surroundings.

    The whole page will not do: where pictures cover most of it, they would pass for grain.
    """
    high, wide = (max(1, side // BLANK_REACH_PX) for side in apart.shape)
    calm = cv2.resize(apart, (wide, high), interpolation=cv2.INTER_AREA)
    return float(np.quantile(calm, 0.2))


def turned(image: PageImage, clockwise: int) -> PageImage:
    """Return the image turned by a multiple of 90 degrees clockwise."""
    turns = (clockwise // 90) % 4
    if not turns:
        return image
    high, wide = image.color.shape[:2]
    back = {
        1: np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, high]]),
        2: np.array([[-1.0, 0.0, wide], [0.0, -1.0, high]]),
        3: np.array([[0.0, -1.0, wide], [1.0, 0.0, 0.0]]),
    }[turns]
    color = np.ascontiguousarray(np.rot90(image.color, -turns))
    return replace(image, color=color, to_points=_after(image.to_points, back))


def straightened(image: PageImage, skew_deg: float) -> PageImage:
    """Return the image turned about its centre so that lines skewed by ``skew_deg`` lie level.

    ``skew_deg`` is positive when lines fall to the right (the print is turned clockwise).
    """
    high, wide = image.color.shape[:2]
    forward = cv2.getRotationMatrix2D((wide / 2, high / 2), skew_deg, 1.0)
    color = cv2.warpAffine(
        image.color,
        forward,
        (wide, high),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    back = np.asarray(cv2.invertAffineTransform(forward), np.float64)
    to_points = _after(image.to_points, back)
    return replace(image, color=np.asarray(color, np.uint8), to_points=to_points)


def _after(outer: Affine, inner: Affine) -> Affine:
    """Return the map that applies ``inner`` first and ``outer`` to its result."""
    full = np.vstack([inner, [0.0, 0.0, 1.0]])
    return np.asarray(outer @ full, np.float64)
