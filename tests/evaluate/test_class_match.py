from __future__ import annotations

import pytest

from mmskin_build.evaluate.class_match import AMBIGUOUS, NONE, match_class
from mmskin_build.public_sets.clinical_sets import CLINICAL_SETS
from mmskin_build.public_sets.isic_sets import ISIC_SETS
from mmskin_build.public_sets.records import PublicSet

HAM = (
    "Melanoma",
    "Nevus",
    "Basal Cell Carcinoma",
    "Actinic Keratoses",
    "Benign Keratosis",
    "Dermatofibroma",
    "Vascular lesions",
)
ISIC = ("Melanoma", "Nevus", "Actinic Keratosis", "Benign Keratosis-like Lesions")
PATCH = ("tumor", "nontumor")
DDI = ("Malignant", "Non-Malignant")
BCN = ("melanoma", "melanoma metastasis", "nevus", "other")


@pytest.mark.parametrize("classes", [HAM, ISIC, PATCH, DDI, BCN])
def test_every_class_name_is_found_as_itself(classes: tuple[str, ...]) -> None:
    for name in classes:
        for reply in (name, f"This is {name.lower()}.", f"The diagnosis is {name.upper()}!"):
            assert match_class(reply, classes) == name


@pytest.mark.parametrize(
    ("reply", "classes", "expected"),
    [
        ("No melanoma; a benign nevus.", HAM, "Nevus"),
        ("It is not a melanoma but a naevus", HAM, "Nevus"),
        ("melanoma is unlikely, dermatofibroma", HAM, AMBIGUOUS),
        ("Melanoma or nevus", HAM, AMBIGUOUS),
        ("no melanoma", HAM, NONE),
        ("A skin lesion.", HAM, NONE),
        ("actinic keratosis", HAM, "Actinic Keratoses"),
        ("actinic keratoses", ISIC, "Actinic Keratosis"),
        ("a vascular lesion", HAM, "Vascular lesions"),
        ("non-tumor tissue", PATCH, "nontumor"),
        ("no tumor", PATCH, "nontumor"),
        ("a tumour", PATCH, "tumor"),
        ("It looks non-malignant.", DDI, "Non-Malignant"),
        ("benign", DDI, "Non-Malignant"),
        ("malignant", DDI, "Malignant"),
        ("melanoma metastasis", BCN, "melanoma metastasis"),
        ("melanomatosis", BCN, NONE),
        ("the two are melanomas in another hand", ("an",), NONE),
        ("malignant melanoma", DDI, "Malignant"),
    ],
)
def test_replies_in_words(reply: str, classes: tuple[str, ...], expected: str) -> None:
    assert match_class(reply, classes) == expected


SETS = [public for public in (*CLINICAL_SETS, *ISIC_SETS) if public.classes]


@pytest.mark.parametrize("public", SETS, ids=lambda public: public.name)
def test_each_class_of_a_public_set_is_affirmed_and_denied(public: PublicSet) -> None:
    for name in public.classes:
        assert match_class(f"The diagnosis is {name.upper()}.", public.classes) == name
        assert match_class(f"There is no sign of {name}.", public.classes) == NONE
        assert match_class(f"This is pre{name}ish.", public.classes) == NONE
