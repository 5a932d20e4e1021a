"""sources.csv lets an owner recognise the books of a release."""

from __future__ import annotations

import csv
from pathlib import Path

from mmskin_build.export.settings import Audience, ExportSettings
from mmskin_build.memory_context import MemoryContext
from stages.export import STAGE
from tests.export.tiny_build import SOURCES, fill


def test_a_public_release_names_its_books_by_checksum_and_no_path(tmp_path: Path) -> None:
    context = MemoryContext(tmp_path, SOURCES)
    fill(context)
    context.run(STAGE, ExportSettings(name="tiny", release=Audience.PUBLIC))
    path = context.output_dir / "tiny" / "sources.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["source_id"]: row for row in csv.DictReader(file)}
    assert {name: row["sha256"] for name, row in rows.items()} == {
        s.source_id: s.sha256 for s in SOURCES
    }
    assert rows["closed"]["redistribute"] == "none"
    assert ".pdf" not in path.read_text(encoding="utf-8")
    assert "sources.csv" in (path.parent / "SHA256SUMS").read_text(encoding="utf-8")
