from __future__ import annotations

from collections import Counter

import pytest

from mmskin_build.records import ImageCheck, Qa, Reject, Verdict
from mmskin_build.vqa.settings import VqaSettings
from mmskin_build.vqa.words import words_of
from stages.vqa import STAGE
from tests.vqa.conftest import person, rows_for

PLAQUE = (
    "Plaque psoriasis in a 40-year-old man. Well-demarcated, scaly, red plaques on both elbows.",
    "clinical",
)
NETWORK = ("Junctional naevus: regular pigment network with a few brown globules.", "dermoscopy")
NESTS = (
    "Nodular melanoma. Nests of atypical melanocytes in the dermis with frequent mitoses. "
    "H&E, ×200.",
    "pathology",
)
BARE = ("Compound naevus.", "dermoscopy")


def of(rows: list[Qa], family: str) -> Qa:
    return next(r for r in rows if r.template_id.startswith(f"{family}."))


def test_a_rich_caption_gives_several_grounded_questions(ask):
    rows = ask(PLAQUE)
    families = {r.template_id.split(".")[0] for r in rows}
    assert {"diagnosis", "lesion", "colour", "site"} <= families
    assert "plaque psoriasis" in of(rows, "diagnosis").answer.lower()
    assert "both elbows" in of(rows, "site").answer or "elbows" in of(rows, "site").question


def test_spans_point_at_the_words_that_prove_the_answer(ask):
    for shown in (PLAQUE, NETWORK, NESTS):
        for row in ask(shown):
            if row.answer_span:
                start, end = map(int, row.answer_span.split("-"))
                assert shown[0][start:end].strip()
                assert 0 <= start < end <= len(shown[0])
    colour = of(ask(PLAQUE), "colour")
    start, end = map(int, colour.answer_span.split("-"))
    assert PLAQUE[0][start:end] == "red"


def test_questions_do_not_name_the_diagnosis(ask):
    for shown, word in ((PLAQUE, "psoriasis"), (NETWORK, "naevus"), (NESTS, "melanoma")):
        for row in ask(shown):
            if row.names_diagnosis:
                assert row.kind == "choice"
            else:
                assert word not in {w.text.lower() for w in words_of(row.question)}


def test_pictures_that_were_dropped_are_not_asked_about(context):
    rows = [r for r in rows_for(0, *PLAQUE) if not isinstance(r, Verdict)]
    context.add([*rows, Verdict("book", "book-0", False, "face", "")])
    context.run(STAGE, VqaSettings())
    assert list(context.rows(Qa)) == []


def test_same_captions_on_many_pictures_never_repeat_a_row(ask):
    rows = ask(*[PLAQUE, NETWORK, NESTS, BARE] * 40)
    texts = Counter((r.question.lower(), r.answer.lower()) for r in rows)
    assert max(texts.values()) == 1
    assert len(rows) / 160 >= 2.5


def test_yes_and_no_balance(ask):
    rows = ask(*[PLAQUE, NETWORK, NESTS, BARE] * 40)
    closed = [r for r in rows if r.kind == "closed"]
    yes = sum(r.answer.startswith("Yes") for r in closed)
    assert len(closed) > 40
    assert 0.45 <= yes / len(closed) <= 0.55
    assert not [
        r for r in rows if r.kind != "closed" and r.answer.lower().startswith(("yes", "no"))
    ]


def test_no_to_a_site_only_for_a_site_that_is_elsewhere(ask):
    rows = ask(*[PLAQUE] * 120, closed_share=1.0, choice_share=0.0)
    denied = [r for r in rows if r.template_id.startswith("site.") and r.answer.startswith("No")]
    assert denied
    assert not [r for r in denied if "forearm" in r.question or "shoulder" in r.question]


def test_a_site_in_the_plural_is_asked_for_in_the_plural(ask):
    rows = ask(*[("Eczema: red patches in both popliteal fossae.", "clinical")] * 80,
               closed_share=1.0, choice_share=0.0)  # fmt: skip
    asked = [r.question for r in rows if "both popliteal fossae" in r.question]
    assert [q for q in asked if q.startswith("Are the")]
    assert not [q for q in asked if q.startswith(("Is both", "Is the"))]


