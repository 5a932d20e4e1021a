"""docs/data-format.md keeps up with the tables and the release."""

from __future__ import annotations

import dataclasses
import re

import pytest
from repository import ROOT

from mmskin_build import records
from mmskin_build.export.decisions import Decision
from mmskin_build.export.rows import ROW_TYPES, ReleaseRow
from mmskin_build.records import Record

DOC = (ROOT / "docs" / "data-format.md").read_text(encoding="utf-8")
TABLES = [
    kind
    for kind in vars(records).values()
    if isinstance(kind, type)
    and issubclass(kind, Record)
    and kind.table
    and kind.table != "rejects"
]


def section(title: str) -> str:
    found = re.search(rf"^##+ [^\n]*`{title}`[^\n]*\n(.*?)(?=^#|\Z)", DOC, re.MULTILINE | re.DOTALL)
    assert found, f"docs/data-format.md has no section on `{title}`"
    return found[1]


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.table)
def test_every_column_of_a_table_is_explained(kind: type[Record]) -> None:
    text = section(kind.table)
    if kind.table == "embedded_lines":
        text += section("text_lines")
    missing = [f.name for f in dataclasses.fields(kind) if f"| `{f.name}` |" not in text]
    assert missing == []


@pytest.mark.parametrize("kind", ROW_TYPES, ids=lambda kind: kind.config)
def test_every_column_of_a_release_is_explained(kind: type[ReleaseRow]) -> None:
    text = DOC.split("# The release")[1]
    missing = [f.name for f in dataclasses.fields(kind) if f"| `{f.name}` |" not in text]
    assert missing == [] and f"`{kind.config}`" in text


def test_every_column_of_the_decisions_is_explained() -> None:
    text = section("decisions.csv")
    assert [f.name for f in dataclasses.fields(Decision) if f"| `{f.name}` |" not in text] == []
