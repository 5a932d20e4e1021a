"""Votes on all pairs of one book."""

from __future__ import annotations

from collections.abc import Iterator

from mmskin_build.modality import caption_voter, image_voter
from mmskin_build.modality.image_voter import UNKNOWN, ImageVote
from mmskin_build.modality.model import ImageModel, shipped_model
from mmskin_build.modality.working_image import decode
from mmskin_build.records import ModalityVote, Pair
from mmskin_build.stage import StageContext

IMAGE, CAPTION = "image", "caption"


def votes_of_source(ctx: StageContext) -> Iterator[ModalityVote]:
    """Yield the image's and the caption's vote for every pair, in the order of pairs."""
    model = shipped_model()
    seen: dict[str, ImageVote | None] = {}  # one picture may serve several pairs
    for pair in ctx.rows(Pair):
        if not ctx.enter_page(pair.page):
            continue
        if pair.image_digest not in seen:
            seen[pair.image_digest] = _look(ctx, pair.image_digest, model)
        yield _image_row(pair, seen[pair.image_digest])
        yield _caption_row(pair)


def _look(ctx: StageContext, digest: str, model: ImageModel) -> ImageVote | None:
    try:
        image = decode(ctx.images.read(digest))
    except FileNotFoundError:
        return None
    return None if image is None else image_voter.vote(image, model)


def _image_row(pair: Pair, vote: ImageVote | None) -> ModalityVote:
    label, shares = (vote.label, vote.probabilities) if vote else ("", UNKNOWN)
    evidence = "" if vote else "the picture cannot be read"
    sketch, strangeness = (vote.sketch, vote.strangeness) if vote else ("", 0.0)
    return ModalityVote(
        pair.source_id, pair.pair_id, IMAGE, label, *shares, evidence, sketch, strangeness
    )


def _caption_row(pair: Pair) -> ModalityVote:
    """Return the caption's vote; the panel's own words come before those of the whole."""
    text = pair.panel_caption or pair.caption
    if not pair.panel and caption_voter.names_several_panels(text):
        return ModalityVote(
            pair.source_id, pair.pair_id, CAPTION, "", *UNKNOWN, "speaks of several panels"
        )
    said = caption_voter.vote(text)
    return ModalityVote(
        pair.source_id, pair.pair_id, CAPTION, said.label, *said.probabilities, said.evidence
    )
