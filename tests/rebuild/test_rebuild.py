"""A public release gives nothing away, and who owns the books makes its rows again."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tiny_books import CAPTIONS, publish, stages

WORDS = 4  # so many words in a row are a quotation
Row = dict[str, object]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a public release of the books was built."""
    folder = tmp_path_factory.mktemp("publisher")
    publish(folder)
    return folder


@pytest.fixture(scope="module")
def release(workshop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release alone, as downloaded."""
    place = tmp_path_factory.mktemp("downloads") / "tiny"
    shutil.copytree(workshop / "build" / "release" / "tiny", place)
    return place


@pytest.fixture(scope="module")
def shelf(workshop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The owner's copies of the books, under other names."""
    folder = tmp_path_factory.mktemp("shelf")
    shutil.copy(workshop / "books" / "closed.pdf", folder / "bought 2019.pdf")
    (folder / "deep").mkdir()
    shutil.copy(workshop / "books" / "open.pdf", folder / "deep" / "other.PDF")
    shutil.copy(workshop / "books" / "scanned.pdf", folder / "deep" / "from the scanner.pdf")
    return folder


def table(release: Path, name: str) -> list[Row]:
    files = sorted((release / name).glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "ignore")
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def quotations(name: str) -> set[str]:
    words = [plain(caption).split() for caption in CAPTIONS[name]]
    return {" ".join(w[i : i + WORDS]) for w in words for i in range(len(w) - WORDS + 1)}


def every_text(release: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(release.rglob("*")):
        if path.suffix == ".parquet":
            texts = (t for row in pq.read_table(path).to_pylist() for t in strings(row))
            yield path.name, plain(" | ".join(texts))
        elif path.is_file():
            yield path.name, plain(path.read_bytes().decode("utf-8", "ignore"))


def stored_pictures(workshop: Path, source_id: str) -> list[bytes]:
    pairs = pq.read_table(workshop / "build/tables/pairs.parquet").to_pylist()
    digests = {p["image_digest"] for p in pairs if p["source_id"] == source_id}
    files = [p for p in (workshop / "build/images").rglob("*") if p.stem in digests]
    assert len(files) == len(digests) == 4
    return [p.read_bytes() for p in files]


def test_no_sentence_of_a_closed_book_is_in_its_public_release(release: Path) -> None:
    found = {name for name, text in every_text(release) for q in quotations("closed") if q in text}
    assert found == set()
    # the same search finds the book that may be published, in tables and in plain files
    told = {name for name, text in every_text(release) for q in quotations("open") if q in text}
    assert {"captions_train.json", "train-00000-of-00001.parquet"} <= told


def test_no_picture_of_a_closed_book_is_in_its_public_release(
    release: Path, workshop: Path
) -> None:
    content = [p.read_bytes() for p in release.rglob("*") if p.is_file()]
    for name in ("captions", "vqa", "vqa_text", "vqa_other", "demographics"):
        for row in table(release, name):
            image = row["image"]
            assert (image is None) == (row["source_id"] == "closed")
            content += [image["bytes"]] if isinstance(image, dict) else []
    assert not [p for p in stored_pictures(workshop, "closed") if any(p in c for c in content)]
    assert all(any(p in c for c in content) for p in stored_pictures(workshop, "open"))


def test_an_outsider_cannot_try_answers_on_the_digests(release: Path, workshop: Path) -> None:
    import hashlib
    import hmac

    with (release / "sources.csv").open(encoding="utf-8", newline="") as file:
        published = [value for row in csv.DictReader(file) for value in row.values()]
    private = table(workshop_private(workshop), "vqa")
    assert private
    for row in private:
        for message in (("text", row["question"], row["answer"]), (row["question"], row["answer"])):
            text = repr(message).encode()
            guesses = {hashlib.sha256(text).hexdigest()[:32]} | {
                hmac.new(key.encode(), text, hashlib.sha256).hexdigest()[:32] for key in published
            }
            assert row["text_digest"] not in guesses


def workshop_private(workshop: Path) -> Path:
    """The makers' own rows, with words."""
    target = workshop / "build/release/private"
    if not target.exists():
        config = workshop / "private.yaml"
        text = (workshop / "public.yaml").read_text().replace("tiny", "private")
        config.write_text(text.replace("release: public", "release: private"))
        done = stages(
            "build", "--sources", workshop / "sources.csv", "--build-dir", workshop / "build",
            "--config", config, "--workers", "1",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return target


def test_the_owner_of_the_books_makes_every_row_again(
    release: Path, shelf: Path, workshop: Path, tmp_path: Path
) -> None:
    done = stages(
        "rebuild", "--pointers", release, "--pdfs", shelf, "-o", tmp_path, "--workers", "1"
    )
    assert done.returncode == 0, done.stderr
    rebuilt = tmp_path / "release" / "tiny"
    for name in ("captions", "vqa", "vqa_text", "vqa_other", "demographics"):
        made, wanted = table(rebuilt, name), table(workshop_private(workshop), name)
        assert made == wanted and (wanted or name == "vqa_other")
        if name == "captions":
            assert [r["caption"] for r in made if r["source_id"] == "scanned"]
    outcome = json.loads((tmp_path / "outcome.json").read_text())
    assert outcome["equal"] == outcome["rows"] > 20


def test_a_book_that_is_another_edition_is_named_with_the_wanted_checksum(
    release: Path, shelf: Path, tmp_path: Path
) -> None:
    (tmp_path / "pdfs").mkdir()
    shutil.copy(shelf / "deep" / "other.PDF", tmp_path / "pdfs")
    stamped = (shelf / "bought 2019.pdf").read_bytes() + b"% licensed to somebody\n"
    (tmp_path / "pdfs" / "closed.pdf").write_bytes(stamped)
    out = tmp_path / "out"
    done = stages(
        "rebuild", "--pointers", release, "--pdfs", tmp_path / "pdfs", "-o", out, "--workers", "1"
    )
    assert done.returncode == 3
    with (release / "sources.csv").open(encoding="utf-8", newline="") as file:
        wanted = next(r["sha256"] for r in csv.DictReader(file) if r["source_id"] == "closed")
    assert f"no file with sha256 {wanted}" in done.stderr and "another edition" in done.stderr
    outcome = json.loads((out / "outcome.json").read_text())
    assert {t["equal"] == t["rows"] for t in outcome["tables"] if t["table"] == "captions"} == {
        False, True,
    }  # fmt: skip
    assert "the book is not here" in outcome["reasons"]
