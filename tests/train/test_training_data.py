from __future__ import annotations

import json
from pathlib import Path

import pytest
from coloured_marks import write_release
from PIL import Image

from mmskin_build.errors import ConfigError, LeakageError, SourceError
from mmskin_build.train.examples import (
    data_digest,
    load_llava_json,
    load_release,
    newest_release,
)
from mmskin_build.train.image_bank import ImageBank
from mmskin_build.train.run import data_of_llava_json, data_of_release


def llava(folder: Path, name: str, images: list[str], question: str = "<image>\nWhat?") -> Path:
    items = [
        {
            "id": f"row{n}",
            "image": image,
            "conversations": [
                {"from": "human", "value": question},
                {"from": "gpt", "value": "A mark."},
            ],
        }
        for n, image in enumerate(images)
    ]
    path = folder / name
    path.write_text(json.dumps(items), encoding="utf-8")
    return path


def save(path: Path, colour: tuple[int, int, int]) -> None:
    Image.new("RGB", (8, 8), colour).save(path)


def test_a_release_is_read_with_its_grounding(tmp_path: Path) -> None:
    release = write_release(tmp_path / "r", train=3, validation=1, test=1)
    bank = ImageBank(tmp_path / "cache")
    rows = load_release(release, "train", bank)
    assert (len(rows), len(bank)) == (9, 3)  # three questions on each of three pictures
    assert rows[0].group_id == "g-train-0" and rows[0].kind == "open"
    assert bank.open(rows[0].image).mode == "RGB"


def test_the_newest_release_is_the_default(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="make build-dataset"):
        newest_release(tmp_path)
    (tmp_path / "no-release").mkdir()
    write_release(tmp_path / "one", 1, 1, 1)
    assert newest_release(tmp_path).name == "one"


def test_llava_json_gives_the_same_rows_wherever_the_image_mark_stands(tmp_path: Path) -> None:
    save(tmp_path / "a.png", (9, 9, 9))
    found = [
        load_llava_json(llava(tmp_path, "x.json", ["a.png"], q), tmp_path, ImageBank(tmp_path))
        for q in ("<image>\nWhat?", "What?\n<image>")
    ]
    assert found[0] == found[1]
    assert found[0][0].question == "What?"


def test_rows_with_the_same_id_stay_apart(tmp_path: Path) -> None:
    save(tmp_path / "a.png", (9, 9, 9))
    path = llava(tmp_path, "x.json", ["a.png", "a.png"])
    path.write_text(path.read_text().replace("row1", "row0"))
    rows = load_llava_json(path, tmp_path, ImageBank(tmp_path))
    assert len({row.example_id for row in rows}) == 2


def test_a_missing_image_is_named_with_its_row(tmp_path: Path) -> None:
    path = llava(tmp_path, "x.json", ["gone.png"])
    with pytest.raises(SourceError, match=r"x\.json item 0: image .*gone\.png is missing"):
        load_llava_json(path, tmp_path, ImageBank(tmp_path))


def test_a_broken_image_is_named_before_the_first_step(tmp_path: Path) -> None:
    save(tmp_path / "a.png", (9, 9, 9))
    content = (tmp_path / "a.png").read_bytes()
    (tmp_path / "half.png").write_bytes(content[: len(content) // 2])
    (tmp_path / "empty.png").write_bytes(b"")
    path = llava(tmp_path, "x.json", ["a.png", "half.png", "empty.png"])
    with pytest.raises(SourceError, match=r"broken images:.*half\.png") as caught:
        load_llava_json(path, tmp_path, ImageBank(tmp_path))
    assert "empty.png" in str(caught.value) and "a.png (" not in str(caught.value)


def test_a_conversation_that_does_not_alternate_is_refused(tmp_path: Path) -> None:
    path = llava(tmp_path, "x.json", [""])
    path.write_text(path.read_text().replace('"gpt"', '"human"'))
    with pytest.raises(SourceError, match="item 0: conversations must alternate"):
        load_llava_json(path, tmp_path, ImageBank(tmp_path))


def test_a_test_group_in_the_training_rows_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    release = write_release(tmp_path / "r", 2, 1, 1)
    file = release / "vqa" / "test-00000-of-00001.parquet"
    table = pq.read_table(file)
    place = table.column_names.index("group_id")
    table = table.set_column(place, "group_id", pa.array(["g-train-1"] * len(table)))
    pq.write_table(table, file)
    with pytest.raises(LeakageError, match=r"test split .*g-train-1"):
        data_of_release(release, tmp_path / "cache")


def test_the_same_picture_under_another_name_is_leakage(tmp_path: Path) -> None:
    save(tmp_path / "a.png", (9, 9, 9))
    save(tmp_path / "b.png", (9, 9, 9))
    save(tmp_path / "c.png", (0, 9, 9))
    train = llava(tmp_path, "train.json", ["a.png"])
    clean, leaking = llava(tmp_path, "c.json", ["c.png"]), llava(tmp_path, "b.json", ["b.png"])
    assert data_of_llava_json(train, tmp_path, tmp_path / "cache", [clean]).train
    with pytest.raises(LeakageError, match="show a picture that is in the training"):
        data_of_llava_json(train, tmp_path, tmp_path / "cache", [leaking])


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    bank = ImageBank(tmp_path / "cache")
    rows = load_release(write_release(tmp_path / "r", 2, 1, 1), "train", bank)
    assert data_digest(rows) == data_digest(list(rows))
    assert data_digest(rows) != data_digest(rows[1:])


def test_a_folder_that_is_no_release_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no train-\*\.parquet"):
        load_release(tmp_path, "train", ImageBank(tmp_path))
