"""Audit anybody's file of visual questions: counted defects, repeats, balance and leaks.

Reads CSV, parquet, LLaVA JSON, or a folder of them whose file names begin with their split. The
pictures may stand in the parquet file, in a folder of their own, or be absent.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmskin_build.errors import SourceError
from mmskin_build.vqa.audit_pictures import PictureShelf
from mmskin_build.vqa.defects import FAMILY_NAMES, RULES, family_of

ABOUT = {
    "H1": "answer: hard to tell",
    "H2": "answer: cannot be determined",
    "H3": "answer: not stated, no information given",
    "H4": "answer: unfortunately …",
    "H5": "answer: not from the image alone",
    "H6": "answer: sorry, as an AI",
    "H7": "answer: unclear",
    "P1": "question speaks of the caption",
    "P2": "answer speaks of the caption",
    "P3": "question: in this context, the term, mentioned",
    "P4": "answer: mentioned, the text provided",
    "P5": "the generator's instructions",
    "G1": "question about treatment",
    "G2": "question about frequency, risk, course, prevention",
    "G3": "question about causes or symptoms in general",
    "G4": "question: what is X",
    "C1": "question is chit-chat",
    "C2": "answer is chit-chat",
    "C3": "question: any other …? (not counted in 'any')",
    "M1": "answer gives a size in mm, cm, microns",
    "M2": "answer: see a doctor (not counted in 'any')",
    "U1": "question about age, history, duration",
}
"""What each rule finds, in words."""

SUFFIXES = (".csv", ".parquet", ".json")
_SPLIT = re.compile(r"(?:^|[^a-z])(train|validation|val|dev|test)(?:[^a-z]|$)", re.I)
_PANEL = re.compile(r"[_-](?:[a-z]|panel\d+)$", re.I)
_IMAGE_TOKEN = re.compile(r"\s*<image>\s*")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One question and answer of a file under audit."""

    image: str
    question: str
    answer: str
    split: str = ""
    digest: str = ""  # of the picture's bytes, when the file holds them


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many rows break a rule, or any rule of a family."""

    name: str
    rows: int
    share: float  # of all rows, 0 to 1


@dataclass(frozen=True, slots=True)
class Leak:
    """One picture, two copies of it, or two panels of one figure, in more than one split."""

    kind: str  # 'image', 'bytes', 'copy' or 'panels'
    name: str
    splits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Attributes:
        rows: number of rows read.
        images: number of distinct pictures.
        rules: counts by rule, in table order.
        families: counts by family, then 'any'.
        yes: answers that begin with yes.
        no: answers that begin with no.
        repeated: surplus rows whose question and answer stand elsewhere as well.
        distinct_questions: number of different questions.
        per_image: number of pictures by their number of rows.
        splits: rows by split; empty when the file names none.
        leaks: pictures in several splits.
        copies: groups of pictures of other bytes that show the same photograph.
    """

    rows: int
    images: int
    rules: tuple[RuleCount, ...]
    families: tuple[RuleCount, ...]
    yes: int
    no: int
    repeated: int
    distinct_questions: int
    per_image: dict[int, int]
    splits: dict[str, int]
    leaks: tuple[Leak, ...]
    copies: int = 0

    @property
    def yes_share(self) -> float:
        """Share of yes among answers that begin with yes or no; 0 when there are none."""
        return self.yes / (self.yes + self.no) if self.yes + self.no else 0.0


def audit(rows: Iterable[AuditRow], copies: Mapping[str, str] | None = None) -> Audit:
    """Count the defects of some rows and look for pictures shared by splits.

    Args:
        rows: of all splits together.
        copies: group of each picture that others show as well, by digest.
    """
    copies = copies or {}
    table = list(rows)
    hits = {
        rule.name: {i for i, r in enumerate(table) if rule.hits(r.question, r.answer)}
        for rule in RULES
    }
    rules = tuple(_count(name, len(found), len(table)) for name, found in hits.items())
    unions = {
        letter: set[int]().union(*(hits[r.name] for r in RULES if family_of(r) == letter))
        for letter in FAMILY_NAMES
    }
    families = [_count(FAMILY_NAMES[k], len(v), len(table)) for k, v in unions.items()]
    families.append(_count("any", len(set[int]().union(*unions.values())), len(table)))
    pairs = Counter((r.question.strip().lower(), r.answer.strip().lower()) for r in table)
    per_image = Counter(r.image for r in table if r.image)
    return Audit(
        rows=len(table),
        images=len(per_image),
        rules=rules,
        families=tuple(families),
        yes=sum(r.answer.lower().startswith("yes") for r in table),
        no=sum(r.answer.lower().startswith("no") for r in table),
        repeated=sum(count - 1 for count in pairs.values()),
        distinct_questions=len({question for question, _ in pairs}),
        per_image=dict(sorted(Counter(per_image.values()).items())),
        splits=dict(sorted(Counter(r.split for r in table if r.split).items())),
        leaks=tuple(_leaks(table, copies)),
        copies=len({copies[r.digest] for r in table if r.digest in copies}),
    )


