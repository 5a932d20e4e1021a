"""The screen stage's work on one book: every picture is read and scored once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from mmskin_build.duplicates.fingerprint import Fingerprint, fingerprint
from mmskin_build.images import ImageStore
from mmskin_build.records import ImageCheck, Pair, Record, Reject
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.screening import ImageScores, check_image
from mmskin_build.screening.burnt_in import BurntIn, read_burnt_in
from mmskin_build.screening.colour import is_grey
from mmskin_build.screening.marks import look_at
from mmskin_build.stage import StageContext


def read_image(images: ImageStore, digest: str) -> np.ndarray | None:
    """Return a stored picture as BGR pixels, or None when it cannot be decoded."""
    try:
        data = np.frombuffer(images.read(digest), np.uint8)
        return cv2.imdecode(data, cv2.IMREAD_COLOR)
    except (FileNotFoundError, cv2.error):
        return None


def check_source(ctx: StageContext) -> Iterator[Record]:
    """Yield one ImageCheck per pair of the book at hand."""
    cv2.setNumThreads(1)
    known: dict[str, Checked | None] = {}
    for pair in ctx.rows(Pair):
        if not ctx.enter_page(pair.page):
            continue  # it broke a worker before; filter drops a pair without a check
        if pair.image_digest not in known:
            image = read_image(ctx.images, pair.image_digest)
            known[pair.image_digest] = None if image is None else _checked(image)
        found = known[pair.image_digest]
        if found is None:
            reason = RejectReason.IMAGE_UNREADABLE
            yield Reject(pair.source_id, pair.pair_id, reason, "cannot be decoded")
        else:
            yield _row(pair, *found)


Checked = tuple[ImageScores, Fingerprint, BurntIn, bool]


def _checked(image: np.ndarray) -> Checked:
    look = look_at(image)
    return (
        check_image(image, look),
        fingerprint(image),
        read_burnt_in(image, look),
        is_grey(image),
    )


def box_texts(boxes: Iterable[tuple[int, int, int, int]]) -> tuple[str, ...]:
    """Return boxes as tables hold them: 'x0 y0 x1 y1'."""
    return tuple(" ".join(str(v) for v in box) for box in boxes)


def _row(
    pair: Pair, scores: ImageScores, prints: Fingerprint, text: BurntIn, grey: bool
) -> ImageCheck:
    return ImageCheck(
        source_id=pair.source_id,
        pair_id=pair.pair_id,
        image_digest=pair.image_digest,
        annotated_score=scores.annotated_score,
        annotation_kinds=scores.annotation_kinds,
        face_score=scores.face_score,
        eye_bar_score=scores.eye_bar_score,
        perceptual_hash=prints.perceptual_hash,
        shape_hash=prints.shape_hash,
        local_features=prints.local_features,
        grey=grey,
        burnt_in=text.kinds,
        burnt_in_boxes=box_texts(text.boxes),
    )
