"""Each public set in miniature, with its real file and column names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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

FILES: dict[str, dict[str, str]] = {
    "HAM10000": {
        "HAM10000_metadata": "lesion_id,image_id,dx,dx_type,age,sex,localization,dataset\n"
        "HAM_1,ISIC_0000001,nv,histo,50,male,back,x\nHAM_1,ISIC_0000002,nv,histo,50,male,back,x\n",
        "ISIC2018_Task3_Test_GroundTruth.csv": "lesion_id,image_id,dx\n"
        "HAM_2,ISIC_0000003,akiec\nHAM_1,ISIC_0000004,nv\n",
        "HAM10000_images_part_1/ISIC_0000001.jpg": "",
        "HAM10000_images_part_2/ISIC_0000002.jpg": "",
        "ISIC2018_Task3_Test_Images/ISIC_0000003.jpg": "",
        "ISIC2018_Task3_Test_Images/ISIC_0000004.jpg": "",
    },
    "ISIC": {
        "ISIC_2019_Training_GroundTruth.csv": "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK\n"
        "ISIC_0000001,0.0,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0\n"
        "ISIC_0000009_downsampled,0.0,0.0,0.0,0.0,1.0,0.0,0.0,0.0,0.0\n",
        "ISIC_2019_Training_Metadata.csv": "image,age_approx,anatom_site_general,lesion_id,sex\n"
        "ISIC_0000001,55,back,HAM_1,male\nISIC_0000009_downsampled,,,,\n",
        "ISIC_2019_Training_Input/ISIC_0000001.jpg": "",
        "ISIC_2019_Training_Input/ISIC_0000009_downsampled.jpg": "",
    },
    "BCN20000": {
        "metadata.csv": "isic_id,patient_id,lesion_id,diagnosis_1,diagnosis_2,diagnosis_3\n"
        'ISIC_0000005,P1,L1,Malignant,x,"Melanoma, NOS"\n'
        "ISIC_0000006,P1,L2,Indeterminate,x,Solar or actinic keratosis\n"
        "ISIC_0000007,P2,L3,Benign,x,Hidradenoma\nISIC_0000008,P3,L4,,,\n",
        "ISIC_0000005.jpg": "",
        "ISIC_0000006.jpg": "",
        "ISIC_0000007.jpg": "",
        "ISIC_0000008.jpg": "",
    },
    "HIBA_2class": {
        "metadata.csv": "isic_id,patient_id,benign_malignant,diagnosis\n"
        "ISIC_0000011,P1,malignant,melanoma\nISIC_0000012,P2,benign,nevus\n",
        "ISIC_0000011.jpg": "",
        "ISIC_0000012.jpg": "",
    },
    "MSKCC": {
        "metadata.csv": "isic_id,patient_id,diagnosis\n"
        "ISIC_0000021,P1,lentigo NOS\nISIC_0000022,P2,AIMP\nISIC_0000023,P3,unheard of\n",
        "ISIC_0000021.jpg": "",
        "ISIC_0000022.jpg": "",
        "ISIC_0000023.jpg": "",
    },
    "PAD": {
        "metadata.csv": "patient_id,lesion_id,age,diagnostic,img_id\n"
        "PAT_1,1,40,ACK,PAT_1_1_1.png\nPAT_1,2,40,NEV,PAT_1_2_2.png\n",
        "imgs_part_1/PAT_1_1_1.png": "",
        "imgs_part_2/PAT_1_2_2.png": "",
    },
    "Fitzpatrick": {
        "fitzpatrick17k.csv": "md5hash,fitzpatrick_scale,label,nine_partition_label,"
        "three_partition_label,url\nabc,3,psoriasis,inflammatory,non-neoplastic,u\n"
        "def,2,melanoma,malignant melanoma,malignant,u\nnot,2,x,y,benign,u\n",
        "images/abc.jpg": "",
        "images/def.jpg": "",
    },
    "DDI_2class": {
        "ddi_metadata.csv": ",DDI_ID,DDI_file,skin_tone,malignant,disease\n"
        "0,1,000001.png,56,True,melanoma\n1,2,000002.png,12,False,nevus\n",
        "000001.png": "",
        "000002.png": "",
    },
    "SCIN": {
        "scin_cases.csv": "case_id,image_1_path,image_2_path,image_3_path\n"
        "c1,dataset/images/1.png,dataset/images/2.png,\nc2,dataset/images/3.png,,\n",
        "scin_labels.csv": "case_id,weighted_skin_condition_label\n"
        "c1,\"{'Eczema': 0.4, 'Tinea': 0.6}\"\nc2,{}\n",
        "images/1.png": "",
        "images/2.png": "",
        "images/3.png": "",
    },
    "Dermnet": {
        "train/Bullous Disease Photos/a-1.jpg": "",
        "test/Vascular Tumors/b-2.jpg": "",
    },
    "Patch16_2class": {
        "data.csv": "file,class,set,malignicy\n"
        "data/tumor_skin_naevus_naevus/tumor_skin_naevus_naevus_ws_7_1.jpg,n,Train,tumor\n"
        "data/nontumor_skin_nerves_nerves/nontumor_skin_nerves_nerves_ws_8_2.jpg,n,Test,nontumor\n",
        "tumor_skin_naevus_naevus/tumor_skin_naevus_naevus_ws_7_1.jpg": "",
        "nontumor_skin_nerves_nerves/nontumor_skin_nerves_nerves_ws_8_2.jpg": "",
    },
}
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


def download(folder: Path, name: str) -> Path:
    root = folder / name
    for file, text in FILES[name].items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or f"pixels of {Path(file).stem}", encoding="utf-8")
    return root


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
