from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmskin_build.memory_context import MemoryContext
from mmskin_build.modality.drawings import draw
from mmskin_build.modality.fusion import ReviewReason, Thresholds, fuse
from mmskin_build.modality.settings import ModalitySettings
from mmskin_build.modality.sketch import PLACES
from mmskin_build.records import ModalityLabel, ModalityVote, Pair, Source
from stages.label import STAGE as LABEL
from stages.modality import STAGE as MODALITY

BOX = (0.0, 0.0, 10.0, 10.0)
LIMITS = Thresholds(ModalitySettings(audit_share=0.0), floor=0.05)


def a_vote(voter: str, label: str, *shares: float, pair_id: str = "p0") -> ModalityVote:
    return ModalityVote("book", pair_id, voter, label, *shares, "")


SURE = a_vote("image", "clinical", 0.98, 0.01, 0.005, 0.005)
UNSURE = a_vote("image", "clinical", 0.55, 0.43, 0.01, 0.01)
SILENT = a_vote("caption", "", 0.25, 0.25, 0.25, 0.25)
SAYS_DERMOSCOPY = a_vote("caption", "dermoscopy", 0.01, 0.97, 0.01, 0.01)


@pytest.mark.parametrize(
    ("image", "caption", "label", "decided_by", "reason"),
    [
        (SURE, SILENT, 0, "image", ""),
        (UNSURE, SILENT, 0, "image", ReviewReason.SEVERAL_LABELS),
        (SURE, SAYS_DERMOSCOPY, None, None, ReviewReason.VOTERS_DISAGREE),
        (a_vote("image", "dermoscopy", 0.1, 0.9, 0, 0), SAYS_DERMOSCOPY, 1, "both", ""),
        (a_vote("image", "", 0.25, 0.25, 0.25, 0.25), SAYS_DERMOSCOPY, 1, "caption",
         ReviewReason.NO_PICTURE),
    ],
)  # fmt: skip
def test_fusion(
    image: ModalityVote,
    caption: ModalityVote,
    label: int | None,
    decided_by: str | None,
    reason: str,
) -> None:
    fused = fuse({"image": image, "caption": caption}, "p0", LIMITS)
    assert fused.reason == reason
    if label is not None:
        assert (fused.ranked[0], fused.decided_by) == (label, decided_by)


def test_a_strange_picture_goes_to_review_unless_its_caption_names_the_kind() -> None:
    strange = replace(SURE, strangeness=1.2)
    assert fuse({"image": strange}, "p0", LIMITS).reason == ReviewReason.UNFAMILIAR
    says = a_vote("caption", "clinical", 0.97, 0.01, 0.01, 0.01)
    assert fuse({"image": strange, "caption": says}, "p0", LIMITS).reason == ""


def test_audit_draws_about_its_share_and_always_the_same() -> None:
    limits = Thresholds(ModalitySettings(audit_share=0.1), 0.05)
    drawn = [
        fuse({"image": SURE}, f"pair-{i}", limits).reason == ReviewReason.AUDIT for i in range(2000)
    ]
    again = [
        fuse({"image": SURE}, f"pair-{i}", limits).reason == ReviewReason.AUDIT for i in range(2000)
    ]
    assert drawn == again
    assert 0.07 < sum(drawn) / 2000 < 0.13


