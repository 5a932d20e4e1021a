"""A person's hundred labels through the spreadsheet make the rest of the queue shorter."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mmskin_build.records import ModalityLabel, Pair
from mmskin_build.tables import read_rows
from tests.repository import ROOT

ANSWERS = 100
# A cautious setting, so that five books make a queue of more than a hundred pictures.
CONFIG = "modality: {error_rate: 0.001, audit_share: 0}\n"


def stages(folder: Path, *words: str) -> None:
    """Run a command as a user does, from a folder of one's own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "stages", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def gold_labels(books: Path, pairs: list[Pair]) -> dict[str, str]:
    """Return the true modality of every pair whose panel the gold file knows."""
    found = {}
    for path in sorted(books.glob("*/gold.json")):
        panels = [p for f in json.loads(path.read_text())["figures"] for p in f["panels"]]
        for pair in (p for p in pairs if p.source_id == path.parent.name):
            near = [p for p in panels if p["page"] == pair.page]
            best = max(near, key=lambda p: overlap(p["bbox"], pair.panel_bbox), default=None)
            if best is not None and overlap(best["bbox"], pair.panel_bbox) > 0.5:
                found[pair.pair_id] = best["modality"]
    return found


def overlap(a: list[float], b: tuple[float, ...]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (areas - width * height)


def answer(queue: Path, truth: dict[str, str], count: int) -> set[str]:
    """Type the true label into the first rows of the queue, as a spreadsheet would save it."""
    with queue.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    known = [row for row in rows if row["pair_id"] in truth][:count]
    for row in known:
        row["label"] = truth[row["pair_id"]]
    with queue.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return {row["pair_id"] for row in known}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_hundred_answers_shorten_the_rest_of_the_queue(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    build = ("build", "--pdfs", str(corpus / "books"), "--config", "config.yaml", "--until")
    stages(tmp_path, *build, "label")
    tables = tmp_path / "build" / "tables"
    truth = gold_labels(corpus / "books", list(read_rows(tables / "pairs.parquet", Pair)))
    before = list(read_rows(tables / "modality_labels.parquet", ModalityLabel))
    queue = tmp_path / "build" / "review" / "modality.csv"
    answered = answer(queue, truth, ANSWERS)
    assert len(answered) == ANSWERS, "the queue is too short for this test: lower error_rate"

    stages(tmp_path, "review-apply", str(queue), "--reviewer", "ada")
    stages(tmp_path, *build, "label")
    after = list(read_rows(tables / "modality_labels.parquet", ModalityLabel))
    rest = [{r.pair_id for r in rows if r.needs_review} - answered for rows in (before, after)]
    assert len(rest[1]) < 0.8 * len(rest[0])
    accepted = [r for r in after if not r.needs_review and r.decided_by != "reviewer"]
    right = [r.label == truth[r.pair_id] for r in accepted if r.pair_id in truth]
    assert sum(right) >= 0.98 * len(right)
