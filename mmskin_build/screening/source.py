"""The screen stage's work on one book: every picture is read and scored once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

from mmskin_build.duplicates.fingerprint import Fingerprint, fingerprint
from mmskin_build.images import ImageStore
from mmskin_build.ocr.tesseract import RecognitionError
from mmskin_build.records import ImageCheck, Pair, Record, Reject
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.screening import ImageScores, check_image
from mmskin_build.screening.burnt_in import BurntIn, read_writing, read_writings
from mmskin_build.screening.colour import is_grey
from mmskin_build.screening.marks import look_at
from mmskin_build.screening.writing import Writing, writing_of
from mmskin_build.stage import StageContext

READ_TOGETHER = 16  # pictures whose writing one run of tesseract reads
MOST_WAITING = 256  # pairs held back until their writing is read


def read_image(images: ImageStore, digest: str) -> np.ndarray | None:
    """Return a stored picture as BGR pixels, or None when it cannot be decoded."""
    try:
        data = np.frombuffer(images.read(digest), np.uint8)
        return cv2.imdecode(data, cv2.IMREAD_COLOR)
    except (FileNotFoundError, cv2.error):
        return None


@dataclass(slots=True)
class _Checked:
    """One picture as measured; its writing is read later, together with that of others."""

    scores: ImageScores
    prints: Fingerprint
    grey: bool
    writing: Writing | None
    text: BurntIn = field(default_factory=BurntIn)


def check_source(ctx: StageContext) -> Iterator[Record]:
    """Yield one ImageCheck per pair of the book at hand."""
    cv2.setNumThreads(1)
    known: dict[str, _Checked | None] = {}
    waiting: list[Pair] = []
    unread: dict[str, int] = {}  # digests of pictures whose writing is still to be read, and page
    for pair in ctx.rows(Pair):
        if not ctx.enter_page(pair.page):
            continue  # it broke a worker before; filter drops a pair without a check
        digest = pair.image_digest
        if digest not in known:
            known[digest] = found = _look_closely(read_image(ctx.images, digest))
            if found and found.writing:
                unread[digest] = pair.page
        waiting.append(pair)
        if len(unread) >= READ_TOGETHER or len(waiting) >= MOST_WAITING:
            yield from _rows(ctx, waiting, unread, known)
    yield from _rows(ctx, waiting, unread, known)


def _look_closely(image: np.ndarray | None) -> _Checked | None:
    if image is None:
        return None
    look = look_at(image)
    return _Checked(
        check_image(image, look), fingerprint(image), is_grey(image), writing_of(image, look)
    )


def _rows(
    ctx: StageContext,
    waiting: list[Pair],
    unread: dict[str, int],
    known: Mapping[str, _Checked | None],
) -> Iterator[Record]:
    """Read what waits to be read, yield the waiting rows, and empty both lists."""
    _read(ctx, {digest: (page, known[digest]) for digest, page in unread.items()})
    for pair in waiting:
        found = known[pair.image_digest]
        if found is None:
            reason = RejectReason.IMAGE_UNREADABLE
            yield Reject(pair.source_id, pair.pair_id, reason, "cannot be decoded")
        else:
            yield _row(pair, found)
    waiting.clear()
    unread.clear()


def _read(ctx: StageContext, unread: Mapping[str, tuple[int, _Checked | None]]) -> None:
    pictures = [(page, found) for page, found in unread.values() if found and found.writing]
    try:
        texts = read_writings([found.writing for _, found in pictures if found.writing])
    except RecognitionError:
        texts = []
        for page, found in pictures:
            ctx.enter_page(page)  # whoever watches must see that this goes on
            texts.append(read_writing(found.writing))
    for (_, found), text in zip(pictures, texts, strict=True):
        found.text, found.writing = text, None


def box_texts(boxes: Iterable[tuple[int, int, int, int]]) -> tuple[str, ...]:
    """Return boxes as tables hold them: 'x0 y0 x1 y1'."""
    return tuple(" ".join(str(v) for v in box) for box in boxes)


def _row(pair: Pair, found: _Checked) -> ImageCheck:
    scores, prints, text = found.scores, found.prints, found.text
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
        grey=found.grey,
        burnt_in=text.kinds,
        burnt_in_boxes=box_texts(text.boxes),
    )
