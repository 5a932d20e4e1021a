"""What in a caption identifies a person, and which captions name a sensitive site."""

from __future__ import annotations

import pytest

from mmskin_build.screening.personal_data import find_personal_data
from mmskin_build.screening.sensitive_sites import sensitive_sites


@pytest.mark.parametrize(
    ("caption", "kind"),
    [
        ("Mrs. Jane Doe before treatment.", "name"),
        ("Mr J. Miller, six weeks later.", "name"),
        ("Patient: John Roe, face.", "name"),
        ("Patient A.B., trunk.", "name"),
        ("Psoriasis (hospital no. 443212).", "number"),
        ("MRN 00123456. Eczema.", "number"),
        ("NHS number 943 476 5919.", "number"),
        ("Girl, DOB 3.4.1999.", "birth"),
        ("A man born on 12 May 1961.", "birth"),
        ("Taken on 11 August 2009.", "date"),
        ("Photograph of 21.09.2012.", "date"),
        ("April 29, 2011: first visit.", "date"),
        ("Write to someone@example.org.", "contact"),
    ],
)
def test_personal_data_is_found(caption: str, kind: str) -> None:
    assert kind in {d.kind for d in find_personal_data(caption)}


@pytest.mark.parametrize(
    "caption",
    [
        "Courtesy of Dr. A. Smith, Department of Dermatology.",
        "Case 3. A 45-year-old man with 12 lesions of 3-5 mm.",
        "Patient with psoriasis, PASI 12.4, seen in 2011.",
        "Stewart-Treves syndrome in a patient of 60 years.",
        "Patient 2 after 10-12 weeks; haematoxylin-eosin, x200.",
        "Gottron papules. Munro microabscesses.",
        "",
    ],
)
def test_ordinary_captions_hold_no_personal_data(caption: str) -> None:
    assert find_personal_data(caption) == ()


def test_sites_are_named_once_in_order() -> None:
    caption = "Lichen sclerosus of the vulva and perianal skin; Vulva after therapy."
    assert sensitive_sites(caption) == ("vulva", "perianal")


@pytest.mark.parametrize(
    "caption",
    [
        "Congenital naevus of the trunk.",
        "Herpes labialis at the labial commissure.",
        "Extragenital lichen sclerosus.",
        "Protest of the canal; analysis.",
        "Pubic lice on the eyelashes.",
    ],
)
def test_other_sites_are_not_sensitive(caption: str) -> None:
    assert sensitive_sites(caption) == ()