@pytest.mark.parametrize(
    "bad", [{"error_rate": 0.6}, {"min_margin": 2}, {"audit_share": -1}, {"caption_weight": -1}]
)
def test_bad_settings_name_their_field(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        ModalitySettings(**bad)  # type: ignore[arg-type]


class Shelf:
    """One book with pictures in a memory context, and a ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.context = MemoryContext(folder, [Source("book", "b.pdf", "0")], folder / "manifests")

    def add(self, pair_id: str, image: np.ndarray | None, caption: str = "") -> str:
        digest = "e" * 64
        if image is not None:
            digest = self.context.images.put(bytes(cv2.imencode(".png", image)[1]), ".png")
        self.context.add(
            [
                Pair(
                    source_id="book",
                    pair_id=pair_id,
                    figure_id=pair_id,
                    panel="",
                    page=1,
                    bbox=BOX,
                    label="1",
                    caption=caption,
                    panel_caption="",
                    caption_page=1,
                    caption_bbox=None,
                    panel_bbox=BOX,
                    image_digest=digest,
                    width_px=1,
                    height_px=1,
                    compound=False,
                    score=1.0,
                    evidence=(),
                )
            ]
        )
        return digest

    def review(self, pair_id: str, digest: str, label: str, who: str = "Ada") -> None:
        folder = self.folder / "manifests" / "reviews"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"2026-01-01-{who}.csv"
        if not path.exists():
            path.write_text("pair_id,image_digest,label,reviewer,note,decided_on\n")
        with path.open("a") as file:
            file.write(f"{pair_id},{digest},{label},{who},,2026-01-01\n")

    def labels(self, **settings: float) -> dict[str, ModalityLabel]:
        self.context.run(MODALITY, None)
        self.context.run(LABEL, ModalitySettings(**settings))  # type: ignore[arg-type]
        return {row.pair_id: row for row in self.context.rows(ModalityLabel)}

    def votes(self) -> list[ModalityVote]:
        return list(self.context.rows(ModalityVote))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_each_pair_gets_one_row_per_voter_and_one_label(shelf: Shelf) -> None:
    shelf.add("p0", draw("chart"), "Chart of frequencies. Bar chart.")
    shelf.add("p1", draw("scheme"))
    labels = shelf.labels()
    assert [(v.pair_id, v.voter) for v in shelf.votes()] == [
        ("p0", "image"),
        ("p0", "caption"),
        ("p1", "image"),
        ("p1", "caption"),
    ]
    assert {k: v.label for k, v in labels.items()} == {"p0": "other", "p1": "other"}


def test_missing_picture_goes_to_review(shelf: Shelf) -> None:
    shelf.add("p0", None, "Acanthosis (H&E, ×40).")
    label = shelf.labels()["p0"]
    assert (label.label, label.needs_review, label.review_reason) == (
        "pathology",
        True,
        "picture cannot be read",
    )


def test_reviewer_wins(shelf: Shelf) -> None:
    shelf.review("p0", shelf.add("p0", draw("chart")), "clinical")
    label = shelf.labels()["p0"]
    assert (label.label, label.decided_by, label.needs_review) == ("clinical", "reviewer", False)


def test_excluded_by_a_reviewer(shelf: Shelf) -> None:
    shelf.review("p0", shelf.add("p0", draw("chart")), "exclude")
    assert shelf.labels()["p0"].excluded


def test_decision_on_another_picture_is_stale(shelf: Shelf) -> None:
    shelf.add("p0", draw("chart"))
    shelf.review("p0", "d" * 64, "clinical")
    label = shelf.labels()["p0"]
    assert (label.label, label.decided_by) == ("other", "image")
    assert label.review_reason == ReviewReason.STALE


def test_reviewers_who_disagree_are_listed(shelf: Shelf) -> None:
    digest = shelf.add("p0", draw("chart"))
    shelf.review("p0", digest, "clinical", "Ada")
    shelf.review("p0", digest, "pathology", "Grace")
    label = shelf.labels()["p0"]
    assert label.needs_review
    assert label.review_reason == "reviewers disagree (Ada: clinical, Grace: pathology)"


def test_several_panels_silence_the_caption(shelf: Shelf) -> None:
    shelf.add("p0", draw("chart"), "Naevus. (a) Clinical photograph. (b) Dermoscopy.")
    shelf.labels()
    caption = next(v for v in shelf.votes() if v.voter == "caption")
    assert (caption.label, caption.evidence) == ("", "speaks of several panels")


def test_empty_library(shelf: Shelf) -> None:
    assert shelf.labels() == {}


def test_an_audited_label_is_measured_and_never_teaches(shelf: Shelf) -> None:
    digests = {f"p{i}": shelf.add(f"p{i}", draw("chart"), "Bar chart of ages.") for i in range(40)}
    for pair_id in digests:
        shelf.review(pair_id, digests[pair_id], "clinical")
    everything = shelf.labels(audit_share=1.0, learn_from=1)["p0"]
    assert (everything.decided_by, everything.label) == ("reviewer", "clinical")
    assert (everything.audited, everything.voted_label) == (True, "other")
    assert shelf.labels(audit_share=0.0, learn_from=1)["p0"].audited is False


def test_reviewed_labels_shorten_the_queue(shelf: Shelf) -> None:
    """A library whose dermoscopy the picture voter halfway takes for clinical."""
    sketches = [base64.b64encode(bytes([v] * PLACES)).decode() for v in (10, 246)]
    pairs = [f"p{i:03d}" for i in range(120)]
    for number, pair_id in enumerate(pairs):
        digest = shelf.add(pair_id, None)
        dermoscopy = number % 2 == 0
        vote = (
            a_vote("image", "clinical", 0.6, 0.38, 0.01, 0.01, pair_id=pair_id)
            if dermoscopy
            else replace(SURE, pair_id=pair_id)
        )
        shelf.context.add([replace(vote, sketch=sketches[number % 2])])
        if number < 60:
            shelf.review(pair_id, digest, "dermoscopy" if dermoscopy else "clinical")
    queues = []
    for learn_from in (0, 30):
        settings = ModalitySettings(learn_from=learn_from, audit_share=0, min_margin=0.4)
        rows = list(LABEL.run(shelf.context, settings))
        queues.append([r for r in rows if isinstance(r, ModalityLabel) and r.needs_review])
    assert (len(queues[0]), len(queues[1])) == (30, 0)
