from __future__ import annotations

import pytest

from mmskin_build.vqa.clauses import describes_panels, split_clauses
from mmskin_build.vqa.facts import without_asides
from mmskin_build.vqa.noun_phrases import lower_first, with_article
from mmskin_build.vqa.phrasing import expand, fill, load_phrasings, slots_of
from mmskin_build.vqa.words import fold

_SLOTS = """
image, Image_shows, options, a_options, modality, asked, asked_site, asked_stain, diagnosis,
Diagnosis, nature, Nature, a_nature, clause, Clause, phrase, Phrase, a_phrase, colour, Colour,
thing, Thing, is, does, quality, Quality, count, Count, place, Place, place_with_preposition,
Place_with_preposition, stain, Stain, power, Power, finding, sex, Sex, a_life_stage, A_life_stage,
tone, Tone, kind, a_asked, mark, meaning, side, With_mark,
Is_site, s_of_site
"""


def test_patterns_expand_into_every_reading():
    assert expand("[a|b] c [|d]?") == ["a c ?".replace(" ?", "?"), "a c d?", "b c?", "b c d?"]


def test_articles_follow_their_noun():
    assert fill("is this a {x}?", {"x": "ordinary view"}) == "Is this an ordinary view?"
    assert with_article("ulcer with a rim", "ulcer") == "an ulcer with a rim"
    assert with_article("red papules", "papules") == "red papules"
    assert with_article("erythema", "erythema") == "erythema"


@pytest.mark.parametrize(
    ("text", "small"),
    [
        ("Kaposi sarcoma", "Kaposi sarcoma"),
        ("IgA vasculitis", "IgA vasculitis"),
        ("X-linked ichthyosis", "X-linked ichthyosis"),
        ("Lichen planus", "lichen planus"),
        ("A smooth nodule", "a smooth nodule"),
    ],
)
def test_names_keep_their_capital(text, small):
    assert lower_first(text) == small


def test_words_fold_over_spelling():
    assert fold("naevi") == fold("nevus")
    assert fold("Bowen's") == fold("Bowen")
    assert fold("oedema") == fold("edema")
    assert fold("bullae") == fold("bulla")
    assert fold("erythema") != fold("erythemas x")


def test_clauses_keep_their_places():
    text = "Kerion: boggy mass (arrow). Approx. 3 papules; red scale. Fig. A shows it."
    for clause in split_clauses(text):
        assert text[clause.start : clause.end] == clause.text
    assert [c.text for c in split_clauses(text)][:2] == ["Kerion", "boggy mass (arrow)"]


def test_asides_feelings_and_people_are_left_out():
    text = "Exquisitely painful ulcer (arrow) above the ankle in a 60-year-old man"
    assert without_asides(text) == "ulcer above the ankle"


def test_panels_told_apart_are_recognised():
    assert describes_panels("Acne. A, Papules. B, Scars.")
    assert not describes_panels("Vitamin A, given daily. Scars.")


def test_every_slot_of_every_wording_is_known():
    known = frozenset(_SLOTS.replace(",", " ").split())
    for family in load_phrasings().families.values():
        assert family.needs in ("needs_image", "partly", "caption_only")
        for form in family.forms.values():
            for text in [w.text for w in form.questions] + [*form.answers, *form.no_answers]:
                assert slots_of(text) <= known, text
