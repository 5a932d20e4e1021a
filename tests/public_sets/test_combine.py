"""All public sets, and a release, in one split."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from miniature_sets import FILES, download

from mmskin_build.errors import SourceError
from mmskin_build.evaluate.class_tables import read_class_table
from mmskin_build.public_sets.combine import PUB, PUB_MM, Member, assign, combine_sets
from mmskin_build.public_sets.records import PublicImage


def talks(folder: Path, name: str) -> dict[str, list[dict[str, str]]]:
    return {
        split: json.loads((folder / f"{name}_{split}.json").read_text())
        for split in ("train", "val", "test")
    }


def release(folder: Path, pictures: dict[str, tuple[str, str]]) -> Path:
    """A release of one question per picture; pictures: name -> (split, content)."""
    root = folder / "release"
    (root / "images").mkdir(parents=True)
    (root / "llava").mkdir()
    for split in ("train", "validation", "test"):
        items = []
        for name, (its, content) in pictures.items():
            if its == split:
                (root / "images" / name).write_text(content)
                turns = [
                    {"from": "human", "value": "<image>\nWhat?"},
                    {"from": "gpt", "value": "A."},
                ]
                items.append(
                    {
                        "id": name,
                        "image": f"images/{name}",
                        "conversations": turns,
                        "group_id": name,
                    }
                )
        (root / "llava" / f"{split}.json").write_text(json.dumps(items))
    return root


def test_all_sets_are_written_together_and_no_picture_is_on_both_sides(tmp_path: Path) -> None:
    for name in FILES:
        download(tmp_path / "sets", name)
    found = combine_sets(tmp_path / "sets", tmp_path / "out", None, lambda *_: None)
    written = talks(tmp_path / "out", PUB)
    assert sum(found.counts[PUB].values()) == sum(len(rows) for rows in written.values()) > 20
    assert not found.missing
    for rows in written.values():
        for item in rows:
            assert (tmp_path / "sets" / item["image"]).is_file()
    # ISIC_0000001 is in HAM10000 and in ISIC 2019, in a lesion of HAM10000's official test part.
    test = {item["image"].rpartition("/")[2] for item in written["test"]}
    train = {item["image"].rpartition("/")[2] for item in written["train"] + written["val"]}
    assert "ISIC_0000001.jpg" in test and not test & train
    assert "ISIC_0000001" in (tmp_path / "out" / "overlaps.csv").read_text()
    assert len(read_class_table(tmp_path / "out" / "HAM10000_test.csv").rows) == 4


def test_a_release_joins_and_what_would_leak_is_left_out(tmp_path: Path) -> None:
    download(tmp_path / "sets", "HAM10000")
    own = {
        "a.png": ("train", "a page"),
        "b.png": ("test", "another page"),
        "c.png": ("train", "pixels of ISIC_0000003"),  # an official test picture of HAM10000
    }
    book = release(tmp_path, own)
    found = combine_sets(tmp_path / "sets", tmp_path / "out", book, lambda *_: None)
    assert found.left_out == 1 and found.missing
    written = talks(tmp_path / "out", PUB_MM)
    ids = {split: {item["id"] for item in rows} for split, rows in written.items()}
    assert "a.png" in ids["train"] and "b.png" in ids["test"]
    assert not any("c.png" in names for names in ids.values())
    assert "c.png,train,test" in (tmp_path / "out" / "left_out.csv").read_text()
    for rows in written.values():
        for item in rows:
            assert (tmp_path / "sets" / item["image"]).is_file()
    assert talks(tmp_path / "out", PUB)["train"] == [
        item for item in written["train"] if item["id"] != "a.png"
    ]


def member(owner: str, group: str, *keys: str, fixed: str = "") -> Member:
    return Member(owner, group, keys, fixed, PublicImage(f"{group}.jpg", "x", group))


def test_a_new_set_moves_nothing_it_has_nothing_to_do_with() -> None:
    old = [member("A", f"g{n}", f"picture {n}") for n in range(200)]
    new = [member("B", f"h{n}", f"other {n}") for n in range(200)]
    assert assign(old) == assign([*old, *new])[:200]
    assert set(assign(old)) == {"train", "val", "test"}


def test_a_chain_of_shared_pictures_stays_in_one_split() -> None:
    chain = [
        member("A", "1", "p"),
        member("B", "2", "p", "q"),
        member("B", "2", "r"),
        member("C", "3", "r", fixed="test"),
    ]
    assert set(assign(chain)) == {"test"}


def test_an_empty_root_names_the_folders_it_expects(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="HAM10000"):
        combine_sets(tmp_path, tmp_path / "out", None, lambda *_: None)
