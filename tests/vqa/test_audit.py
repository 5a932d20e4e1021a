from __future__ import annotations

import csv
import json
import re
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from pictures import photograph
from typer.testing import CliRunner

from mmskin_build.errors import LeakageError, SourceError
from mmskin_build.vqa.audit import ABOUT, audit, read_rows
from mmskin_build.vqa.audit_pictures import PictureShelf
from mmskin_build.vqa.defects import RULES
from stages import cli_vqa

GOOD = ("What is seen in this image?", "Grouped vesicles.")
HEDGE = ("What is seen?", "It is impossible to say.")
GENERAL = ("How is psoriasis treated?", "With creams.")


def write_csv(path, rows, header="image,question,answer"):
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return path


def shares(found):
    return {count.name: count.rows for count in (*found.rules, *found.families)}


def test_defects_are_counted_by_rule_family_and_row(tmp_path):
    rows = [("a.png", *GOOD), ("a.png", *HEDGE), ("b.png", *GENERAL), ("b.png", *GOOD)]
    found = audit(read_rows(write_csv(tmp_path / "some.csv", rows)))
    counts = shares(found)
    assert (counts["H1"], counts["G1"], counts["any"]) == (1, 1, 2)
    assert found.repeated == 1
    assert found.per_image == {2: 2}


def test_the_same_rows_read_alike_from_every_format(tmp_path):
    rows = [("a.png", *GOOD), ("a.png", *HEDGE)]
    as_csv = read_rows(write_csv(tmp_path / "x.csv", rows))
    table = pa.table(
        dict(zip(("image", "question", "answer"), zip(*rows, strict=True), strict=True))
    )
    pq.write_table(table, tmp_path / "x.parquet")
    turns = [
        {"from": who, "value": text}
        for question, answer in (GOOD, HEDGE)
        for who, text in (("human", question), ("gpt", answer))
    ]
    turns[0]["value"] = "<image>\n" + turns[0]["value"]
    llava = [{"id": "1", "image": "a.png", "conversations": turns}]
    (tmp_path / "x.json").write_text(json.dumps(llava))
    assert as_csv == read_rows(tmp_path / "x.parquet") == read_rows(tmp_path / "x.json")


