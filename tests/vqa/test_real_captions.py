"""Kinds of sentences real captions have, each of which once gave a question nobody should see."""

from __future__ import annotations

import pytest


def answers(rows, family: str) -> list[str]:
    return [q.answer for q in rows if q.template_id.startswith(f"{family}.")]


@pytest.mark.parametrize(
    "title",
    [
        "What is this disease? Red plaques on the arm.",
        "Please give a diagnosis. Red plaques on the arm.",
        "Common triggers for psoriasis flares include stress.",
        "This could be an allergic reaction or contact dermatitis.",
        "Bleeding disorders such as warfarin necrosis, thrombocytopenia, and purpura fulminans.",
        "Derma fi broma of the leg.",
    ],
)
def test_a_title_that_names_no_disease_of_the_picture_gives_no_diagnosis(ask, title):
    assert answers(ask((title, "clinical")), "diagnosis") == []


@pytest.mark.parametrize(
    ("caption", "wanted"),
    [
        ("Eczema. Red scaly patches on my right hand.", "right hand"),
        ("Eczema. Red scaly patches behind the ears.", "behind the ears"),
        ("Eczema. Red scaly patches on the radial side of the thumb.", "radial side of the thumb"),
    ],
)
def test_a_place_reads_as_english(ask, caption, wanted):
    rows = [q for seed in range(6) for q in ask((caption, "clinical"), salt=str(seed))]
    for row in (q for q in rows if q.template_id.startswith("site.")):
        told = f"{row.question} {row.answer}".lower()
        assert wanted in told
        assert "the my" not in told and "the behind" not in told


@pytest.mark.parametrize(
    ("caption", "unwanted"),
    [
        ("Myofibroma. The cells lack endothelial cell markers.", "endothelial cell."),
        ("Nevus. Nodules of hyalinosis bulge into the dermis.", "hyalinosis bulge."),
        ("Melanoma. Enlarged nuclei with prominent nucleoli.", "with nucleoli"),
        ("Urticaria. The red papules are very itchy, and crusts are seen.", "are very and"),
        ("Erysipelas: well-demarcated, raised, tender erythema.", "raised, erythema"),
        ("Vasculitis: purpura, bullae and early necrosis.", "bullae necrosis"),
        ("Systemic sclerosis: sclerodactyly with shiny skin.", "a sclerodactyly"),
        ("Erysipelas: raised and tender erythema.", "and erythema"),
        ("Tumour. Immunostaining for p63: strong nuclear staining of basaloid cells.", "for p63"),
        ("Keratosis. Higher magni fi cation shows broad rete ridges.", "fi cation"),
    ],
)
def test_no_phrase_is_cut_or_garbled(ask, caption, unwanted):
    for modality in ("clinical", "pathology"):
        assert not any(unwanted in q.answer for q in ask((caption, modality)))


@pytest.mark.parametrize(
    ("words", "power"),
    [
        ("H&E, ×400", "high"),
        ("H&E, ×40", ""),  # the lens, or the whole?
        ("H&E, original magnification ×40", "low"),
        ("H&E, high power", "high"),
        ("low- and high-power views", ""),
    ],
)
def test_the_power_is_asked_only_where_a_magnification_reads_one_way(ask, words, power):
    told = answers(ask((f"Nodular melanoma. Nests of melanocytes. {words}.", "pathology")), "power")
    assert [power] * len(told) == ["low" if "low" in t.lower() else "high" for t in told]
    assert bool(told) == bool(power)


def test_a_structure_lends_its_colour_to_nothing_else(ask):
    rows = ask(("Combined naevus. Blue structureless centre in a reticular lesion.", "dermoscopy"))
    assert not any("lesion" in q.question for q in rows if q.template_id.startswith("colour."))


def test_before_and_after_tells_too_little_of_one_picture(ask):
    caption = "Before and after treatment. Rosacea: red papules on the cheeks."
    assert {q.template_id.split(".")[0] for q in ask((caption, "clinical"))} <= {
        "diagnosis", "group", "modality",
    }  # fmt: skip


def test_a_row_says_when_the_caption_doubts_it(ask):
    title = "Red nodule on the left ear"
    assert not any(q.hedge for q in ask((f"{title}.", "clinical")))
    rows = ask((f"{title}, possible keloid.", "clinical"))
    assert [q.hedge for q in rows if "left ear" in q.evidence] == [True]
    assert "keloid" not in " ".join(q.answer for q in rows)


def test_a_countable_name_keeps_its_article(ask):
    rows = ask(*[(f"Atopic eczema. Number {n}.", "clinical") for n in range(40)])
    told = [q.answer for q in rows if q.template_id.startswith("group")]
    assert any("an inflammatory dermatosis" in answer for answer in told)
    assert not any(
        answer.endswith("is inflammatory dermatosis.") and "group" not in answer for answer in told
    )
