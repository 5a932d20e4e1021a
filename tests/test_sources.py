from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mmskin_build.errors import ConfigError, SourceError
from mmskin_build.pdf.opening import DocumentProblem, open_document
from mmskin_build.records import Source
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.sources import ChecksumCache, discover, read_manifest, verify, write_manifest


@pytest.fixture
def sums(tmp_path: Path) -> ChecksumCache:
    return ChecksumCache(tmp_path / "sums.json")


def manifest(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sources.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_pdf_below_a_folder_is_a_source(tmp_path: Path, sums: ChecksumCache) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.PDF").write_bytes(b"2")
    (tmp_path / "deep" / "a.pdf").write_bytes(b"1")
    (tmp_path / "deep" / "b.pdf").write_bytes(b"3")
    found = discover(tmp_path, sums)
    assert [s.source_id.split("~")[0] for s in found] == ["b", "a", "b"]
    assert len({s.source_id for s in found}) == 3


def test_a_missing_or_empty_folder_is_an_error(tmp_path: Path, sums: ChecksumCache) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        discover(tmp_path / "none", sums)
    with pytest.raises(SourceError, match="no PDF file"):
        discover(tmp_path, sums)


@pytest.mark.timeout(20)
def test_pipes_devices_and_links_to_nowhere_are_told_and_not_read_for_ever(
    tmp_path: Path, sums: ChecksumCache
) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    for name, target in (("loop", "loop.pdf"), ("nowhere", "none"), ("endless", "/dev/zero")):
        (tmp_path / f"{name}.pdf").symlink_to(target)
    (tmp_path / "folder.pdf").mkdir()
    sources = verify(discover(tmp_path, sums), sums)
    assert [s.source_id for s in sources] == ["endless", "loop", "nowhere", "pipe"]
    for source in sources:
        with pytest.raises(DocumentProblem) as problem, open_document(source.path):
            pass
        assert problem.value.reason is RejectReason.FILE_MISSING
        assert f"{source.source_id}.pdf" in problem.value.detail


def test_a_manifest_survives_writing_and_reading(tmp_path: Path, sums: ChecksumCache) -> None:
    for name in ("a", 'say "a"', "line\nbreak", "line\u2028break", "back\rward", "a;b,c"):
        (tmp_path / f"{name}.pdf").write_bytes(name.encode())
    found = enumerate(discover(tmp_path, sums))
    sources = [replace(source, source_id=f"book-{number}") for number, source in found]
    write_manifest(tmp_path / "m.csv", sources)
    assert read_manifest(tmp_path / "m.csv") == sources


def test_a_changed_file_behind_a_checksum_is_refused(tmp_path: Path, sums: ChecksumCache) -> None:
    (tmp_path / "a.pdf").write_bytes(b"1")
    sources = discover(tmp_path, sums)
    assert verify(sources, sums) == sources
    (tmp_path / "a.pdf").write_bytes(b"22")
    with pytest.raises(SourceError, match=r"a\.pdf: is not the file 'a' was vouched for"):
        verify(sources, sums)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source_id,title\nx,y\n", "column 'path' is missing"),
        ("source_id,path\na b,x.pdf\n", "row 2: source_id 'a b'"),
        ("source_id,path\na,x\0.pdf\n", "row 2: holds zero bytes"),
        ('source_id,path\na,"' + 70_000 * "x\n", "closing quote missing"),
        ("source_id,path\na,\n", "row 2: path is empty"),
        ("source_id,path\na,x.pdf\na,y.pdf\n", "row 3: source_id 'a' already stands in row 2"),
        ("source_id,path,sha256\na,x.pdf,123\n", "row 2: sha256 '123'"),
        ("source_id,path,redistribute\na,x.pdf,all\n", "row 2: redistribute 'all'"),
    ],
)
def test_a_bad_cell_names_its_row(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_manifest(manifest(tmp_path, text))


def test_a_manifest_from_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = manifest(tmp_path, "\ufeffsource_id;path;notes\r\na;x.pdf;n\r\n;;\r\n")
    assert [s.source_id for s in read_manifest(path)] == ["a"]


def test_a_name_outside_unicode_gives_an_id_that_tables_can_hold(
    tmp_path: Path, sums: ChecksumCache
) -> None:
    names = [os.fsdecode(b"b\xff.pdf"), os.fsdecode(b"b\xfe.pdf")]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(b"%d" % number)
    found = discover(tmp_path, sums)
    assert len({s.source_id.encode("utf-8") for s in found}) == 2
    assert [s.title.encode("utf-8") for s in found] == ["b\ufffd".encode()] * 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source_id,path,title,year\na,x.pdf,Skin, an atlas,2001\n", "row 2: 5 cells, but the hea"),
        ("source_id,path,license\na,x.pdf,MIT\n", "column 'license'.*did you mean 'licence'"),
    ],
)
def test_cells_that_would_be_lost_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_manifest(manifest(tmp_path, text))


def test_a_column_of_the_user_s_own_is_left_alone(tmp_path: Path) -> None:
    path = manifest(tmp_path, "source_id,path,shelf\na,x.pdf,3\n")
    assert [s.source_id for s in read_manifest(path)] == ["a"]


def test_the_owner_key_comes_with_the_bytes_and_is_never_written_to_a_manifest(
    tmp_path: Path, sums: ChecksumCache
) -> None:
    for name, content in (("a", b"1"), ("b", b"1 "), ("c", b"1")):
        (tmp_path / f"{name}.pdf").write_bytes(content)
    a, b = (verify([s], sums)[0] for s in discover(tmp_path, sums)[:2])
    c = verify([Source("c", str(tmp_path / "c.pdf"), "")], sums)[0]
    assert a.owner_key == c.owner_key and len(a.owner_key) == 64
    assert len({a.owner_key, b.owner_key, a.sha256, b.sha256}) == 4
    write_manifest(tmp_path / "m.csv", [a])
    assert a.owner_key not in (tmp_path / "m.csv").read_text() + repr(a)


def test_the_owner_key_is_still_known_when_the_file_is_away(
    tmp_path: Path, sums: ChecksumCache
) -> None:
    book = tmp_path / "a.pdf"
    book.write_bytes(b"1")
    (before,) = verify(discover(tmp_path, sums), sums)
    sums.save()
    book.unlink()
    again = ChecksumCache(tmp_path / "sums.json")
    assert verify([before], again)[0].owner_key == before.owner_key
    other = Source("a", str(book), "f" * 64)
    assert verify([other], again)[0].owner_key == ""  # another edition stood there
