"""Sets of the ISIC archive: HAM10000, ISIC 2019, BCN20000, HIBA, MSKCC."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from mmskin_build.errors import SourceError
from mmskin_build.public_sets.records import (
    OFFICIAL_TEST,
    OFFICIAL_TRAIN,
    ImageFiles,
    PublicImage,
    PublicSet,
    read_rows,
)

HAM10000 = {
    "nv": "Nevus",
    "mel": "Melanoma",
    "bkl": "Benign Keratosis",
    "bcc": "Basal Cell Carcinoma",
    "akiec": "Actinic Keratoses",
    "vasc": "Vascular lesions",
    "df": "Dermatofibroma",
}
ISIC_2019 = {
    "NV": "Nevus",
    "MEL": "Melanoma",
    "BCC": "Basal Cell Carcinoma",
    "BKL": "Benign Keratosis-like Lesions",
    "AK": "Actinic Keratosis",
    "SCC": "Squamous Cell Carcinoma",
    "VASC": "Vascular Lesions",
    "DF": "Dermatofibroma",
}
BCN20000 = (
    "nevus",
    "melanoma",
    "basal cell carcinoma",
    "seborrheic keratosis",
    "actinic keratosis",
    "squamous cell carcinoma",
    "solar lentigo",
    "melanoma metastasis",
    "scar",
    "vascular lesion",
    "dermatofibroma",
    "other",
)
# Those that occur in the published test file; the full list of 21 is not public.
MSKCC = (
    "nevus",
    "solar lentigo",
    "lentigo NOS",
    "melanoma",
    "lichenoid keratosis",
    "atypical melanocytic proliferation",
    "seborrheic keratosis",
    "AIMP",
    "actinic keratosis",
    "basal cell carcinoma",
    "squamous cell carcinoma",
    "lentigo simplex",
    "acrochordon",
    "angiokeratoma",
    "dermatofibroma",
    "verruca",
    "neurofibroma",
)
# The archive renamed its diagnoses; on the right what MM-Skin's files still say.
_RENAMED = {
    "solar or actinic keratosis": "actinic keratosis",
    "atypical intraepithelial melanocytic proliferation": "AIMP",
    "atypical melanocytic neoplasm": "atypical melanocytic proliferation",
    "lichen planus like keratosis": "lichenoid keratosis",
    "fibroepithelial polyp": "acrochordon",
    "lentigo nos": "lentigo NOS",
    "aimp": "AIMP",
}
_VARIANT = re.compile(r"(?:, (?:nos|invasive|in situ)| invasive| in situ)$")
_ARCHIVE_ID = re.compile(r"ISIC_\d{7}")
_DIAGNOSES = ("diagnosis", "diagnosis_3", "diagnosis_4", "diagnosis_5", "diagnosis_2")


def _archive_id(name: str) -> str:
    found = _ARCHIVE_ID.search(name)
    return found[0] if found else ""


def read_ham10000(root: Path) -> Iterator[PublicImage]:
    """Yield HAM10000: training pictures, and the ISIC 2018 task 3 test set where present."""
    files = ImageFiles(root)
    tables = ((OFFICIAL_TRAIN, "HAM10000_metadata*"), (OFFICIAL_TEST, "ISIC2018_Task3_Test*.*"))
    for split, pattern in tables:
        paths = [p for p in sorted(root.glob(pattern)) if p.is_file()]
        if not paths and split == OFFICIAL_TRAIN:
            raise SourceError(f"{root}: expected HAM10000_metadata (csv) here")
        for row in read_rows(paths[0], ("image_id", "dx")) if paths else ():
            image = files.find(row["image_id"])
            if image:
                group = row.get("lesion_id") or row["image_id"]
                label, number = HAM10000.get(row["dx"], ""), _archive_id(image)
                yield PublicImage(image, label, group, split, number)


def read_isic_2019(root: Path) -> Iterator[PublicImage]:
    """Yield ISIC 2019's training pictures, grouped by lesion."""
    files = ImageFiles(root)
    truth = read_rows(root / "ISIC_2019_Training_GroundTruth.csv", ("image", *ISIC_2019))
    meta = read_rows(root / "ISIC_2019_Training_Metadata.csv", ("image", "lesion_id"))
    lesions = {row["image"]: row["lesion_id"] for row in meta}
    for row in truth:
        image = files.find(row["image"])
        if image:
            label = next((ISIC_2019[c] for c in ISIC_2019 if float(row[c] or 0) == 1.0), "")
            group = lesions.get(row["image"]) or row["image"]
            # A "_downsampled" copy is the archive picture of the same number.
            yield PublicImage(image, label, group, archive_id=_archive_id(image))


def read_collection(root: Path, classes: tuple[str, ...], other: str) -> Iterator[PublicImage]:
    """Yield an archive collection (``metadata.csv``, pictures beside), grouped by patient.

    Args:
        root: the downloaded folder.
        classes: accepted diagnoses.
        other: class of diagnoses that are in none of them; '' leaves them without a label.
    """
    files = ImageFiles(root)
    for row in read_rows(_metadata(root), ("isic_id",)):
        image = files.find(row["isic_id"])
        if image:
            label = _diagnosis(row, classes) or (other if _any_diagnosis(row) else "")
            group = row.get("patient_id") or row.get("lesion_id") or row["isic_id"]
            yield PublicImage(image, label, group, archive_id=_archive_id(image))


def read_hiba(root: Path) -> Iterator[PublicImage]:
    """Yield HIBA as two classes, benign and malignant, grouped by patient."""
    files = ImageFiles(root)
    for row in read_rows(_metadata(root), ("isic_id",)):
        image = files.find(row["isic_id"])
        if image:
            word = (row.get("benign_malignant") or row.get("diagnosis_1") or "").lower()
            label = word if word in ("benign", "malignant") else ""
            group = row.get("patient_id") or row.get("lesion_id") or row["isic_id"]
            yield PublicImage(image, label, group, archive_id=_archive_id(image))


def _metadata(root: Path) -> Path:
    found = sorted(root.glob("*metadata*.csv"))
    return found[0] if found else root / "metadata.csv"


def _any_diagnosis(row: Mapping[str, str]) -> bool:
    return any(row.get(name) for name in _DIAGNOSES)


def _diagnosis(row: Mapping[str, str], classes: tuple[str, ...]) -> str:
    for column in _DIAGNOSES:
        plain = _VARIANT.sub("", row.get(column, "").strip().lower())
        name = _RENAMED.get(plain, plain)
        if name in classes:
            return name
    return ""


ISIC_SETS = (
    PublicSet(
        "HAM10000",
        "HAM10000_metadata(.csv), ISIC2018_Task3_Test_GroundTruth.csv, pictures",
        tuple(HAM10000.values()),
        read_ham10000,
    ),
    PublicSet(
        "ISIC",
        "ISIC_2019_Training_GroundTruth.csv, ISIC_2019_Training_Metadata.csv, pictures",
        tuple(ISIC_2019.values()),
        read_isic_2019,
    ),
    PublicSet(
        "BCN20000",
        "metadata.csv of the ISIC archive collection, pictures",
        BCN20000,
        lambda root: read_collection(root, BCN20000, "other"),
    ),
    PublicSet(
        "HIBA_2class",
        "metadata.csv of the ISIC archive collection, pictures",
        ("benign", "malignant"),
        read_hiba,
    ),
    PublicSet(
        "MSKCC",
        "metadata.csv of the ISIC archive collection, pictures",
        MSKCC,
        lambda root: read_collection(root, MSKCC, ""),
    ),
)