def _count(name: str, rows: int, total: int) -> RuleCount:
    return RuleCount(name, rows, rows / total if total else 0.0)


def _leaks(table: list[AuditRow], copies: Mapping[str, str]) -> Iterator[Leak]:
    """Yield pictures, picture bytes, copies and figures of several panels that splits share."""
    for kind in ("image", "bytes", "copy", "panels"):
        homes: dict[str, set[str]] = defaultdict(set)
        for row in table:
            name = copies.get(row.digest, "") if kind == "copy" else _identity(row, kind)
            if row.split and name:
                homes[name].add(row.split)
        for name, splits in sorted(homes.items()):
            if len(splits) > 1:
                yield Leak(kind, name, tuple(sorted(splits)))


def _identity(row: AuditRow, kind: str) -> str:
    if kind == "image":
        return row.image
    if kind == "bytes":
        return row.digest
    stem = Path(row.image).with_suffix("").as_posix() if row.image else ""
    figure = _PANEL.sub("", stem)
    return figure if figure != stem else ""


def read_rows(path: Path, shelf: PictureShelf | None = None) -> list[AuditRow]:
    """Read a file, or all files of a folder; ``shelf`` finds the pictures.

    Raises:
        SourceError: nothing readable there, or no question and answer in it.
    """
    shelf = shelf or PictureShelf()
    if (path / "SHA256SUMS").is_file() and (path / "vqa").is_dir():
        path /= "vqa"  # the other folders of a release hold the same rows again
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES)
        rows = [row for file in files if _has_questions(file) for row in read_rows(file, shelf)]
        if not rows:
            raise SourceError(f"{path}: no file with questions and answers in this folder")
        return rows
    if not path.is_file():
        raise SourceError(f"{path}: no such file; give a CSV, parquet or LLaVA JSON file")
    if path.suffix not in SUFFIXES:
        raise SourceError(f"{path}: unknown kind of file; known are {', '.join(SUFFIXES)}")
    split = _SPLIT.search(path.stem)
    rows = list(_read_file(path, split.group(1).lower() if split else "", shelf))
    if not rows:
        raise SourceError(f"{path}: no row in it has a question and an answer")
    return rows


def _has_questions(path: Path) -> bool:
    try:
        return any(True for _ in _read_file(path, "", PictureShelf()))
    except SourceError:
        return False


def _read_file(path: Path, split: str, shelf: PictureShelf) -> Iterator[AuditRow]:
    try:
        if path.suffix == ".json":
            yield from _read_llava(path, split, shelf)
            return
        records = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
        for record in records:
            if "question" not in record or "answer" not in record:
                raise SourceError(f"{path}: needs the columns question and answer")
            # A public release has rows whose words stayed with the book.
            if record["question"] is not None and record["answer"] is not None:
                yield _row_of(path, record, split, shelf)
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: cannot be read as {path.suffix[1:]}: {error}") from error


def _read_csv(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def _read_parquet(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=512):
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path}: not a parquet file, or damaged: {error}") from error


def _row_of(path: Path, record: dict[str, Any], split: str, shelf: PictureShelf) -> AuditRow:
    image, digest = record.get("image") or record.get("pair_id") or "", ""
    if isinstance(image, dict):
        content = image.get("bytes")
        digest = shelf.digest_of_bytes(content) if content else ""
        image = image.get("path") or digest
    digest = digest or shelf.digest_of_file(str(image), path.parent)
    own = str(record.get("split") or split)
    return AuditRow(str(image), str(record["question"]), str(record["answer"]), own, digest)


def _read_llava(path: Path, split: str, shelf: PictureShelf) -> Iterator[AuditRow]:
    items = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(items, list):
        raise SourceError(f"{path}: a LLaVA file is a list of items with 'conversations'")
    for item in items:
        turns = item.get("conversations") if isinstance(item, dict) else None
        if not isinstance(turns, list):
            raise SourceError(f"{path}: an item has no 'conversations'")
        image = str(item.get("image", ""))
        digest = shelf.digest_of_file(image, path.parent)
        for asked, told in zip(turns[::2], turns[1::2], strict=False):
            question = _IMAGE_TOKEN.sub(" ", str(asked.get("value", ""))).strip()
            answer = str(told.get("value", ""))
            yield AuditRow(image, question, answer, split, digest)
