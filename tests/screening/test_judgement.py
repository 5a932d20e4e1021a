from __future__ import annotations

from mmskin_build.records import ImageCheck, ModalityLabel, Pair
from mmskin_build.screening.judgement import Evidence, judge
from mmskin_build.screening.settings import Action, ScreeningSettings

BOX = (0.0, 0.0, 9.0, 9.0)
PAIR = Pair(
    "b", "b-1", "f", "", 1, BOX, "1", "A red plaque.", "A red plaque.", 1, BOX, BOX, "d", 400, 400,
    False, 0.9, (),
)  # fmt: skip


def verdict_on(kinds: tuple[str, ...], label: str, settings: ScreeningSettings) -> tuple[bool, str]:
    check = ImageCheck(
        source_id="b",
        pair_id="b-1",
        image_digest="d",
        annotated_score=0.9,
        annotation_kinds=kinds,
        face_score=0.0,
        eye_bar_score=0.0,
        perceptual_hash="",
        shape_hash="",
        local_features="",
    )
    said = ModalityLabel("b", "b-1", label, "image", 0.9, "", 0.0, False, "", False)
    verdict = judge(Evidence(PAIR, check, said), settings)
    return verdict.keep, verdict.reason


def test_the_letters_of_a_chart_are_its_own() -> None:
    settings = ScreeningSettings()
    assert verdict_on(("drawing", "text"), "other", settings) == (True, "annotated")
    assert verdict_on(("drawing", "text"), "clinical", settings) == (False, "annotated")
    assert verdict_on(("arrow",), "other", settings) == (False, "annotated")


def test_charts_can_be_dropped_by_setting() -> None:
    settings = ScreeningSettings(on_annotated_drawing=Action.DROP)
    assert verdict_on(("drawing",), "other", settings) == (False, "annotated")
