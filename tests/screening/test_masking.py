"""Copies without marks: what was drawn goes, the rest stays, and the original never leaves."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skin import skin
from test_stages import caption, label, pair, verdicts

from mmskin_build.export.decisions import decide, write_decisions
from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import ImageCheck, MaskedImage, Pair, Verdict
from mmskin_build.review.decisions import NOTHING_SAID, Said
from mmskin_build.screening.marks import find_marks
from mmskin_build.screening.masking import cut_off, paint_over
from mmskin_build.screening.settings import Action, ScreeningSettings
from mmskin_build.screening.treatment import method_wanted
from stages import recall as recall_stage

MASK = ScreeningSettings(on_annotated=Action.MASK)


def arrowed(seed: int) -> np.ndarray:
    image = skin(seed)
    cv2.arrowedLine(image, (60, 60), (150, 120), (0, 0, 0), 5, tipLength=0.35)
    return image


def lettered(seed: int, text: str = "B") -> np.ndarray:
    image = skin(seed)
    cv2.putText(image, text, (10, 45), cv2.FONT_HERSHEY_DUPLEX, 1.4, (0, 0, 0), 3)
    return image


@pytest.fixture
def ctx(tmp_path: Path) -> MemoryContext:
    return MemoryContext(tmp_path, manifests=tmp_path / "manifests")


def say(folder: Path, row: Pair, word: str, who: str = "Ada", kind: str = "annotated") -> None:
    path = folder / "manifests" / "reviews" / kind / f"2026-01-01-{who}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = "pair_id,image_digest,label,reviewer,note,decided_on\n"
    line = f"{row.pair_id},{row.image_digest},{word},{who},,2026-01-01\n"
    path.write_text(head + line, encoding="utf-8")


def test_a_painted_over_mark_is_gone_and_the_rest_untouched() -> None:
    clean, marked = skin(3), arrowed(3)
    done = paint_over(marked)
    assert done.image is not None
    assert find_marks(marked).score > 0.5 > find_marks(done.image).score
    outside = np.ones(marked.shape[:2], bool)
    for x0, y0, x1, y1 in done.boxes:
        outside[y0:y1, x0:x1] = False
    assert (done.image[outside] == marked[outside]).all()
    was_drawn = np.abs(marked.astype(int) - clean).max(axis=2) > 60
    assert np.abs(done.image.astype(int) - clean)[was_drawn].mean() < 25


def test_the_shadow_of_a_letter_goes_with_it() -> None:
    clean = skin(5)
    shade = np.zeros(clean.shape[:2], np.uint8)
    cv2.putText(shade, "B", (12, 48), cv2.FONT_HERSHEY_DUPLEX, 1.4, 255, 4)
    dark = cv2.GaussianBlur(shade, (0, 0), 3).astype(np.float32)[..., None] / 255
    marked = (clean * (1 - 0.7 * dark)).astype(np.uint8)
    cv2.putText(marked, "B", (10, 45), cv2.FONT_HERSHEY_DUPLEX, 1.4, (255, 255, 255), 3)
    done = paint_over(marked)
    assert done.image is not None
    shadow = (dark[..., 0] > 0.2) & (marked.min(axis=2) < 200)
    assert np.abs(done.image.astype(int) - clean)[shadow].mean() < 12


def test_a_crop_leaves_a_part_of_the_picture_without_the_mark() -> None:
    image = lettered(4)
    done = cut_off(image)
    assert done.image is not None
    x0, y0, x1, y1 = done.boxes[0]
    assert (done.image == image[y0:y1, x0:x1]).all()
    assert find_marks(done.image).score < 0.5
    assert done.image.size >= 0.8 * image.size


def test_a_mark_in_the_middle_is_not_cut_off() -> None:
    image = skin(3)
    cv2.arrowedLine(image, (20, 20), (250, 170), (0, 0, 0), 6, tipLength=0.2)
    assert cut_off(image).problem.startswith("the marks lie too far inside")


def test_a_picture_that_is_all_marks_is_not_painted_over() -> None:
    image = np.full((300, 400, 3), 255, np.uint8)
    for line in range(12):
        cv2.putText(image, "epidermis dermis", (8, 24 * line + 22), 0, 1.3, (0, 0, 0), 4)
    assert paint_over(image).image is None


def test_a_panel_letter_is_painted_over_and_the_copy_released(ctx: MemoryContext) -> None:
    ctx.add([pair(ctx, "p", lettered(5))])
    verdict = verdicts(ctx, ScreeningSettings())["p"]
    copy = next(ctx.rows(MaskedImage))
    assert (verdict.keep, verdict.reason) == (True, "panel_letter")
    assert verdict.masked_digest == copy.masked_digest != copy.image_digest
    assert "letter" in verdict.detail and "painted over" in verdict.detail


def test_arrows_are_dropped_by_default_and_painted_over_by_setting(ctx: MemoryContext) -> None:
    ctx.add([pair(ctx, "p", arrowed(3))])
    assert not verdicts(ctx, ScreeningSettings())["p"].keep
    assert list(ctx.rows(MaskedImage)) == []
    verdict = verdicts(ctx, MASK)["p"]
    assert verdict.keep and verdict.masked_digest


def test_a_caption_that_speaks_of_the_arrow_keeps_it_from_being_painted_over() -> None:
    check = ImageCheck("b", "p", "d", 0.9, ("arrow",), 0.0, 0.0, "", "", "")
    assert method_wanted(check, "A cyst on the arm.", NOTHING_SAID, MASK) == Action.MASK
    assert method_wanted(check, "A cyst (arrow) on the arm.", NOTHING_SAID, MASK) is None
    assert method_wanted(check, "A cyst (arrow).", Said("mask"), MASK) == Action.MASK


def test_what_a_reviewer_says_of_marks_goes_first(ctx: MemoryContext, tmp_path: Path) -> None:
    row = pair(ctx, "p", arrowed(3))
    ctx.add([row])
    for word, keep, copied in (("keep", True, False), ("mask", True, True), ("drop", False, False)):
        say(tmp_path, row, word)
        verdict = verdicts(ctx, ScreeningSettings())["p"]
        assert (verdict.keep, bool(verdict.masked_digest)) == (keep, copied)


def test_reviewers_who_differ_hold_the_picture_back(ctx: MemoryContext, tmp_path: Path) -> None:
    row = pair(ctx, "p", arrowed(3))
    ctx.add([row])
    say(tmp_path, row, "keep")
    say(tmp_path, row, "drop", "Grace")
    verdict = verdicts(ctx, ScreeningSettings())["p"]
    assert not verdict.keep
    assert verdict.detail.endswith("held back until reviewed")


def test_a_sensitive_picture_is_released_by_its_own_decision(
    ctx: MemoryContext, tmp_path: Path
) -> None:
    row = pair(ctx, "p", skin(1))
    ctx.add([row, caption(row, "Lichen planus of the penis."), label(row)])
    say(tmp_path, row, "keep", kind="sensitive")
    assert verdicts(ctx, ScreeningSettings())["p"].keep


def test_a_word_about_another_picture_does_not_count(ctx: MemoryContext, tmp_path: Path) -> None:
    ctx.add([pair(ctx, "p", arrowed(3))])
    say(tmp_path, pair(ctx, "p", arrowed(4)), "keep")
    found: Verdict = verdicts(ctx, ScreeningSettings())["p"]
    assert not found.keep


def test_the_owner_of_a_book_makes_the_same_copy_again(ctx: MemoryContext, tmp_path: Path) -> None:
    row = pair(ctx, "p", lettered(5))
    ctx.add([row, label(row)])
    verdict = verdicts(ctx, ScreeningSettings())["p"]
    said = decide(row, verdict, label(row), None, next(ctx.rows(MaskedImage)))
    (tmp_path / "manifests").mkdir()
    write_decisions(tmp_path / "manifests", [said])
    own = MemoryContext(tmp_path, manifests=tmp_path / "manifests")
    own.add([row])
    own.run(recall_stage.STAGE, None)
    assert next(own.rows(Verdict)).masked_digest == verdict.masked_digest
    assert next(own.rows(MaskedImage)) == next(ctx.rows(MaskedImage))
