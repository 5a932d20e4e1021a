"""Each public set, read from a miniature of its download."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from miniature_sets import FILES, download

from mmskin_build.errors import ConfigError, SourceError
from mmskin_build.evaluate.class_tables import read_class_table
from mmskin_build.public_sets.clinical_sets import dermnet_class
from mmskin_build.public_sets.prepare import (
    PUBLIC_SETS,
    find_set,
    overlaps,
    prepare_set,
    read_set,
    split_rows,
)
from mmskin_build.public_sets.records import PublicImage

LABELS = {
    "HAM10000": ["Nevus", "Nevus", "Actinic Keratoses", "Nevus"],
    "ISIC": ["Nevus", "Benign Keratosis-like Lesions"],
    "BCN20000": ["melanoma", "actinic keratosis", "other", ""],
    "HIBA_2class": ["malignant", "benign"],
    "MSKCC": ["lentigo NOS", "AIMP", ""],
    "PAD": ["Actinic Keratosis", "Nevus"],
    "Fitzpatrick": ["non-neoplastic", "malignant"],
    "DDI_2class": ["Malignant", "Non-Malignant"],
    "SCIN": ["Tinea", "Tinea", ""],
    "Dermnet": ["Bullous disease", "Vascular Tumors"],
    "Patch16_2class": ["tumor", "nontumor"],
}


def test_there_is_an_adapter_for_each_of_the_eleven_sets() -> None:
    assert set(PUBLIC_SETS) == set(FILES) == set(LABELS)
    assert len(PUBLIC_SETS) == 11


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_labels_are_mm_skins(name: str, tmp_path: Path) -> None:
    public = find_set(name)
    rows = read_set(public, download(tmp_path, name))
    assert [row.label for row in rows] == LABELS[name]
    assert all((tmp_path / name / row.image).is_file() for row in rows)
    if public.classes:
        assert {row.label for row in rows} - {""} <= set(public.classes)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_renamed_file_says_what_was_expected_where(name: str, tmp_path: Path) -> None:
    root = download(tmp_path, name)
    first = next(iter(FILES[name]))
    (root / first).rename(root / "renamed.bak")
    if name == "Dermnet":
        (root / "train" / "Bullous Disease Photos").rmdir()
        (root / "train").rmdir()
    with pytest.raises(SourceError, match="expected"):
        read_set(find_set(name), root)


def test_pictures_of_a_lesion_stay_together_and_the_official_test_wins(tmp_path: Path) -> None:
    rows = read_set(find_set("HAM10000"), download(tmp_path, "HAM10000"))
    parts, moved = split_rows(rows)
    groups = [{row.group for row in part} for part in parts.values()]
    assert not groups[0] & groups[2] and not groups[1] & groups[2]
    assert {row.group for row in parts["test"]} == {"HAM_1", "HAM_2"}
    assert moved == 2  # both training pictures of the lesion that is tested, too


def test_new_pictures_do_not_move_old_ones() -> None:
    rows = [PublicImage(f"{n}.jpg", "x", f"g{n}") for n in range(200)]
    before, _ = split_rows(rows)
    after, _ = split_rows([*rows, PublicImage("new.jpg", "x", "new")])
    for split in before:
        assert set(before[split]) <= set(after[split])
        assert before[split]


def test_tables_and_conversations_are_written(tmp_path: Path) -> None:
    root = download(tmp_path, "HAM10000")
    found = prepare_set(find_set("ham10000"), root, tmp_path / "out")
    assert sum(found.counts.values()) == 4 and found.moved == 2
    table = read_class_table(tmp_path / "out" / "HAM10000_test.csv")
    assert table.rows[0].image.startswith("HAM10000/")
    talk = json.loads((tmp_path / "out" / "HAM10000_test.json").read_text())[0]
    assert "Vascular lesions" in talk["conversations"][0]["value"]
    assert talk["conversations"][1]["value"] == "Nevus"


def test_pictures_shared_between_sets_are_found_by_number_and_by_bytes(tmp_path: Path) -> None:
    sets = {}
    for name in ("HAM10000", "ISIC", "DDI_2class"):
        root = download(tmp_path, name)
        if name == "DDI_2class":
            (root / "000001.png").write_text("pixels of ISIC_0000009_downsampled")
        sets[name] = (root, read_set(find_set(name), root))
    shared = overlaps(sets)
    assert [sorted(item.partition(":")[0] for item in row) for row in shared] == [
        ["DDI_2class", "ISIC"],
        ["HAM10000", "ISIC"],
    ]


def test_an_unknown_set_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="BCN20000"):
        find_set("nope")


def test_dermnet_names_follow_the_published_test_file() -> None:
    assert dermnet_class("Herpes HPV and other STDs Photos") == "Herpes hpv and other stds"
    assert dermnet_class("Acne and Rosacea Photos") == "Acne and rosacea"
    kept = "Scabies Lyme Disease and other Infestations and Bites"
    assert dermnet_class(kept) == kept


def test_class_names_are_those_of_the_published_tables(corpus: Path) -> None:
    folder = corpus / "mmskin" / "classification"
    for name in ("HAM10000", "ISIC", "BCN20000", "HIBA_2class", "MSKCC", "Fitzpatrick"):
        table = read_class_table(folder / f"{name}_test.csv")
        assert set(table.classes) <= set(find_set(name).classes)
