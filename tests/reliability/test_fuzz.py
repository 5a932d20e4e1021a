"""Inputs damaged at random end in rows, rejects or a clear error, never in a crash.

The seeds are fixed: a failure repeats. What was found became a fast test beside the code at fault.
"""

from __future__ import annotations

import csv
import json
import os
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import mutated
from outcomes import build, outcomes
from review_library import Library
from small_books import book

from mmskin_build.config import load_config, render_defaults
from mmskin_build.demographics.captions_csv import read_captions
from mmskin_build.errors import MmskinError
from mmskin_build.review.apply import Request, apply_file
from mmskin_build.review.decisions import read_ledger
from mmskin_build.runner.receipts import Receipt, read_receipt, write_receipt
from mmskin_build.sources import read_manifest
from mmskin_build.splits.lock import read_lock
from mmskin_build.vqa.audit import read_rows as read_questions
from stages.sections import SECTIONS

SEED = int(os.environ.get("FUZZ_SEED", "20261121"))  # another one: other damage
PDFS = 240
TEXTS = 600
LARGEST = 400_000  # bytes of a corpus file that is mutated

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def small_pdfs() -> list[bytes]:
    """Plain, compressed, encrypted and linked pages, so that changes hit structure and streams."""
    linked = book(3, pages=2)
    linked.set_toc([[1, "Chapter", 1], [2, "Section", 2]])
    locked = {"encryption": pymupdf.PDF_ENCRYPT_AES_128, "owner_pw": "o", "user_pw": ""}
    return [
        book(1, pages=2).tobytes(),
        book(2, pages=2).tobytes(deflate=True, use_objstms=1),
        linked.tobytes(clean=True, garbage=3),
        book(4, pages=1).tobytes(**locked),
    ]


def check_pdfs(originals: list[bytes], folder: Path, until: str) -> None:
    """Build over mutated files: every one has pages or a reason, and no stage raised."""
    rng = random.Random(SEED)
    books = folder / "books"
    books.mkdir()
    for number in range(PDFS):
        data = mutated(rng.choice(originals), rng)
        (books / f"m{number:04d}.pdf").write_bytes(data)
    done = build(folder / "build", "--pdfs", books, "--until", until)
    assert done.returncode == 0, done.stderr
    assert sorted(p.read_text() for p in (folder / "build").glob("logs/*")) == []
    assert "the worker process died" not in done.stderr
    found = outcomes(folder / "build")
    assert len(found) == PDFS
    assert [n for n, o in found.items() if not o.pages and not o.whole] == []


def test_mutated_small_pdfs(tmp_path: Path) -> None:
    check_pdfs(small_pdfs(), tmp_path, until="align")


def test_mutated_real_pdfs(corpus: Path, tmp_path: Path) -> None:
    files = sorted(corpus.glob("papers/*.pdf")) + sorted(corpus.glob("*/*.pdf"))
    originals = [f.read_bytes() for f in files if f.stat().st_size < LARGEST]
    check_pdfs(originals, tmp_path, until="extract")


def check_files(originals: Iterable[bytes], file: Path, read: Callable[[Path], object]) -> None:
    """Mutated files are read, or refused with an error that is meant for the user."""
    originals = list(originals)
    rng = random.Random(SEED)
    refused = 0
    for _ in range(TEXTS):
        file.write_bytes(mutated(rng.choice(originals), rng))
        try:
            read(file)
        except MmskinError as error:
            assert str(error)
            refused += 1
    assert refused


MANIFEST = (
    "source_id,title,edition,year,publisher,identifier,licence,redistribute,path,sha256,profile,"
    'notes\na1,"A, title",2,2020,P,978,CC-BY-4.0,images,a1.pdf,,,\nb2,B,1,2021,Q,979,'
    f"LicenseRef-publisher,none,b2.pdf,{'0' * 64},,note\n"
)
CAPTIONS = 'id,caption\n1,"A woman of 54, with a rash"\n2,Erythema\n3,"Line\nbreak"\n'
LOCK = "pair_id,group_id,split\np1,g1,train\np2,g1,train\np3,g2,test\n"


def test_mutated_manifests(tmp_path: Path) -> None:
    originals = [MANIFEST.encode(), MANIFEST.replace(",", ";").encode("utf-8-sig")]
    check_files(originals, tmp_path / "sources.csv", read_manifest)


def test_mutated_caption_files(tmp_path: Path) -> None:
    check_files([CAPTIONS.encode()], tmp_path / "captions.csv", read_captions)


def test_mutated_split_locks(tmp_path: Path) -> None:
    check_files([LOCK.encode()], tmp_path / "split-lock.csv", read_lock)


def test_mutated_review_files_and_ledgers(tmp_path: Path) -> None:
    library = Library(tmp_path)
    queue = library.queue()
    with queue.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for row in rows:
        row["label"], row["reviewer"] = "clinical", "Ada"
    with queue.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    text = queue.read_text(encoding="utf-8")
    manifests = tmp_path / "manifests"
    applied = apply_file(Request(queue, manifests, "Ada", "2026-01-31"), library.digests)
    assert applied.path is not None
    ledger = applied.path.read_bytes()

    def apply(file: Path) -> object:
        for old in (manifests / "reviews").iterdir():
            old.unlink()
        return apply_file(Request(file, manifests, "Ada", "2026-01-31"), library.digests)

    check_files([text.encode(), text.encode("utf-16")], queue, apply)
    check_files([ledger], manifests / "ledger.csv", lambda file: read_ledger([file]))


def test_mutated_question_files(tmp_path: Path) -> None:
    rows = {"image": ["a.png", "b.png"], "question": ["What?", "Where?"], "answer": ["A.", "B."]}
    table = pa.table(rows)
    pq.write_table(table, tmp_path / "some.parquet")
    turns = [{"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": "A."}]
    llava = json.dumps([{"id": "1", "image": "a.png", "conversations": turns}] * 3)
    packed = (tmp_path / "some.parquet").read_bytes()
    check_files([llava.encode()], tmp_path / "some.json", read_questions)
    check_files([packed], tmp_path / "some.parquet", read_questions)
    check_files([b"image,question,answer\na,b,c\n"], tmp_path / "some.csv", read_questions)


def test_mutated_receipts_are_not_believed(tmp_path: Path) -> None:
    write_receipt(tmp_path, Receipt("extract", "book", {"code": "1" * 64}, {"pages": 3}))
    file = tmp_path / "receipt.json"
    original, rng = file.read_bytes(), random.Random(SEED)
    told = read_receipt(tmp_path)
    for _ in range(TEXTS):
        file.write_bytes(mutated(original, rng))
        assert read_receipt(tmp_path) in (None, told)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = [(name, key) for name, cls in SECTIONS.items() for key in cls.__dataclass_fields__]


@settings(
    max_examples=TEXTS,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(st.sampled_from(KEYS), VALUES), min_size=1, max_size=4), st.booleans())
def test_settings_of_any_value(
    tmp_path: Path, chosen: list[tuple[tuple[str, str], object]], strange_key: bool
) -> None:
    import yaml

    content: dict[object, dict[object, object]] = {}
    for (section, key), value in chosen:
        content.setdefault(section, {})[key if not strange_key else str(value)] = value
    file = tmp_path / "some.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    try:
        assert set(load_config(file, SECTIONS)) == set(SECTIONS)
    except MmskinError as error:
        assert "some.yaml" in str(error)


def test_mutated_settings_files(tmp_path: Path) -> None:
    original = render_defaults(SECTIONS).encode()
    check_files([original], tmp_path / "some.yaml", lambda file: load_config(file, SECTIONS))
