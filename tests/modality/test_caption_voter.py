from __future__ import annotations

import csv
from pathlib import Path

import pytest

from mmskin_build.modality.caption_voter import names_several_panels, vote

STATED = [
    ("Nests of basaloid cells in the dermis (H&E, ×100).", "pathology"),
    ("Photomicrograph of the excised nodule.", "pathology"),
    ("Haematoxylin and eosin, original magnification ×40.", "pathology"),
    ("Direct immunofluorescence: linear IgG at the basement membrane.", "pathology"),
    ("The tumour cells express CD34, immunoperoxidase stain.", "pathology"),
    ("Dermoscopy shows comma vessels.", "dermoscopy"),
    ("Dermatoscopic view of the same naevus.", "dermoscopy"),
    ("Trichoscopy: black dots and broken hairs.", "dermoscopy"),
    ("Clinical photograph of the right forearm.", "clinical"),
    ("Close-up view of the upper lip.", "clinical"),
    ("Photograph of the patient before treatment.", "clinical"),
    ("White patch under Wood's lamp.", "clinical"),
    ("Radiograph of the hand.", "other"),
    ("Axial CT of the neck.", "other"),
    ("Schematic drawing of the hair follicle.", "other"),
    ("Colonies on Sabouraud agar after two weeks.", "other"),
]
TRAPS = [
    ("Clinical image shows histopathology section (×10).", "pathology"),
    ("Close-up view of the radiograph with the fracture line.", "other"),
    ("Photograph of a section stained with H&E.", "pathology"),
    ("Intraoral periapical radiograph of the molar.", "other"),
    ("In contrast to the clinical picture, this CT scan shows no mass.", "other"),
    (
        "On dermoscopy there are globules, also visible on review of the clinical image.",
        "dermoscopy",
    ),
    ("Fundus photograph of the left eye.", "other"),
    ("Immunostaining shown in a photograph of the slide.", "pathology"),
    ("Amyloid in the papillary dermis: apple-green birefringence in polarized light.", "pathology"),
    ("Basement membrane illustrating spikes (periodic acid-methenamine silver).", "pathology"),
]
UNSTATED = [
    "Scaly plaque on the elbow.",
    "Basal cell carcinoma confirmed by histology.",
    "Nodule of the cheek in a woman; histology was refused.",
    "Red papules on the trunk after skin biopsy.",
    "Dermoscopy is a technique that magnifies the skin.",
    "In some cases a Wood's lamp may be used to help.",
    "Ulcer of the leg. Computed tomography showed no metastases.",
    "The treatment led to complete histological clearance.",
    "",
]


@pytest.mark.parametrize(("caption", "label"), STATED + TRAPS)
def test_stated_modality_is_read(caption: str, label: str) -> None:
    assert vote(caption).label == label


@pytest.mark.parametrize("caption", UNSTATED)
def test_abstains_when_nothing_is_stated(caption: str) -> None:
    assert vote(caption).label == ""


def test_evidence_quotes_the_caption() -> None:
    assert "H&E" in vote("Spongiosis. H&E, ×200.").evidence


def test_probabilities_sum_to_one_and_lean_on_descriptive_words() -> None:
    said = vote("Fine pigment network with peripheral globules.")
    assert sum(said.probabilities) == pytest.approx(1, abs=1e-3)
    assert said.label == ""
    assert max(said.probabilities) == said.probabilities[1]


def test_a_caption_without_a_lesion_of_dermoscopy_leans_away_from_it() -> None:
    naevus, eczema = vote("Naevus, early."), vote("Eczema, early.")
    assert eczema.probabilities[1] < naevus.probabilities[1] == 0.25


def test_several_panels_are_recognised() -> None:
    assert names_several_panels("Eczema. (a) Before and (b) after treatment.")
    assert not names_several_panels("Eczema (see A) of the hand.")


def test_long_and_odd_text_ends_quickly() -> None:
    assert vote("or " * 5000 + "H&E") is not None
    assert vote("confirmed by the or other or the " * 2000 + "histology") is not None


def test_real_captions(corpus: Path) -> None:
    with (corpus / "captions" / "modality.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    right = sum((vote(r["caption"]).label or "unstated") == r["modality"] for r in rows)
    assert right / len(rows) >= 0.9
