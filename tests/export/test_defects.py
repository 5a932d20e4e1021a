"""The defect table of the data card."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from mmskin_build.export.defects import defect_table

CLEAN = ("What colour is the lesion?", "Red")


@pytest.mark.parametrize(
    ("family", "row"),
    [
        ("hedge or refusal", ("What is shown?", "It is difficult to say.")),
        ("source text shows through", ("What does the term stand for?", "A lesion")),
        ("image not needed", ("How is it treated?", "With cream")),
        ("chit-chat", ("Thank you!", "You're welcome")),
        ("unseeable", ("What is the size?", "It measures 4 mm.")),
        ("question and answer repeated", CLEAN),
    ],
)
def test_each_family_finds_its_defect(family: str, row: tuple[str, str]) -> None:
    table = {r.family: r.rows for r in defect_table([CLEAN, row])}
    assert table[family] == 1


def test_clean_rows_count_nothing() -> None:
    assert all(r.rows == 0 for r in defect_table([CLEAN]))
    assert all(r.share == 0.0 for r in defect_table([]))


def test_the_published_test_set_comes_out_near_its_known_share(corpus: Path) -> None:
    path = corpus / "mmskin" / "MM-Skin_test.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [(r["question"], r["answer"]) for r in csv.DictReader(file)]
    table = {r.family: r.share for r in defect_table(rows)}
    assert table["any of these"] == pytest.approx(0.348, abs=0.0005)
