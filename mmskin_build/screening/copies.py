"""The mask stage's work on one book: copies of pictures without the marks drawn on them."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from mmskin_build.images import ImageStore
from mmskin_build.records import ImageCheck, MaskedImage, Pair, Record, WantedEdit
from mmskin_build.screening.burnt_in import read_burnt_in
from mmskin_build.screening.marks import find_marks
from mmskin_build.screening.masking import Cleaned, cut_off, paint_over
from mmskin_build.screening.settings import Action
from mmskin_build.screening.source import box_texts, read_image
from mmskin_build.stage import StageContext

JPEG_QUALITY = 95


def copies_of_source(ctx: StageContext) -> Iterator[Record]:
    """Yield one MaskedImage per pair of which a copy is wanted."""
    cv2.setNumThreads(1)
    wanted = {w.pair_id: Action(w.method) for w in ctx.rows(WantedEdit)}
    if not wanted:
        return
    boxes = {c.pair_id: c.burnt_in_boxes for c in ctx.rows(ImageCheck)}
    for pair in ctx.rows(Pair):
        method = wanted.get(pair.pair_id)
        if method is not None and ctx.enter_page(pair.page):
            yield make_copy(ctx.images, pair, method, boxes[pair.pair_id])


def clean(image: np.ndarray, method: Action, text_boxes: tuple[str, ...]) -> Cleaned:
    """Return the picture without marks and without the text found at ``text_boxes``."""
    if method == Action.CROP:
        return cut_off(image)
    extra = np.zeros(image.shape[:2], np.uint8)
    for box in text_boxes:
        x0, y0, x1, y1 = (int(v) for v in box.split())
        pad = max(2, (y1 - y0) // 5)
        extra[max(0, y0 - pad) : y1 + pad, max(0, x0 - pad) : x1 + pad] = 255
    return paint_over(image, extra)


def make_copy(
    images: ImageStore, pair: Pair, method: Action, text_boxes: tuple[str, ...]
) -> MaskedImage:
    """Store the copy of a pair's picture without its marks and return its row."""
    image = read_image(images, pair.image_digest)
    if image is None:
        return _row(pair, method, Cleaned(None, problem="the picture cannot be read"))
    cleaned = clean(image, method, text_boxes)
    if cleaned.image is None:
        return _row(pair, method, cleaned)
    suffix = images.path(pair.image_digest).suffix
    return _row(pair, method, cleaned, images.put(*encoded(cleaned.image, suffix)))


def encoded(image: np.ndarray, suffix: str) -> tuple[bytes, str]:
    """Return the copy's bytes and suffix: JPEG for a JPEG, else PNG."""
    if suffix == ".jpg":
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        return data.tobytes(), ".jpg"
    _, data = cv2.imencode(".png", image)
    return data.tobytes(), ".png"


def _row(pair: Pair, method: Action, cleaned: Cleaned, digest: str = "") -> MaskedImage:
    image = cleaned.image
    height, width = (0, 0) if image is None else image.shape[:2]
    return MaskedImage(
        source_id=pair.source_id,
        pair_id=pair.pair_id,
        image_digest=pair.image_digest,
        method=method.value,
        masked_digest=digest,
        width_px=width,
        height_px=height,
        boxes=box_texts(cleaned.boxes),
        annotated_score=0.0 if image is None else round(find_marks(image).score, 4),
        burnt_in=() if image is None else read_burnt_in(image).kinds,
        problem=cleaned.problem,
    )


def make_copy_again(images: ImageStore, pair: Pair, method: Action) -> MaskedImage:
    """Make the copy of a release once more, reading burnt-in text anew."""
    image = read_image(images, pair.image_digest)
    boxes = () if image is None else read_burnt_in(image).boxes
    return make_copy(images, pair, method, box_texts(boxes))
