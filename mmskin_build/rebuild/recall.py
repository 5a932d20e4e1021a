"""The decisions of a release in place of one's own: modality, what is kept, and the splits."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.export.decisions import FILE_NAME, Decision, read_decisions
from mmskin_build.images import ImageStore
from mmskin_build.records import (
    ImageCheck,
    MaskedImage,
    ModalityLabel,
    Pair,
    Record,
    Reject,
    SplitRow,
    Verdict,
)
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.stage import StageContext

NOT_MEASURED = float("nan")


def recall(ctx: StageContext) -> Iterator[Record]:
    """Yield label, verdict and split of every pair as the release has them, and its colours.

    A pair the release does not know is dropped with a Reject row: it was found here only.
    """
    known = {d.pair_id: d for path in ctx.manifest(FILE_NAME) for d in read_decisions(path)}
    for pair in ctx.rows(Pair):
        decision = known.get(pair.pair_id)
        if decision is None:
            reason = RejectReason.NOT_IN_RELEASE.value
            yield Verdict(pair.source_id, pair.pair_id, False, reason, "found here only")
            yield Reject(pair.source_id, pair.pair_id, reason, f"page {pair.page}")
        else:
            yield from _rows(ctx.images, pair, decision)


def _copy(images: ImageStore, pair: Pair, decision: Decision) -> MaskedImage | None:
    """Return the copy without marks that the release holds, made anew from the owner's picture."""
    if not decision.image_edit:
        return None
    from mmskin_build.screening.copies import make_copy_again
    from mmskin_build.screening.settings import Action

    return make_copy_again(images, pair, Action(decision.image_edit))


def _check(images: ImageStore, pair: Pair) -> ImageCheck:
    """Return the one measurement that questions follow; the verdict on the rest is known."""
    from mmskin_build.screening.colour import is_grey
    from mmskin_build.screening.source import read_image

    image = read_image(images, pair.image_digest)
    return ImageCheck(
        source_id=pair.source_id,
        pair_id=pair.pair_id,
        image_digest=pair.image_digest,
        annotated_score=NOT_MEASURED,
        annotation_kinds=(),
        face_score=NOT_MEASURED,
        eye_bar_score=NOT_MEASURED,
        perceptual_hash="",
        shape_hash="",
        local_features="",
        grey=image is not None and is_grey(image),
    )


def _rows(images: ImageStore, pair: Pair, decision: Decision) -> Iterator[Record]:
    source_id, pair_id = pair.source_id, pair.pair_id
    if decision.keep:
        yield _check(images, pair)
    copy = _copy(images, pair, decision)
    if copy is not None:
        yield copy
    masked = copy.masked_digest if copy else ""
    yield Verdict(source_id, pair_id, decision.keep, decision.reason, "as in the release", masked)
    if not decision.keep:
        yield Reject(source_id, pair_id, decision.reason.partition(";")[0], "as in the release")
    if decision.modality:
        yield ModalityLabel(
            source_id=source_id,
            pair_id=pair_id,
            label=decision.modality,
            decided_by=decision.decided_by,
            probability=decision.probability,
            second_label=decision.second_label,
            second_probability=decision.second_probability,
            needs_review=decision.needs_review,
            review_reason="",
            excluded=decision.excluded,
        )
    if decision.split:
        yield SplitRow(
            source_id, pair_id, decision.group_id, decision.split, decision.split_decided_by
        )
