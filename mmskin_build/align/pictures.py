"""The picture of a figure: the stored bytes when they are the figure, else the page drawn."""

from __future__ import annotations

import logging
import math
import struct
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mmskin_build.align.layout import PageContent
from mmskin_build.align.regions import Atom
from mmskin_build.align.settings import AlignSettings
from mmskin_build.geometry import Box, area, covered, height, intersection, iou, width
from mmskin_build.images import ImageStore
from mmskin_build.pdf.memory import give_back_memory
from mmskin_build.pdf.opening import MUPDF_ERRORS, open_document
from mmskin_build.records import Graphic

log = logging.getLogger(__name__)

SAME_BOX_IOU = 0.97  # the stored picture is the figure when its box agrees this well
ASPECT_SLACK = 0.03
COMPARE_PX = 40  # side of the thumbnails on which stored and displayed picture are compared
MEAN_DIFFERENCE = 9.0  # of 255, between both thumbnails
WORST_DIFFERENCE = 70.0  # of 255, in the worst hundredth of the cells
FRAME_PATHS = 6  # a drawn border has no more paths
BLANK_SPREAD = 1.0  # standard deviation of 255; a picture that is one colour failed to decode
PHOTO_SHARE = 0.8  # figures covered this much by pictures are stored as JPEG
JPEG_QUALITY = 95
MIN_DPI = 36.0
GIVE_BACK_PAGES = 10  # pages with pictures until memory is given back
REOPEN_PAGES = 100  # until the file is opened anew: MuPDF keeps some 100 KB of each scanned page

Pixels = NDArray[np.uint8]
PICTURE_FAULTS: tuple[type[Exception], ...] = (*MUPDF_ERRORS, MemoryError, cv2.error)