def test_a_picture_in_two_splits_is_found_even_under_another_name(tmp_path):
    header = "image,question,answer,split"
    rows = [("f1_a.png", *GOOD, "train"), ("f1_b.png", *GOOD, "test"), ("g.png", *GOOD, "test")]
    found = audit(read_rows(write_csv(tmp_path / "x.csv", rows, header)))
    assert [(leak.kind, leak.name) for leak in found.leaks] == [("panels", "f1")]
    for split, name in (("train", "one.png"), ("test", "two.png")):
        picture = {"bytes": b"same picture", "path": name}
        table = pa.table({"image": [picture], "question": [GOOD[0]], "answer": [GOOD[1]]})
        pq.write_table(table, tmp_path / f"{split}-00000.parquet")
    (tmp_path / "x.csv").unlink()
    assert {leak.kind for leak in audit(read_rows(tmp_path)).leaks} == {"bytes"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", "image,text\na,b\n", "question and answer"),
        ("x.json", '{"a": 1}', "list of items"),
        ("x.json", "{", "cannot be read"),
        ("x.parquet", "no parquet", "not a parquet"),
        ("x.txt", "", "unknown kind"),
    ],
)
def test_unreadable_files_are_told_in_one_sentence(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(SourceError, match=message):
        read_rows(tmp_path / name)


def test_a_parquet_file_damaged_inside_is_told_of(tmp_path):
    file = tmp_path / "x.parquet"
    pq.write_table(pa.table({"question": ["a"] * 9, "answer": ["b"] * 9}), file)
    data = file.read_bytes()
    file.write_bytes(data[:4] + bytes(30) + data[34:])
    with pytest.raises(SourceError, match="damaged"):
        read_rows(file)


def test_command_prints_the_table_and_refuses_leaks(tmp_path):
    app = typer.Typer()
    cli_vqa.register(app)
    train = write_csv(tmp_path / "train.csv", [("a.png", *GOOD), ("b.png", *HEDGE)])
    test = write_csv(tmp_path / "test.csv", [("a.png", *GENERAL)])
    result = CliRunner().invoke(app, [str(train)])
    assert result.exit_code == 0
    assert "hedge or refusal" in result.output
    result = CliRunner().invoke(app, [str(train), "--against", str(test)])
    assert isinstance(result.exception, LeakageError)


def test_pictures_in_a_folder_are_found_and_copies_across_splits_told(tmp_path):
    import cv2

    image = photograph(1)
    pictures = {"one.png": image, "two.png": image[60:300, 90:400], "else.png": photograph(2)}
    (tmp_path / "pictures").mkdir()
    for name, pixels in pictures.items():
        cv2.imwrite(str(tmp_path / "pictures" / name), pixels)
    header = "image,question,answer,split"
    rows = [
        ("one.png", *GOOD, "train"), ("deep/two.png", *GOOD, "test"), ("gone.png", *GOOD, "test"),
    ]  # fmt: skip
    file = write_csv(tmp_path / "x.csv", rows, header)
    shelf = PictureShelf(tmp_path / "pictures", near=True)
    found = audit(read_rows(file, shelf), shelf.copy_groups())
    assert [(leak.kind, leak.splits) for leak in found.leaks] == [("copy", ("test", "train"))]
    assert (shelf.missing, shelf.without_rows(), found.copies) == ({"gone.png"}, 1, 1)


def test_a_parquet_file_may_hold_its_pictures_or_only_name_them(tmp_path):
    import cv2

    done, data = cv2.imencode(".png", photograph(3))
    assert done
    (tmp_path / "a.png").write_bytes(data.tobytes())
    columns = {"question": [GOOD[0]], "answer": [GOOD[1]]}
    embedded = {"bytes": data.tobytes(), "path": "b.png"}
    pq.write_table(pa.table({"image": [embedded], **columns}), tmp_path / "train.parquet")
    pq.write_table(pa.table({"image": ["a.png"], **columns}), tmp_path / "test.parquet")
    assert {leak.kind for leak in audit(read_rows(tmp_path)).leaks} == {"bytes"}


def test_rows_without_words_are_left_out_and_a_file_of_only_such_is_refused(tmp_path):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"question": [GOOD[0], None], "answer": [GOOD[1], None]}), path)
    assert len(read_rows(path)) == 1
    nothing = pa.array([None], pa.string())
    pq.write_table(pa.table({"question": nothing, "answer": nothing}), path)
    with pytest.raises(SourceError, match="no row in it"):
        read_rows(path)


def test_the_rows_of_a_release_are_counted_once(tmp_path):
    for folder in ("vqa", "json"):
        (tmp_path / folder).mkdir()
        write_csv(tmp_path / folder / "train.csv", [("a.png", "What colour?", "Red.")])
    (tmp_path / "SHA256SUMS").touch()
    assert len(read_rows(tmp_path)) == 1


def test_json_holds_what_the_table_shows(tmp_path):
    app = typer.Typer()
    cli_vqa.register(app)
    file = write_csv(tmp_path / "x.csv", [("a.png", *GOOD), ("a.png", *HEDGE)])
    result = CliRunner().invoke(app, [str(file), "--json"])
    found = json.loads(result.stdout)
    assert {r["name"]: r["rows"] for r in found["families"]}["hedge or refusal"] == 1
    assert (found["rows"], found["images"], found["pictures_missing"]) == (2, 1, 0)


def test_every_rule_says_what_it_finds():
    assert set(ABOUT) == {rule.name for rule in RULES}


def test_the_published_set_gives_the_published_figures(corpus):
    found = audit(read_rows(corpus / "mmskin" / "MM-Skin_test.csv"))
    counts = shares(found)
    assert found.rows == 5452
    assert (counts["hedge or refusal"], counts["image not needed"], counts["any"]) == (
        192, 1436, 1897,
    )  # fmt: skip


def test_every_rule_counts_as_the_public_counter_does(corpus):
    file, counter = corpus / "mmskin" / "MM-Skin_test.csv", corpus.parent / "score/vqa_quality.py"
    if not counter.is_file():
        pytest.skip(f"{counter.name} is not beside the corpus")
    told = subprocess.run(
        [sys.executable, counter, file], capture_output=True, text=True, check=True
    ).stdout
    wanted = dict(re.findall(r"^([HPGCMU]\d)\s+\w+\s+(\d+)", told, re.MULTILINE))
    found = audit(read_rows(file))
    assert {c.name: str(c.rows) for c in found.rules} == wanted
    assert f"yes {found.yes}  no {found.no}  repeated question+answer rows {found.repeated}" in told
