"""The stage on the pairs of a book: panels, body text, the same patient, the CSV command."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmskin_build.demographics.bins import age_bin, count_demographics
from mmskin_build.demographics.captions_csv import read_captions, write_demographics
from mmskin_build.demographics.settings import DemographicsSettings
from mmskin_build.errors import ConfigError
from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import CaptionText, Demographics, Page, Pair, Record, TextLine
from stages.demographics import STAGE

BOX = (0.0, 0.0, 10.0, 10.0)


def pair(name: str, caption: str, panel: str = "", own: str = "", label: str = "") -> Pair:
    return Pair(
        "book", f"book-{name}{panel}", name, panel, 1, BOX, label, caption, own or caption, 1, BOX,
        BOX, "0" * 64, 100, 100, False, 1.0, (),
    )  # fmt: skip


def line(text: str, block: int = 0) -> TextLine:
    return TextLine(
        "book", 1, 0, block, BOX, text, "Serif", 10.0, False, False, 0, False, 0, 0, "embedded", 1.0
    )


def read(tmp_path: Path, *rows: Record) -> tuple[list[CaptionText], list[Demographics]]:
    ctx = MemoryContext(tmp_path)
    ctx.add([Page("book", 1, 100.0, 100.0, 0, "embedded", None, 0.0), *rows])
    ctx.run(STAGE, DemographicsSettings())
    return list(ctx.rows(CaptionText)), list(ctx.rows(Demographics))


def test_panels_with_different_patients_give_a_record_each(tmp_path: Path) -> None:
    whole = "(a) A 5-year-old girl with wheals. (b) Her father, aged 34 years."
    _, said = read(
        tmp_path,
        pair("f1", whole, "a", "A 5-year-old girl with wheals."),
        pair("f1", whole, "b", "A man aged 34 years."),
    )
    assert [(d.age_years_low, d.sex) for d in said] == [(5, "female"), (34, "male")]


def test_panels_of_one_patient_share_what_the_lead_in_states(tmp_path: Path) -> None:
    whole = "A 42-year-old woman. (a) Erythema of the leg. (b) The same leg, dermoscopy."
    _, said = read(tmp_path, pair("f1", whole, "a", "Erythema of the leg."))
    assert (said[0].age_years_low, said[0].sex) == (42, "female")


def test_the_body_sentence_counts_when_the_caption_refers_to_it(tmp_path: Path) -> None:
    body = line("A 61-year-old man presented with the ulcer shown in Fig. 3.1 below.", 4)
    _, said = read(
        tmp_path,
        body,
        pair("f1", "Ulcer of the shin (see text).", label="3.1"),
        pair("f2", "Ulcer of the heel.", label="3.2"),
    )
    assert (said[0].age_years_low, said[0].sex, said[0].stated_in) == (61, "male", "body")
    assert said[1].age_years_low is None


def test_the_same_patient_takes_over_what_the_other_figure_states(tmp_path: Path) -> None:
    _, said = read(
        tmp_path,
        pair("f1", "Psoriasis in a 30-year-old man.", label="3.1"),
        pair("f2", "Nail pits. Same patient as in Fig. 3.1.", label="3.2"),
    )
    assert (said[1].age_years_low, said[1].stated_in) == (30, "same_patient")


def test_spans_prove_what_was_read(tmp_path: Path) -> None:
    captions, said = read(tmp_path, pair("f1", "Fig. 3. A 30-year-old man. (Courtesy of X.)"))
    assert captions[0].text == "A 30-year-old man."
    start, end = map(int, said[0].spans[0].removeprefix("age:").split("-"))
    assert captions[0].text[start:end].strip() == said[0].age_text == "30-year-old"


def test_empty_input_gives_empty_tables(tmp_path: Path) -> None:
    assert read(tmp_path) == ([], [])


def test_bins_and_counts(tmp_path: Path) -> None:
    _, said = read(
        tmp_path,
        pair("f1", "A 30-year-old man, skin type V."),
        pair("f2", "Wheals in a toddler."),
        pair("f3", "Wheals."),
    )
    assert [age_bin(d) for d in said] == ["young adult", "child", "not stated"]
    counts = count_demographics(said, {d.pair_id: "clinical" for d in said})
    assert {(c.age_bin, c.sex, c.skin_type) for c in counts} == {
        ("young adult", "male", "V"),
        ("child", "not stated", "not stated"),
        ("not stated", "not stated", "not stated"),
    }


def test_a_csv_in_gives_a_csv_out(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("\ufeffcaption;id\r\nA 7-year-old boy.;a\r\nWheals.;b\r\n", encoding="utf-8")
    assert write_demographics(read_captions(source), tmp_path / "out.csv") == 1
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("a,7.0,7.0,,male,7-year-old,boy")
    assert lines[2].startswith("b,,,,,,")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id,text\n1,x\n", "column 'caption' is missing; found: id, text"),
        (b"", "column 'id' is missing; found: none"),
        (b"id,caption\n1,x\n1,y\n", "row 3: id '1' stands there twice"),
        (b"id,caption\n,x\n", "row 2: id is empty"),
        (b"id,caption\n1,\xff\xfe\n", "not UTF-8"),
        (b"id,caption\n1,wheals, and more\n", "row 2: not as many columns as the header"),
        (b"id,caption\n1\n", "row 2: not as many columns as the header"),
    ],
)
def test_a_bad_csv_names_the_row_and_the_fix(tmp_path: Path, content: bytes, message: str) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read_captions(source)


def test_a_missing_output_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist; create it first"):
        write_demographics([("a", "A man.")], tmp_path / "none" / "out.csv")


def test_a_missing_csv_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_captions(tmp_path / "none.csv")
