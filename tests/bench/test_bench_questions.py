"""Generated pairs for measuring questions and splits, and the command that times them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from repository import ROOT

from mmskin_build.bench.pairs import STAGE, PairsSettings, book
from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import CaptionText, DuplicateGroup, ModalityLabel, Pair, Qa
from mmskin_build.vqa.settings import VqaSettings
from stages import vqa


def generated(tmp_path: Path, number: int) -> MemoryContext:
    context = MemoryContext(tmp_path, (book(number, "none.pdf"),))
    context.run(STAGE, PairsSettings(80))
    return context


def test_generated_pairs_are_the_same_again_and_other_in_another_book(tmp_path: Path) -> None:
    one, again, other = (generated(tmp_path, n) for n in (1, 1, 2))
    texts = [[c.text for c in ctx.rows(CaptionText)] for ctx in (one, again, other)]
    assert texts[0] == texts[1] and not set(texts[0]) & set(texts[2])
    pairs = list(one.rows(Pair))
    assert len({p.pair_id for p in pairs}) == 80 > len({p.figure_id for p in pairs})
    digests = [{r.pair_id[-5:] for r in ctx.rows(DuplicateGroup)} for ctx in (one, other)]
    assert digests[0] == digests[1] == {"00039", "00079"}


def test_generated_captions_of_every_modality_give_questions(tmp_path: Path) -> None:
    context = generated(tmp_path, 1)
    context.run(vqa.STAGE, VqaSettings())
    asked = {row.modality for row in context.rows(Qa)}
    assert asked == {label.label for label in context.rows(ModalityLabel)} and len(asked) == 4


def test_bench_questions_times_both_stages_by_the_runner() -> None:
    command = [sys.executable, "-m", "stages", "bench-questions", "--pairs", "40", "--books", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\s*vqa\s+\d+", done.stdout, re.M)
    assert re.search(r"^\s*split\s+40\b", done.stdout, re.M)
    assert re.search(r"^40 pairs: .* s wall", done.stdout, re.M)
