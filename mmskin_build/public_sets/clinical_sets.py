"""Clinical photographs and pathology patches: PAD, Fitzpatrick17k, DDI, SCIN, DermNet, Patch16."""

from __future__ import annotations

import ast
from collections.abc import Iterator
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

# MM-Skin publishes no table for PAD; only "Actinic Keratosis" is known from its scripts, the
# others are the data set's own names in the same spelling.
PAD = {
    "ACK": "Actinic Keratosis",
    "BCC": "Basal Cell Carcinoma",
    "MEL": "Melanoma",
    "NEV": "Nevus",
    "SCC": "Squamous Cell Carcinoma",
    "SEK": "Seborrheic Keratosis",
}
FITZPATRICK = ("non-neoplastic", "benign", "malignant")
_SCIN_PICTURES = ("image_1_path", "image_2_path", "image_3_path")
_PATCH_SPLITS = {"Test": OFFICIAL_TEST, "Train": OFFICIAL_TRAIN, "Validation": OFFICIAL_TRAIN}


def read_pad(root: Path) -> Iterator[PublicImage]:
    """Yield PAD-UFES-20, grouped by patient."""
    files = ImageFiles(root)
    for row in read_rows(
        root / "metadata.csv", ("patient_id", "lesion_id", "diagnostic", "img_id")
    ):
        image = files.find(row["img_id"])
        if image:
            yield PublicImage(image, PAD.get(row["diagnostic"], ""), row["patient_id"])


def read_fitzpatrick(root: Path) -> Iterator[PublicImage]:
    """Yield Fitzpatrick17k; it knows no patients."""
    files = ImageFiles(root)
    for row in read_rows(root / "fitzpatrick17k.csv", ("md5hash", "three_partition_label")):
        image = files.find(row["md5hash"])
        label = row["three_partition_label"].strip().lower()
        if image:
            yield PublicImage(image, label if label in FITZPATRICK else "", row["md5hash"])


def read_ddi(root: Path) -> Iterator[PublicImage]:
    """Yield Diverse Dermatology Images as two classes; it knows no patients."""
    files = ImageFiles(root)
    for row in read_rows(root / "ddi_metadata.csv", ("DDI_file", "malignant")):
        image = files.find(row["DDI_file"])
        if image:
            malignant = row["malignant"].strip().lower() in ("true", "1")
            label = "Malignant" if malignant else "Non-Malignant"
            yield PublicImage(image, label, row["DDI_file"])


def read_scin(root: Path) -> Iterator[PublicImage]:
    """Yield SCIN, up to three pictures of a case together; the label of the highest weight."""
    files = ImageFiles(root)
    cases = read_rows(root / "scin_cases.csv", ("case_id", *_SCIN_PICTURES))
    labels = {
        row["case_id"]: _heaviest(row["weighted_skin_condition_label"], root)
        for row in read_rows(root / "scin_labels.csv", ("case_id", "weighted_skin_condition_label"))
    }
    for row in cases:
        for column in _SCIN_PICTURES:
            image = files.find(Path(row[column]).name) if row[column] else ""
            if image:
                yield PublicImage(image, labels.get(row["case_id"], ""), row["case_id"])


def _heaviest(cell: str, root: Path) -> str:
    try:
        weights = ast.literal_eval(cell) if cell else {}
    except (ValueError, SyntaxError):
        weights = None
    if not isinstance(weights, dict):
        raise SourceError(
            f"{root / 'scin_labels.csv'}: weighted_skin_condition_label must read like "
            f"{{'Eczema': 0.6}}; found {cell!r}"
        )
    return max(sorted(weights), key=lambda name: weights[name]) if weights else ""


def read_dermnet(root: Path) -> Iterator[PublicImage]:
    """Yield DermNet as on Kaggle: ``train`` and ``test``, a folder per class."""
    for split in (OFFICIAL_TRAIN, OFFICIAL_TEST):
        if not (root / split).is_dir():
            raise SourceError(f"{root}: expected the folders train and test here")
        for folder in sorted(p for p in (root / split).iterdir() if p.is_dir()):
            for path in sorted(p for p in folder.iterdir() if p.suffix.lower() == ".jpg"):
                image = path.relative_to(root).as_posix()
                # Kaggle's names carry no patient; a numbered series is often one person.
                yield PublicImage(image, dermnet_class(folder.name), image, split)


def dermnet_class(folder: str) -> str:
    """Return MM-Skin's class name of a DermNet folder."""
    if folder.endswith(" Photos"):
        return folder.removesuffix(" Photos").capitalize()
    return folder


def read_patch16(root: Path) -> Iterator[PublicImage]:
    """Yield Patch16 (``data.csv``) as two classes, grouped by slide."""
    files = ImageFiles(root)
    for row in read_rows(root / "data.csv", ("file", "class", "set", "malignicy")):
        image = files.find(Path(row["file"]).name)
        label = row["malignicy"].strip().lower()
        if image:
            known = label if label in ("tumor", "nontumor") else ""
            split = _PATCH_SPLITS.get(row["set"], "")
            yield PublicImage(image, known, _slide(row["file"]), split)


def _slide(file: str) -> str:
    """Return the slide of a patch named ``<class>_ws_<slide>_<patch>``."""
    stem = Path(file).stem
    lead, _, tail = stem.rpartition("_ws_")
    return f"ws_{tail.split('_')[0]}" if lead else stem


CLINICAL_SETS = (
    PublicSet("PAD", "metadata.csv, imgs_part_1 to 3", tuple(PAD.values()), read_pad),
    PublicSet(
        "Fitzpatrick", "fitzpatrick17k.csv, pictures named <md5hash>", FITZPATRICK, read_fitzpatrick
    ),
    PublicSet("DDI_2class", "ddi_metadata.csv, pictures", ("Malignant", "Non-Malignant"), read_ddi),
    PublicSet("SCIN", "scin_cases.csv, scin_labels.csv, images/", (), read_scin),
    PublicSet("Dermnet", "train/<class>/, test/<class>/", (), read_dermnet),
    PublicSet(
        "Patch16_2class", "data.csv, a folder per tissue class", ("tumor", "nontumor"), read_patch16
    ),
)