def test_common_families_have_forty_phrasings(ask):
    from mmskin_build.vqa.phrasing import load_phrasings

    families = load_phrasings().families
    for name in ("modality", "diagnosis", "describe", "lesion", "colour", "site", "structure",
                 "histology", "stain", "border", "surface", "arrangement"):  # fmt: skip
        for form in families[name].forms.values():
            assert len({w.text for w in form.questions}) >= 40, name


def test_same_input_gives_same_rows_and_a_new_book_moves_none(context, tmp_path):
    from mmskin_build.memory_context import MemoryContext

    first, second = MemoryContext(tmp_path), MemoryContext(tmp_path)
    for ctx in (first, second):
        for number, shown in enumerate([PLAQUE, NETWORK, NESTS] * 5):
            ctx.add(rows_for(number, *shown))
    for number, shown in enumerate([NETWORK, BARE] * 5):
        second.add(rows_for(number, *shown, source="second"))
    first.run(STAGE, VqaSettings())
    second.run(STAGE, VqaSettings())
    old = [r for r in second.rows(Qa) if r.source_id == "book"]
    assert old == list(first.rows(Qa))


def test_sex_is_asked_but_set_apart(context):
    context.add([*rows_for(0, *PLAQUE), person("book-0", sex="male")])
    context.run(STAGE, VqaSettings(questions_per_image=12, fill_up_to=4))
    row = of(list(context.rows(Qa)), "sex")
    assert row.visual_dependency == "caption_only"
    assert "male" in row.answer.lower()


def test_panels_told_apart_in_one_caption_share_only_the_title(ask):
    caption = "Melanoma. A, Pigment network with dots. B, Nests of melanocytes in the dermis."
    families = {r.template_id.split(".")[0] for r in ask((caption, "dermoscopy"))}
    assert "structure" not in families
    assert "describe" not in families


def test_modality_is_not_given_away_where_it_is_asked(ask):
    rows = ask(*[BARE] * 30)
    others = [r for r in rows if not r.template_id.startswith("modality.")]
    assert others
    assert not [r for r in others if "dermosc" in r.question.lower()]


def test_families_can_be_switched_off(ask):
    rows = ask(PLAQUE, families_off=("site", "colour"))
    assert not {"site", "colour"} & {r.template_id.split(".")[0] for r in rows}


def test_empty_library_gives_no_rows(ask, context):
    assert ask() == []
    assert [r for r in context.rejects if isinstance(r, Reject)] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("questions_per_image", 0), ("fill_up_to", 99), ("families_off", ("smell",)),
     ("choice_share", 1.5), ("closed_share", 0.9)],
)  # fmt: skip
def test_bad_settings_are_named(field, value):
    with pytest.raises(ValueError, match=field):
        VqaSettings(**{field: value})


def test_a_caption_that_names_sites_all_over_the_body_gets_no_wrong_site(ask):
    """Nothing excludes a site then: it may be asked openly, never against another site."""
    caption = "Red plaques on the face, lips, neck, trunk, arms, hands, groin, legs and feet."
    shown = [(caption, "clinical")] * 12
    assert {q.kind for q in ask(*shown) if q.template_id.startswith("site")} <= {"open"}


@pytest.mark.parametrize("grey", [False, True])
def test_nobody_is_asked_for_a_colour_that_is_not_printed(context, grey):
    caption = "Psoriasis. Well-demarcated erythematous plaques with silvery scale on the elbow."
    context.add(rows_for(1, caption, "clinical"))
    context.add([ImageCheck("book", "book-1", "", 0.0, (), 0.0, 0.0, "", "", "", grey)])
    context.run(STAGE, VqaSettings())
    asked = list(context.rows(Qa))
    text = " ".join(row.answer for row in asked).lower()
    assert ("red" in text or "erythematous" in text) is not grey
    assert any("elbow" in row.answer for row in asked)
    refused = [r for r in context.rejects if "colour" in r.detail]
    assert bool(refused) is grey
