from __future__ import annotations

import pytest

from mmskin_build.records import Modality
from mmskin_build.vqa.diagnosis import read_diagnosis
from mmskin_build.vqa.facts import Reading, read_facts
from mmskin_build.vqa.lexicon_files import Kind, load_lexicon
from mmskin_build.vqa.sites import read_place


def clinical(text: str) -> Reading:
    return read_facts(text, Modality.CLINICAL)


def names(reading: Reading, kind: Kind) -> list[str]:
    return [f.term.name for f in reading.of(kind)]


def test_spelling_and_number_do_not_matter():
    for text in ("Haemangioma. Red nodules.", "Hemangiomas. Red nodule."):
        reading = clinical(text)
        assert names(reading, Kind.LESION) == ["nodule"]
        assert read_diagnosis(reading).term.name == "infantile haemangioma"


def test_longest_term_wins():
    reading = clinical("Bright red macules. Squamous cell carcinoma in situ of the ear.")
    assert [f.text for f in reading.of(Kind.COLOUR)] == ["Bright red"]
    diseases = [f.text for f in reading.facts if f.term.kind is Kind.DISEASE]
    assert diseases == ["Squamous cell carcinoma in situ"]


@pytest.mark.parametrize(
    "text",
    [
        "Eczema. Papules without scale.",
        "Eczema. Papules with no visible scale.",
        "Eczema. Papules in the absence of scale.",
    ],
)
def test_denied_findings_are_no_facts(text):
    reading = clinical(text)
    assert "scale" not in names(reading, Kind.LESION)
    assert [f.term.name for f in reading.facts if f.denied] == ["scale"]


def test_a_denial_ends_at_the_next_break():
    reading = clinical("Eczema. Papules without crusts, but scale on the leg.")
    assert "scale" in names(reading, Kind.LESION)


@pytest.mark.parametrize(
    "text",
    [
        "Possible melanoma of the back.",
        "Plaque resembling psoriasis.",
        "Melanoma versus blue naevus.",
        "Melanoma? Irregular pigmentation.",
        "Equivocal melanocytic naevus.",
        "Papules mimicking sarcoidosis.",
    ],
)
def test_doubt_and_comparison_give_no_diagnosis(text):
    assert read_diagnosis(clinical(text)) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("A 62-year-old man with bullous pemphigoid. Tense blisters.", "bullous pemphigoid"),
        ("Cellular blue naevus of the scalp.", "Cellular blue naevus"),
        ("Dermoscopy. Spitz naevus: starburst pattern.", "Spitz naevus"),
        ("Bowen disease (squamous cell carcinoma in situ). Red plaque.", "Bowen disease"),
        ("Phacomatosis pigmentokeratotica: dark patches.", None),
        ("Inventedoma of the knee.", "Inventedoma"),
        ("Normal skin of the forearm.", None),
        ("Acanthosis.", None),
    ],
)
def test_diagnosis_is_read_from_the_title(text, named):
    found = read_diagnosis(clinical(text))
    assert (found.text if found else None) == named
    if found:
        assert text[found.start : found.end] == found.text


def test_history_is_not_something_to_see():
    reading = clinical("Acne. Papules had been present for three months. Red pustules on the chin.")
    assert names(reading, Kind.LESION) == ["pustule"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Eczema. Red plaques on the left forearm.", "the left forearm"),
        ("Eczema. Scaling between the toes.", "the area between the toes"),
        ("Eczema. Plaques of the face and neck.", "the face and neck"),
        ("Eczema. Papules over the backs of the hands.", "the backs of the hands"),
        ("Eczema. Plaques in both popliteal fossae.", "both popliteal fossae"),
        ("Eczema. Red plaques, sparing the face.", None),
        ("Adenoma. Back-to-back glands.", None),
    ],
)
def test_body_site_keeps_the_words_of_the_caption(text, place):
    found = read_place(clinical(text))
    assert (found.text if found else None) == place


def test_abbreviations_need_their_capitals():
    words = "Melanoma. He had red plaques. Nests of melanocytes. HE, ×100."
    stains = [f.text for f in read_facts(words, Modality.PATHOLOGY).of(Kind.STAIN, seen=False)]
    assert stains == ["HE"]


def test_lexicon_is_large_and_consistent():
    lexicon = load_lexicon()
    assert len(lexicon.diseases) > 400
    assert {s.group for s in lexicon.sites} == set(lexicon.neighbours)
    for region, near in lexicon.neighbours.items():
        assert all(region in lexicon.neighbours[other] for other in near), region
    assert not [d for d in lexicon.diseases if not set(d.pictures) <= set("cdp")]
