from __future__ import annotations

from pathlib import Path

import pytest

from mmskin_build.errors import ConfigError
from mmskin_build.evaluate.class_tables import LabelledImage, read_class_table, write_class_table


def table(folder: Path, text: str) -> Path:
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_both_published_headers_are_read(tmp_path: Path) -> None:
    old = table(tmp_path, "image,atributes,categories\na.jpg,[],['Nevus']\n")
    assert read_class_table(old).rows == (LabelledImage("a.jpg", "Nevus", "a.jpg"),)
    new = table(tmp_path, "image,attributes,categories,set\nb.jpg,[],['tumor'],Test\n")
    assert read_class_table(new).rows == (LabelledImage("b.jpg", "tumor", "b.jpg"),)


def test_columns_in_another_order_are_found_by_name(tmp_path: Path) -> None:
    path = table(tmp_path, "patient_id,categories,image\np1,['x'],a.jpg\n")
    assert read_class_table(path).rows == (LabelledImage("a.jpg", "x", "p1"),)


def test_rows_without_exactly_one_label_are_counted_not_guessed(tmp_path: Path) -> None:
    path = table(tmp_path, "image,atributes,categories\na,[],['x']\nb,[],[]\nc,[],\"['x', 'y']\"\n")
    found = read_class_table(path)
    assert (len(found.rows), found.skipped) == (1, 2)


@pytest.mark.parametrize("cell", ["Nevus", "__import__('os')", "[1]", ""])
def test_a_cell_that_is_no_list_of_names_is_named_by_line(tmp_path: Path, cell: str) -> None:
    path = table(tmp_path, f"image,atributes,categories\na,[],['x']\nb,[],{cell}\n")
    with pytest.raises(ConfigError, match="line 3: categories must be a list"):
        read_class_table(path)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    rows = [LabelledImage("a.jpg", "Bowen's disease", "p1"), LabelledImage("b.jpg", "x, y", "p2")]
    write_class_table(tmp_path / "w.csv", rows)
    assert read_class_table(tmp_path / "w.csv").rows == tuple(rows)


def test_the_published_files_are_read(corpus: Path) -> None:
    files = sorted((corpus / "mmskin" / "classification").glob("*.csv"))
    found = {path.stem: read_class_table(path) for path in files}
    assert len(found["HAM10000_test"].classes) == 7
    assert len(found["BCN20000_test"].classes) == 12
    assert found["MSKCC_test"].skipped == 3
