from __future__ import annotations

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from mmskin_build.errors import LeakageError, SourceError
from mmskin_build.vqa.audit import audit, read_rows
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


def test_the_published_set_gives_the_published_figures(corpus):
    found = audit(read_rows(corpus / "mmskin" / "MM-Skin_test.csv"))
    counts = shares(found)
    assert found.rows == 5452
    assert (counts["hedge or refusal"], counts["image not needed"], counts["any"]) == (
        192, 1436, 1897,
    )  # fmt: skip
