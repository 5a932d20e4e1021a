"""The report: one page that needs nothing else, and true to whatever tables there are."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mmskin_build.errors import ConfigError
from mmskin_build.images import ImageStore
from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import (
    CaptionText,
    Demographics,
    ImageCheck,
    ModalityLabel,
    Page,
    Pair,
    Qa,
    Record,
    Reject,
    SplitRow,
    Verdict,
)
from mmskin_build.report import write_report
from mmskin_build.report.facts import Facts
from mmskin_build.report.neighbours import nearest_across_splits
from mmskin_build.report.reason_texts import reason_texts
from mmskin_build.report.tables import BuildTables
from mmskin_build.tables import read_rows, write_rows
from tests.export.tiny_build import SOURCES, fill, made

TABLES: tuple[type[Record], ...] = (
    Pair, Verdict, ModalityLabel, CaptionText, Demographics, Qa, SplitRow, Page, ImageCheck,
)  # fmt: skip


@pytest.fixture
def build(tmp_path: Path) -> Path:
    context = MemoryContext(tmp_path, SOURCES)
    fill(context)
    for number, pair in enumerate(list(context.rows(Pair))):
        check = made(
            ImageCheck,
            source_id=pair.source_id,
            pair_id=pair.pair_id,
            image_digest=pair.image_digest,
            perceptual_hash=f"{number * 37:016x}",
            shape_hash=f"{number * 5:016x}",
        )
        context.add([check, made(Page, source_id=pair.source_id, page=pair.page)])
    (tmp_path / "tables").mkdir()
    for record in TABLES:
        write_rows(tmp_path / "tables" / f"{record.table}.parquet", record, context.rows(record))
    (tmp_path / "rejects").mkdir()
    rejects = [
        Reject("open", "open:p6:f1", "face", "score 0.8"),
        Reject("broken", "broken", "encrypted", "needs a <password>"),
    ]
    write_rows(tmp_path / "rejects" / "filter.parquet", Reject, rejects)
    part = tmp_path / "parts" / "align" / "open"
    part.mkdir(parents=True)
    receipt = {"stage": "align", "source_id": "open", "seconds": 75.5, "rows": {"pairs": 6}}
    (part / "receipt.json").write_text(json.dumps(receipt), encoding="utf-8")
    return tmp_path


def test_the_page_needs_nothing_else(build: Path) -> None:
    html = write_report(build).read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)=\"(?!data:image/jpeg;base64,|#)", html)
    assert "http://" not in html and "https://" not in html and "<script" not in html
    assert html.count("data:image/jpeg;base64,") >= 4


def test_the_funnel_counts_the_tables(build: Path) -> None:
    counts = {s.name: s.count for s in Facts(BuildTables(build)).funnel()}
    assert counts["pages read"] == 18
    assert counts["image–caption pairs"] == 18
    assert counts["kept"] == counts["placed in a split"] == 15
    assert counts["questions"] == 54


def test_books_splits_and_people(build: Path) -> None:
    facts = Facts(BuildTables(build))
    assert {r.name: r.total for r in facts.by_book()} == {"open": 5, "closed": 5, "words": 5}
    assert sum(r.total for r in facts.by_split()) == 15
    assert dict(facts.ages())["40–49"] == 15
    clinical = next(r for r in facts.sexes() if r.name == "clinical")
    assert clinical.counts == (0, 6, 0, 9)  # male, female, mixed, not stated
    assert facts.group_sizes() == [("1", 15)]


def test_reasons_come_with_their_documented_meaning(build: Path) -> None:
    html = write_report(build).read_text(encoding="utf-8")
    assert "open:p6:f1" in html
    assert reason_texts()["face"] in html.replace("&#39;", "'")
    assert "1 min 16 s" in html


def test_a_failed_book_is_named_and_its_text_escaped(build: Path) -> None:
    html = write_report(build).read_text(encoding="utf-8")
    assert "Failed books" in html
    assert "needs a &lt;password&gt;" in html and "<password>" not in html


def test_a_partial_build_still_gives_a_page(build: Path) -> None:
    for table in ("qa", "splits", "verdicts", "demographics", "image_checks", "modality_labels"):
        (build / "tables" / f"{table}.parquet").unlink()
    html = write_report(build).read_text(encoding="utf-8")
    assert "No kept pairs with pictures yet." in html


def test_a_lost_picture_leaves_its_example_out(build: Path) -> None:
    for path in (build / "images").rglob("*.*"):
        path.unlink()
    assert "data:image" not in write_report(build).read_text(encoding="utf-8")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing built there"):
        write_report(tmp_path)


def test_nearest_pictures_lie_in_different_splits_closest_first(build: Path) -> None:
    found = nearest_across_splits(Facts(BuildTables(build)), ImageStore(build / "images"))
    assert found and all(n.held_out_split in ("validation", "test") for n in found)
    assert [n.distance for n in found] == sorted(n.distance for n in found)
    assert all(n.correlation is not None and n.correlation < n.copy for n in found)  # noise


def test_the_same_build_gives_the_same_page(build: Path) -> None:
    first = write_report(build).read_bytes()
    assert write_report(build).read_bytes() == first


def test_of_a_large_library_few_pictures_and_no_packed_columns_are_read(
    build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for record in (Pair, Verdict, ModalityLabel, SplitRow, ImageCheck):
        file = build / "tables" / f"{record.table}.parquet"
        rows = list(read_rows(file, record))
        more = [replace(r, pair_id=f"{r.pair_id}-{n}") for n in range(200) for r in rows]
        write_rows(file, record, [*rows, *more])
    opened: list[str] = []
    columns: set[str] = set()
    read, frame = ImageStore.read, BuildTables._read

    def counted(self: ImageStore, digest: str) -> bytes:
        opened.append(digest)
        return read(self, digest)

    def listed(path: Path, wanted: tuple[str, ...]) -> object:
        columns.update(wanted)
        return frame(path, wanted)

    monkeypatch.setattr(ImageStore, "read", counted)
    monkeypatch.setattr(BuildTables, "_read", staticmethod(listed))
    write_report(build)
    assert 0 < len(opened) < 100
    assert "pair_id" in columns
    assert not columns & {"sketch", "local_features", "probabilities", "evidence"}
