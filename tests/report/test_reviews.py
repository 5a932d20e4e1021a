"""The review section: agreement, the audit's error rate, and a queue that got shorter."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

from mmskin_build.modality.fusion import ReviewReason, Thresholds, fuse
from mmskin_build.modality.model import shipped_model
from mmskin_build.modality.settings import ModalitySettings
from mmskin_build.records import ModalityVote, Pair
from mmskin_build.report import write_report
from mmskin_build.report.reviews import finding_figures, review_figures
from mmskin_build.tables import write_rows
from tests.export.tiny_build import made

DOUBTFUL, SURE = (0.5, 0.5, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)
COLUMNS = "pair_id,image_digest,label,reviewer,note,decided_on"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """60 doubtful pictures that look alike, 400 sure ones that look like nothing."""
    alike = base64.b64encode(np.full(128, 100, np.int8).tobytes()).decode()
    names = [f"d{i}" for i in range(60)] + [f"s{i}" for i in range(400)]
    votes = [
        ModalityVote("book", n, "image", "clinical", *(DOUBTFUL if n[0] == "d" else SURE), "",
                     alike if n[0] == "d" else "")
        for n in names
    ]  # fmt: skip
    pairs = [made(Pair, source_id="book", pair_id=n, image_digest="ab" * 32) for n in names]
    (tmp_path / "tables").mkdir()
    write_rows(tmp_path / "tables" / "pairs.parquet", Pair, pairs)
    write_rows(tmp_path / "tables" / "modality_votes.parquet", ModalityVote, votes)
    return tmp_path


def decide(build: Path, labels: dict[str, str], reviewer: str = "ada", kind: str = "") -> None:
    rows = [f"{p},{'ab' * 32},{label},{reviewer},,2026-02-01" for p, label in labels.items()]
    path = build / "manifests" / "reviews" / kind / f"{reviewer}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([COLUMNS, *rows, ""]), encoding="utf-8")


def audit_sample() -> list[str]:
    settings = ModalitySettings()
    limits = Thresholds(settings, shipped_model().floor(settings.error_rate))
    sure = {f"s{i}": ModalityVote("b", f"s{i}", "image", "clinical", *SURE, "") for i in range(400)}
    return [
        n for n, v in sure.items() if fuse({"image": v}, n, limits).reason == ReviewReason.AUDIT
    ]


def test_reviewed_labels_shorten_the_queue_of_the_others(build: Path) -> None:
    decide(build, {f"d{i}": "dermoscopy" for i in range(40)})
    found = review_figures(build, build / "manifests")
    assert found is not None
    assert (found.reviewed, found.unreviewed) == (40, 420)
    assert found.queue_untaught == 20 + len(audit_sample())
    assert found.queue_taught < found.queue_untaught


def test_the_audit_counts_wrong_labels_and_kappa_needs_two_people(build: Path) -> None:
    first, second = audit_sample()[:2]
    decide(build, {first: "clinical", second: "other"})
    decide(build, {first: "clinical", second: "other"}, "bo")
    found = review_figures(build, build / "manifests")
    assert found is not None
    assert (found.audited, found.audit_errors) == (2, 1)
    assert (found.kappa, found.labelled_twice) == (1.0, 2)
    html = write_report(build, build / "manifests").read_text(encoding="utf-8")
    assert "1 of 2 wrong (50.0 %)" in html and "kappa 1.00" in html


def test_without_reviews_the_page_says_nothing_of_them(build: Path) -> None:
    assert review_figures(build, build / "manifests") is None
    html = write_report(build, build / "manifests").read_text(encoding="utf-8")
    assert "What people decided" not in html


def test_decisions_on_marks_are_counted_with_their_own_agreement(build: Path) -> None:
    decide(build, {"d1": "mask", "d2": "keep", "d3": "drop"}, kind="annotated")
    decide(build, {"d1": "mask", "d2": "keep", "d3": "keep"}, "bo", "annotated")
    found = finding_figures(build, build / "manifests")[0]
    assert (found.decided, found.differing) == ((("keep", 1), ("mask", 1)), 1)
    assert (found.labelled_twice, found.kappa) == (3, pytest.approx(0.5))
    html = write_report(build, build / "manifests").read_text(encoding="utf-8")
    assert "1 keep, 1 mask; on 1 reviewers differ" in html