class PictureError(Exception):
    """A picture that can be neither copied nor drawn."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture."""

    digest: str
    width_px: int
    height_px: int
    how: str  # 'stored bytes' or 'drawn at N dpi'


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to store: a box on a page and the parts that lie in it."""

    box: Box
    atoms: tuple[Atom, ...]


class PictureWriter:
    """Stores pictures of one document; opened when the first picture is asked for."""

    def __init__(self, path: str | Path, store: ImageStore, settings: AlignSettings) -> None:
        """Prepare for a document."""
        self._path = path
        self._store = store
        self._settings = settings
        self._open = ExitStack()
        self._document: Any = None
        self._page_number = 0
        self._page: Any = None
        self._display_list: Any = None
        self._pages_seen = 0

    def __enter__(self) -> PictureWriter:
        """Return itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close the document and give back what drawing it took."""
        self._display_list = self._page = None
        self._open.close()
        if self._document is not None:
            give_back_memory()

    def store(self, wanted: Wanted, content: PageContent) -> Picture:
        """Store one picture.

        Raises:
            PictureError: when it can be neither copied nor drawn.
        """
        self._refuse_hoard(wanted.box, content)
        try:
            self._enter(content.number)
            stored = self._stored(wanted, content)
            return stored if stored is not None else self._drawn(wanted, content)
        except PICTURE_FAULTS as error:
            raise PictureError(f"{type(error).__name__}: {error}"[:200]) from error

    def _refuse_hoard(self, box: Box, content: PageContent) -> None:
        """Refuse to draw an image that claims to be huge, told from the page before decoding."""
        largest = max(
            (g.width_px * g.height_px for g in content.graphics if intersection(g.bbox, box)),
            default=0,
        )
        if largest > self._settings.max_raster_megapixels * 1e6:
            limit = f"align.max_raster_megapixels: {self._settings.max_raster_megapixels:g}"
            raise PictureError(f"an image there has {largest / 1e6:.0f} million pixels ({limit})")

    def _enter(self, number: int) -> None:
        if self._document is not None and number == self._page_number:
            return
        self._display_list = self._page = None
        self._pages_seen += 1
        if self._pages_seen % REOPEN_PAGES == 0:
            self._open.close()
            self._document = None
        if self._pages_seen % GIVE_BACK_PAGES == 0:
            give_back_memory()
        if self._document is None:
            passwords = self._settings.passwords
            self._document = self._open.enter_context(open_document(self._path, passwords))
        self._page = self._document[number - 1]
        self._page_number = number
        self._display_list = self._page.get_displaylist(annots=0)

    def _draw(self, box: Box, scale_x: float, scale_y: float) -> Pixels:
        """Return the page inside a box as RGB pixels."""
        import pymupdf

        pixmap = self._display_list.get_pixmap(
            matrix=pymupdf.Matrix(scale_x, scale_y),
            colorspace=pymupdf.csRGB,
            alpha=0,
            clip=pymupdf.Rect(box),
        )
        return _pixels(pixmap)

    def _stored(self, wanted: Wanted, content: PageContent) -> Picture | None:
        """Return the stored picture when it is the figure and displays like the page."""
        graphic = _only_raster(wanted, content)
        if graphic is None or graphic.width_px * graphic.height_px > self._settings.max_pixels:
            return None
        found = self._encoded(graphic)
        if found is None:
            return None
        data, suffix, thumbnail = found
        if not self._looks_alike(thumbnail, graphic.bbox):
            return None
        digest = self._store.put(data, suffix)
        return Picture(digest, graphic.width_px, graphic.height_px, "stored bytes")

    def _encoded(self, graphic: Graphic) -> tuple[bytes, str, Pixels] | None:
        """Return the bytes of an image object as a file, its suffix and a thumbnail."""
        import pymupdf

        data: bytes = self._document.xref_stream_raw(graphic.xref) or b""
        if data[:3] == b"\xff\xd8\xff":
            components, *size = _frame(data)
            if components not in (1, 3) or size != [graphic.width_px, graphic.height_px]:
                return None  # also what says it is small and is not
            image = cv2.imdecode(np.frombuffer(data, np.uint8), _reduced(graphic))
            if image is None:
                return None
            return data, ".jpg", _thumbnail(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        pixmap = pymupdf.Pixmap(self._document, graphic.xref)
        if pixmap.colorspace is None or pixmap.alpha or pixmap.n > 3:
            return None
        if pixmap.n != 3:
            pixmap = pymupdf.Pixmap(pymupdf.csRGB, pixmap)
        pixels = _pixels(pixmap)
        return _png(pixels), ".png", _thumbnail(pixels)

    def _looks_alike(self, thumbnail: Pixels, box: Box) -> bool:
        shown = self._draw(box, COMPARE_PX / width(box), COMPARE_PX / height(box))
        shown = cv2.resize(shown, (COMPARE_PX, COMPARE_PX), interpolation=cv2.INTER_AREA)
        # The outermost cells mix with the paper around the picture.
        difference = np.abs(thumbnail.astype(np.float32) - shown.astype(np.float32))[1:-1, 1:-1]
        return bool(
            difference.mean() <= MEAN_DIFFERENCE
            and np.quantile(difference, 0.99) <= WORST_DIFFERENCE
        )

    def _drawn(self, wanted: Wanted, content: PageContent) -> Picture:
        """Return the figure drawn from the page, level when the page is a skewed scan."""
        visible = intersection(wanted.box, content.box)
        if visible is None or min(width(visible), height(visible)) < 1:
            raise PictureError("the box lies outside the page")
        affordable = 72 * math.sqrt(self._settings.max_pixels / area(visible))
        dpi = max(MIN_DPI, min(float(self._settings.render_dpi), affordable))
        skew = content.page.skew_deg
        pixels = self._level(visible, skew, dpi) if skew else self._draw(visible, *[dpi / 72] * 2)
        if _spread(pixels) < BLANK_SPREAD:
            raise PictureError("the page is blank there; the picture does not decode")
        rasters = sum(area(a.box) for a in wanted.atoms if a.kind != "vector")
        photo = rasters > PHOTO_SHARE * area(visible)
        data, suffix = (_jpeg(pixels), ".jpg") if photo else (_png(pixels), ".png")
        digest = self._store.put(data, suffix)
        return Picture(digest, pixels.shape[1], pixels.shape[0], f"drawn at {dpi:.0f} dpi")

    def _level(self, box: Box, skew_deg: float, dpi: float) -> Pixels:
        """Return what lies in a box that is tilted about its centre, turned level.

        ``box`` has the sides of the level picture; what is drawn of the page is its envelope.
        """
        scale = dpi / 72
        turn = math.radians(abs(skew_deg))
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        across = (width(box) * math.cos(turn) + height(box) * math.sin(turn)) / 2
        down = (height(box) * math.cos(turn) + width(box) * math.sin(turn)) / 2
        envelope = (middle[0] - across, middle[1] - down, middle[0] + across, middle[1] + down)
        shown = self._page.rect
        drawn = intersection(envelope, (0.0, 0.0, shown.width, shown.height)) or box
        pixels = self._draw(drawn, scale, scale)
        centre = ((middle[0] - drawn[0]) * scale, (middle[1] - drawn[1]) * scale)
        size = (max(1, round(width(box) * scale)), max(1, round(height(box) * scale)))
        matrix = cv2.getRotationMatrix2D(centre, skew_deg, 1.0)
        matrix[0, 2] += size[0] / 2 - centre[0]
        matrix[1, 2] += size[1] / 2 - centre[1]
        level = cv2.warpAffine(
            pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(level, np.uint8)


def _only_raster(wanted: Wanted, content: PageContent) -> Graphic | None:
    """Return the picture object that is the whole figure, undisturbed, or None."""
    rasters = [g for atom in wanted.atoms for g in atom.graphics if g.kind == "raster"]
    if len(rasters) != 1 or any(atom.kind == "scan" for atom in wanted.atoms):
        return None
    graphic = rasters[0]
    if graphic.xref == 0 or graphic.has_mask or iou(graphic.bbox, wanted.box) < SAME_BOX_IOU:
        return None
    shape = width(graphic.bbox) / height(graphic.bbox)
    stored = graphic.width_px / max(1, graphic.height_px)
    if abs(shape / stored - 1) > ASPECT_SLACK:
        return None
    disturbed = any(_disturbs(other, graphic) for other in content.graphics if other is not graphic)
    return None if disturbed else graphic


def _disturbs(other: Graphic, picture: Graphic) -> bool:
    """Tell whether something is drawn on a picture; a thin border around it is not."""
    if covered(other.bbox, picture.bbox) < 0.3 and covered(picture.bbox, other.bbox) < 0.5:
        return False
    border = iou(other.bbox, picture.bbox) > 0.9 and other.paths <= FRAME_PATHS
    background = covered(picture.bbox, other.bbox) > 0.98 and other.kind == "vector"
    return not (other.kind == "vector" and (border or background))


def _frame(data: bytes) -> tuple[int, int, int]:
    """Return the colour components, width and height a JPEG file declares; zeros for none."""
    position = 2
    while position + 9 < len(data):
        if data[position] != 0xFF:
            position += 1
            continue
        marker = data[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            high, wide = struct.unpack_from(">HH", data, position + 5)
            return data[position + 9], wide, high
        if marker == 0xFF or 0xD0 <= marker <= 0xD9 or marker == 0x01:
            position += 1 if marker == 0xFF else 2
            continue
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return 0, 0, 0


def _reduced(graphic: Graphic) -> int:
    """Return the cheapest way to decode a JPEG that still fills the thumbnail."""
    side = min(graphic.width_px, graphic.height_px)
    if side >= 16 * COMPARE_PX:
        return cv2.IMREAD_REDUCED_COLOR_8
    if side >= 8 * COMPARE_PX:
        return cv2.IMREAD_REDUCED_COLOR_4
    return cv2.IMREAD_COLOR


def _thumbnail(pixels: Any) -> Pixels:
    small = cv2.resize(pixels, (COMPARE_PX, COMPARE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _spread(pixels: Pixels) -> float:
    """Return the standard deviation over all channels; numpy takes ten times as long."""
    means, deviations = cv2.meanStdDev(pixels)
    return math.sqrt(float(np.mean(np.square(deviations)) + np.var(means)))


def _pixels(pixmap: Any) -> Pixels:
    samples = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.stride)
    return samples[:, : pixmap.w * 3].reshape(pixmap.h, pixmap.w, 3)


def _png(pixels: Pixels) -> bytes:
    done, data = cv2.imencode(
        ".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 4]
    )
    return _checked(done, data)


def _jpeg(pixels: Pixels) -> bytes:
    done, data = cv2.imencode(
        ".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )
    return _checked(done, data)


def _checked(done: bool, data: Any) -> bytes:
    if not done:
        raise PictureError("the picture cannot be encoded")
    return bytes(data.tobytes())


def atoms_in(box: Box, atoms: Sequence[Atom]) -> tuple[Atom, ...]:
    """Return the parts that lie inside a box."""
    return tuple(atom for atom in atoms if covered(atom.box, box) > 0.5)
