"""Training and test rows: from a release (parquet) or from any LLaVA JSON and its image folder.

Every image is opened and decoded before the first step, and known by the digest of its bytes,
so that one picture under two names cannot sit in training and test.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmskin_build.errors import ConfigError, LeakageError, SourceError
from mmskin_build.train.image_bank import ImageBank

IMAGE_MARK = "<image>"
_BATCH_ROWS = 64
_META = ("kind", "modality", "template_id", "source_id", "pair_id", "group_id")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Example:
    """One conversation about one image; ``image`` is its digest, '' for a text-only row."""

    example_id: str
    image: str
    turns: tuple[Turn, ...]
    kind: str = ""
    modality: str = ""
    template_id: str = ""
    source_id: str = ""
    pair_id: str = ""
    group_id: str = ""

    @property
    def question(self) -> str:
        """Return the first question."""
        return self.turns[0].question

    @property
    def answer(self) -> str:
        """Return the first answer."""
        return self.turns[0].answer


def newest_release(folder: Path) -> Path:
    """Return the only, or most recently written, release below ``folder``.

    Raises:
        ConfigError: there is none.
    """
    found = [path for path in sorted(folder.glob("*")) if (path / "vqa").is_dir()]
    if not found:
        raise ConfigError(
            f"{folder}: no release with a vqa/ folder; run `make build-dataset` first "
            "or name one with --release"
        )
    return max(found, key=lambda path: path.stat().st_mtime)


def load_release(folder: Path, split: str, bank: ImageBank) -> list[Example]:
    """Return the question-answer rows of one split of a release; its images go to the bank.

    Raises:
        SourceError: no such split, a missing column, an image that cannot be opened.
    """
    files = sorted((folder / "vqa").glob(f"{split}-*.parquet"))
    if not files:
        raise SourceError(f"{folder / 'vqa'}: no {split}-*.parquet; is {folder} a release folder?")
    examples = [
        Example(
            example_id=str(row["qa_id"]),
            image=bank.add_bytes(row["image"], f"{file.name} row {row['qa_id']}"),
            turns=(Turn(row["question"], row["answer"]),),
            **{name: str(row.get(name) or "") for name in _META},
        )
        for file in files
        for row in _rows(file)
    ]
    bank.verify()
    return examples


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as parquet:
        present = set(parquet.schema_arrow.names)
        missing = {"image", "question", "answer", "qa_id"} - present
        if missing:
            names = ", ".join(sorted(missing))
            raise SourceError(f"{file}: columns missing: {names}; is it a release of pointers?")
        wanted = [n for n in ("image", "question", "answer", "qa_id", *_META) if n in present]
        for batch in parquet.iter_batches(batch_size=_BATCH_ROWS, columns=wanted):
            yield from batch.to_pylist()


def load_llava_json(path: Path, image_root: Path | None, bank: ImageBank) -> list[Example]:
    """Return the conversations of a LLaVA JSON list; images are found below ``image_root``.

    Without an image root they are looked for beside the file, then one folder higher, as a
    release has them.

    Raises:
        SourceError: not a LLaVA list, a broken conversation, a missing or broken image.
    """
    try:
        items = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: not readable as JSON: {error}") from None
    if not isinstance(items, list):
        raise SourceError(f"{path}: expected a list of conversations")
    root = image_root or _image_root(path, items)
    examples = []
    taken: set[str] = set()
    for number, item in enumerate(items):
        where = f"{path.name} item {number}"
        name = str(item.get("id", number))
        name = f"{name}#{number}" if name in taken else name  # ids are only conventional there
        taken.add(name)
        image = bank.add_file(root / item["image"], where) if item.get("image") else ""
        meta = {name: str(item.get(name) or "") for name in _META}
        examples.append(Example(name, image, _turns(item, where), **meta))
    bank.verify()
    return examples


def _image_root(path: Path, items: list[dict[str, Any]]) -> Path:
    first = next((str(item["image"]) for item in items if item.get("image")), "")
    beside, above = path.parent, path.parent.parent
    return above if not (beside / first).exists() and (above / first).exists() else beside


def _turns(item: dict[str, Any], where: str) -> tuple[Turn, ...]:
    messages = item.get("conversations") or []
    speakers = [message.get("from") for message in messages]
    if not messages or speakers != ["human", "gpt"] * (len(messages) // 2):
        raise SourceError(f"{where}: conversations must alternate human, gpt and end with gpt")
    texts = [re.sub(rf"\s*{IMAGE_MARK}\s*", " ", message["value"]).strip() for message in messages]
    return tuple(Turn(q, a) for q, a in zip(texts[::2], texts[1::2], strict=True))


def data_digest(examples: Iterable[Example]) -> str:
    """Return a SHA-256 over ids, image digests and conversations, in order."""
    digest = hashlib.sha256()
    for example in examples:
        row = (example.example_id, example.image, [(t.question, t.answer) for t in example.turns])
        digest.update(json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def refuse_leakage(
    groups: set[str], images: set[str], held_out: Iterable[Example], split: str
) -> None:
    """Raise LeakageError when a held-out row shares a group or a picture with training.

    Args:
        groups: group ids that were trained on.
        images: image digests that were trained on.
        held_out: rows of another split.
        split: the name of that split, for the message.
    """
    rows = list(held_out)
    shared = sorted({r.group_id for r in rows if r.group_id and r.group_id in groups})
    if shared:
        raise LeakageError(
            f"{len(shared)} group(s) of the {split} split are in the training rows "
            f"(first: {', '.join(shared[:5])}); rebuild the splits with `make vqa`"
        )
    twice = [r.example_id for r in rows if r.image and r.image in images]
    if twice:
        raise LeakageError(
            f"{len(twice)} row(s) of the {split} split show a picture that is in the training "
            f"rows (first: {', '.join(twice[:5])}); rebuild the splits with `make vqa`"
        )
