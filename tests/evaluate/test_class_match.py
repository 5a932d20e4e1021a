from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mmskin_build.evaluate import class_match
from mmskin_build.evaluate.class_match import AMBIGUOUS, NONE, match_class, read_aliases
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
            assert match_class(reply, classes, read_aliases("")) == name


@pytest.mark.parametrize(
    ("reply", "classes", "expected"),
    [
        ("No melanoma; a benign nevus.", HAM, "Nevus"),
        ("It is not a melanoma but a naevus", HAM, "Nevus"),
        ("melanoma is unlikely, dermatofibroma", HAM, "Dermatofibroma"),
        ("melanoma has been ruled out", HAM, NONE),
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
    assert match_class(reply, classes, read_aliases("")) == expected


SETS = [public for public in (*CLINICAL_SETS, *ISIC_SETS) if public.classes]


@pytest.mark.parametrize("public", SETS, ids=lambda public: public.name)
def test_each_class_of_a_public_set_is_affirmed_and_denied(public: PublicSet) -> None:
    for name in public.classes:
        assert (
            match_class(
                f"The diagnosis is {name.upper()}.", public.classes, read_aliases(public.name)
            )
            == name
        )
        assert (
            match_class(f"There is no sign of {name}.", public.classes, read_aliases(public.name))
            == NONE
        )
        assert (
            match_class(f"This is pre{name}ish.", public.classes, read_aliases(public.name)) == NONE
        )


def test_an_alias_is_the_same_class_whatever_the_set_calls_it() -> None:
    ham, pad = (next(s for s in SETS if s.name == name) for name in ("HAM10000", "PAD"))
    for reply in ("actinic keratosis", "Actinic keratoses", "a solar keratosis"):
        assert match_class(reply, ham.classes, read_aliases("HAM10000")) == "Actinic Keratoses"
        assert match_class(reply, pad.classes, read_aliases("PAD")) == "Actinic Keratosis"
    bowen = "This is Bowen's disease."
    assert match_class(bowen, ham.classes, read_aliases("HAM10000")) == "Actinic Keratoses"
    assert match_class(bowen, pad.classes, read_aliases("PAD")) == "Squamous Cell Carcinoma"


def tables() -> dict[str, dict[str, list[str]]]:
    path = Path(class_match.__file__).with_name("class_aliases.yaml")
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize("name", sorted(set(tables()) - {"any"}))
def test_every_alias_names_one_class_of_its_set(name: str) -> None:
    public = next(s for s in (*CLINICAL_SETS, *ISIC_SETS) if s.name == name)
    classes = public.classes or tuple(tables()[name])
    assert set(tables()[name]) <= set(classes)
    for label in classes:
        for alias in read_aliases(name).get(label.lower(), ()):
            assert match_class(f"It is {alias}.", classes, read_aliases(name)) == label


def test_every_public_set_has_a_table() -> None:
    assert {s.name for s in (*CLINICAL_SETS, *ISIC_SETS)} == set(tables()) - {"any"}
