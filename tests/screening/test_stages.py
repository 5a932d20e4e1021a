"""Screen and filter: one row per pair, every reason named, settings decide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from skin import skin

from mmskin_build.duplicates.settings import DuplicateSettings
from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import (
    CaptionText,
    DuplicateGroup,
    ImageCheck,
    ModalityLabel,
    Pair,
    Verdict,
)
from mmskin_build.screening.settings import Action, ScreeningSettings
from stages import duplicates as duplicates_stage
from stages import edit as edit_stage
from stages import filter as filter_stage
from stages import mask as mask_stage
from stages import screen as screen_stage


def pair(
    ctx: MemoryContext, name: str, image: np.ndarray, page: int = 1, source: str = "b"
) -> Pair:
    _, data = cv2.imencode(".png", image)
    digest = ctx.images.put(data.tobytes(), ".png")
    height, width = image.shape[:2]
    box = (0.0, 0.0, 10.0, 10.0)
    return Pair(
        source, name, f"fig-{name}", "", page, box, "1", "Eczema.", "Eczema.", page, None, box,
        digest, width, height, False, 0.9, (),
    )  # fmt: skip


def caption(pair: Pair, text: str) -> CaptionText:
    return CaptionText(pair.source_id, pair.pair_id, text, "", "", (), (), text, ())


def label(
    pair: Pair, name: str = "clinical", by: str = "image", out: bool = False
) -> ModalityLabel:
    return ModalityLabel(pair.source_id, pair.pair_id, name, by, 0.9, "", 0.1, False, "", out)


def verdicts(ctx: MemoryContext, settings: ScreeningSettings) -> dict[str, Verdict]:
    ctx.run(screen_stage.STAGE, None)
    ctx.run(edit_stage.STAGE, settings)
    ctx.run(mask_stage.STAGE, None)
    ctx.run(duplicates_stage.STAGE, DuplicateSettings())
    ctx.run(filter_stage.STAGE, settings)
    return {v.pair_id: v for v in ctx.rows(Verdict)}


@pytest.fixture
def ctx(tmp_path: Path) -> MemoryContext:
    return MemoryContext(tmp_path)


def test_a_good_pair_is_kept_without_a_reason(ctx: MemoryContext) -> None:
    ctx.add([pair(ctx, "p", skin(1))])
    assert verdicts(ctx, ScreeningSettings())["p"] == Verdict("b", "p", True, "", "")
    assert ctx.rejects == []


def test_every_reason_is_named_and_drops_are_rejected(ctx: MemoryContext) -> None:
    image = cv2.resize(skin(2), (80, 60))
    cv2.arrowedLine(image, (10, 10), (40, 30), (0, 255, 255), 2, tipLength=0.4)
    bad = replace(pair(ctx, "p", image), score=0.2)
    ctx.add([bad, caption(bad, "Mrs. Roe."), label(bad, by="reviewer", out=True)])
    verdict = verdicts(ctx, ScreeningSettings())["p"]
    assert not verdict.keep
    for reason in ("too_small", "low_pair_score", "personal_data", "excluded_by_reviewer"):
        assert reason in verdict.reason.split("; ")
    assert "Roe" not in verdict.detail
    assert [(r.record_id, r.reason) for r in ctx.rejects] == [("p", "too_small")]


def test_annotated_is_named_even_when_kept(ctx: MemoryContext) -> None:
    image = skin(3)
    cv2.putText(image, "cyst", (60, 90), cv2.FONT_HERSHEY_DUPLEX, 1.2, (0, 0, 0), 2)
    ctx.add([pair(ctx, "p", image)])
    verdict = verdicts(ctx, ScreeningSettings(on_annotated=Action.KEEP))["p"]
    assert (verdict.keep, verdict.reason) == (True, "annotated")


def test_a_sensitive_site_waits_for_a_reviewer_unless_it_is_histology(ctx: MemoryContext) -> None:
    pairs = [pair(ctx, name, skin(i)) for i, name in enumerate(("labelled", "unseen", "slide"))]
    ctx.add(pairs)
    ctx.add([caption(p, "Lichen planus of the penis.") for p in pairs])
    ctx.add([label(pairs[0], by="reviewer"), label(pairs[1]), label(pairs[2], "pathology")])
    found = verdicts(ctx, ScreeningSettings())
    # Who named the modality has not been asked whether the picture may be shown.
    kept = {name: v.keep for name, v in found.items()}
    assert kept == {"labelled": False, "unseen": False, "slide": True}
    assert found["unseen"].detail.endswith("held back until reviewed")


def test_copies_share_a_group_across_books_and_a_logo_is_dropped(ctx: MemoryContext) -> None:
    small = cv2.resize(skin(4), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    ctx.add([pair(ctx, "a", skin(4)), pair(ctx, "b", small, source="c"), pair(ctx, "d", skin(5))])
    ctx.add([pair(ctx, f"logo{page}", skin(9, 200, 120), page) for page in range(1, 6)])
    found = verdicts(ctx, ScreeningSettings())
    groups = {g.pair_id: g for g in ctx.rows(DuplicateGroup)}
    assert groups["a"].group_id == groups["b"].group_id != groups["logo1"].group_id
    assert "d" not in groups
    assert groups["logo1"].method == "exact"
    assert found["a"].keep and found["b"].keep
    assert found["logo3"].reason == "repeated_over_pages"


def test_only_the_largest_copy_stays_when_copies_are_dropped(ctx: MemoryContext) -> None:
    small = cv2.resize(skin(4), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    ctx.add([pair(ctx, "a", small), pair(ctx, "b", skin(4))])
    found = verdicts(ctx, ScreeningSettings(on_duplicate=Action.DROP))
    assert {name: v.keep for name, v in found.items()} == {"a": False, "b": True}
    assert found["a"].detail == "duplicate: of b"


def cut_short(image: np.ndarray) -> bytes:
    data: bytes = cv2.imencode(".jpg", image)[1].tobytes()
    return data[: len(data) // 2]


@pytest.mark.parametrize(
    ("data", "suffix"), [(b"no picture", ".png"), (cut_short(skin(1)), ".jpg")]
)
def test_an_unreadable_picture_is_rejected_and_dropped(
    ctx: MemoryContext, data: bytes, suffix: str
) -> None:
    ctx.add([replace(pair(ctx, "p", skin(1)), image_digest=ctx.images.put(data, suffix))])
    assert verdicts(ctx, ScreeningSettings())["p"].reason == "image_unreadable"
    assert list(ctx.rows(ImageCheck)) == []
    assert {r.reason for r in ctx.rejects} == {"image_unreadable"}


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"face_threshold": 1.2}, "face_threshold"),
        ({"min_side_px": 0}, "min_side_px"),
        ({"repeated_pages": 1}, "repeated_pages"),
        ({"on_face": "hide"}, "on_face"),
        ({"on_face": "mask"}, "on_face must be keep, drop or review"),
        ({"on_burnt_in_text": "crop"}, "on_burnt_in_text must be keep, drop, review or mask"),
    ],
)
def test_bad_settings_are_refused(values: dict[str, object], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        ScreeningSettings(**values)  # type: ignore[arg-type]
