from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from review_library import SOURCE, Library

from mmskin_build.records import ImageCheck, Verdict
from mmskin_build.review.apply import Request, apply_file
from mmskin_build.review.findings_queue import Findings, write_findings_queue
from mmskin_build.review.kinds import ANNOTATED, SENSITIVE, Kind, kind_of_file


def check(pair_id: str, marks: float, face: float = 0.0) -> ImageCheck:
    return ImageCheck("book", pair_id, "d", marks, ("arrow",), face, 0.0, "", "", "")


def verdict(pair_id: str, keep: bool, detail: str, copy: str = "") -> Verdict:
    return Verdict("book", pair_id, keep, "", detail, copy)


class Build:
    """Six pictures: dropped, held back, painted over, just below, sensitive, nothing."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder, 6)
        self.manifests = folder / "manifests"
        marks, face = "annotated: arrow (0.90)", "face: face (0.60)"
        self.verdicts = [
            verdict("p0", False, marks),
            verdict("p1", False, f"{marks}; held back until reviewed"),
            verdict("p2", True, f"{marks}, painted over", "f" * 64),
            verdict("p3", True, ""),
            verdict("p4", False, face),
            verdict("p5", True, ""),
        ]
        scores = (0.9, 0.7, 0.8, 0.45, 0.0, 0.1)
        self.checks = [check(f"p{i}", s, 0.6 * (i == 4)) for i, s in enumerate(scores)]

    def queue(self, kind: Kind) -> dict[str, dict[str, str]]:
        findings = Findings(
            tuple(self.library.pairs),
            {c.pair_id: c for c in self.checks},
            {v.pair_id: v for v in self.verdicts},
            0.5,
            0.2,
        )
        write_findings_queue(self.library.build, kind, findings, [SOURCE], self.manifests)
        text = self.path(kind).read_text(encoding="utf-8-sig")
        return {r["pair_id"]: r for r in csv.DictReader(io.StringIO(text, newline=""))}

    def path(self, kind: Kind) -> Path:
        return self.library.build / "review" / kind.file

    def type(self, kind: Kind, pair_id: str, label: str) -> None:
        rows = list(self.queue(kind).values())
        for row in rows:
            row["label"] = label if row["pair_id"] == pair_id else row["label"]
        with self.path(kind).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    def apply(self, kind: Kind, who: str) -> None:
        request = Request(self.path(kind), self.manifests, who, "2026-01-01", kind)
        apply_file(request, self.library.digests)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return Build(tmp_path)


def test_held_back_first_then_the_doubtful_then_the_settled(build: Build) -> None:
    rows = build.queue(ANNOTATED)
    assert [(r["pair_id"], r["reason_for_review"], r["suggested"]) for r in rows.values()] == [
        ("p1", "held back", "drop"),
        ("p3", "score just below the threshold", "keep"),
        ("p2", "marks taken out", "mask"),
        ("p0", "dropped by the settings", "drop"),
    ]
    assert list(build.queue(SENSITIVE)) == ["p4"]


def test_an_applied_decision_leaves_the_queue(build: Build) -> None:
    build.type(ANNOTATED, "p1", "keep")
    build.apply(ANNOTATED, "Ada")
    assert "p1" not in build.queue(ANNOTATED)
    assert (build.manifests / "reviews" / "annotated" / "2026-01-01-Ada.csv").is_file()


def test_reviewers_who_differ_stay_in_the_queue_with_both_words(build: Build) -> None:
    for who, label in (("Ada", "keep"), ("Grace", "mask")):
        ledger = build.manifests / "reviews"
        hidden = ledger.rename(build.manifests / "hers") if ledger.exists() else None
        build.type(ANNOTATED, "p0", label)
        if hidden:
            hidden.rename(ledger)
        build.apply(ANNOTATED, who)
        build.path(ANNOTATED).unlink()
    told = build.queue(ANNOTATED)["p0"]["reason_for_review"]
    assert told == "reviewers disagree (Ada: keep, Grace: mask)"


def test_a_typed_decision_survives_a_build_that_no_longer_finds_anything(build: Build) -> None:
    build.type(ANNOTATED, "p0", "mask")
    build.verdicts[0] = verdict("p0", True, "")
    build.checks[0] = check("p0", 0.0)
    assert build.queue(ANNOTATED)["p0"]["label"] == "mask"


def test_the_file_name_tells_the_queue() -> None:
    assert kind_of_file("annotated-ada") is ANNOTATED
    assert kind_of_file("Sensitive (1)") is SENSITIVE
    assert kind_of_file("labels").name == "modality"
