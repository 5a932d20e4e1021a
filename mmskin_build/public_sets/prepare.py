"""From the pictures of a set to splits, tables, conversations, and overlaps between sets."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.errors import ConfigError, SourceError
from mmskin_build.evaluate.class_tables import LabelledImage, write_class_table
from mmskin_build.evaluate.zero_shot import class_question
from mmskin_build.public_sets.clinical_sets import CLINICAL_SETS
from mmskin_build.public_sets.isic_sets import ISIC_SETS
from mmskin_build.public_sets.records import OFFICIAL_TEST, PublicImage, PublicSet

PUBLIC_SETS: Mapping[str, PublicSet] = {s.name: s for s in (*ISIC_SETS, *CLINICAL_SETS)}
SPLITS = ("train", "val", "test")
TEST_SHARE, VALIDATION_SHARE = 0.15, 0.1


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was written for one set."""

    name: str
    counts: dict[str, int]
    unlabelled: int
    moved: int


def find_set(name: str) -> PublicSet:
    """Return a set by its name.

    Raises:
        ConfigError: no such set; lists them.
    """
    known = {key.lower(): item for key, item in PUBLIC_SETS.items()}
    if name.lower() not in known:
        raise ConfigError(f"no public set {name!r}; known: {', '.join(PUBLIC_SETS)}")
    return known[name.lower()]


def read_set(public: PublicSet, root: Path) -> list[PublicImage]:
    """Read a set as downloaded.

    Raises:
        SourceError: a file is missing or renamed; says what is expected where.
    """
    if not root.is_dir():
        raise SourceError(f"{root}: no such folder; {public.name} expects {public.reads}")
    rows = list(public.read(root))
    if not rows:
        raise SourceError(f"{root}: no listed picture was found; expected {public.reads}")
    return rows


def split_rows(rows: Sequence[PublicImage]) -> tuple[dict[str, list[PublicImage]], int]:
    """Return train, val and test rows, and how many rows left the official training part.

    The official test part is kept. A group with a picture in it goes there whole. Elsewhere the
    digest of the group's name decides, so that new pictures do not move old ones.
    """
    tested = {row.group for row in rows if row.official_split == OFFICIAL_TEST}
    parts: dict[str, list[PublicImage]] = {name: [] for name in SPLITS}
    moved = 0
    for row in rows:
        if row.group in tested:
            moved += row.official_split != OFFICIAL_TEST
            parts["test"].append(row)
        else:
            parts[drawn_split(row.group, 0.0 if tested else TEST_SHARE)].append(row)
    return parts, moved


def drawn_split(name: str, test_share: float) -> str:
    """Return the split that the digest of a group's name falls into."""
    draw = int(hashlib.sha256(name.encode()).hexdigest()[:12], 16) / 16**12
    if draw < test_share:
        return "test"
    return "val" if draw < test_share + VALIDATION_SHARE else "train"


def prepare_set(public: PublicSet, root: Path, output: Path) -> Prepared:
    """Write ``<NAME>_{train,val,test}.csv`` and LLaVA JSON of one set into ``output``."""
    rows = read_set(public, root)
    labelled = [row for row in rows if row.label]
    parts, moved = split_rows(labelled)
    counts = Counter(row.label for row in labelled)
    classes = public.classes or tuple(sorted(counts))
    output.mkdir(parents=True, exist_ok=True)
    for split, chosen in parts.items():
        table = [LabelledImage(f"{public.name}/{r.image}", r.label, r.group) for r in chosen]
        write_class_table(output / f"{public.name}_{split}.csv", table)
        items = [conversation(public, row, classes) for row in chosen]
        text = json.dumps(items, ensure_ascii=False, indent=1)
        (output / f"{public.name}_{split}.json").write_text(text + "\n", encoding="utf-8")
    sizes = {split: len(chosen) for split, chosen in parts.items()}
    return Prepared(public.name, sizes, len(rows) - len(labelled), moved)


def conversation(public: PublicSet, row: PublicImage, classes: Sequence[str]) -> dict[str, object]:
    """Return one LLaVA conversation that asks for the class."""
    question = class_question(classes) if public.classes else "What is the diagnosis?"
    return {
        "id": f"{public.name}-{Path(row.image).stem}",
        "image": f"{public.name}/{row.image}",
        "conversations": [
            {"from": "human", "value": f"<image>\n{question}"},
            {"from": "gpt", "value": row.label},
        ],
        "group_id": f"{public.name}-{row.group}",
        "source_id": public.name,
        "template_id": "public-class",
        "kind": "choice" if public.classes else "open",
    }


def overlaps(sets: Mapping[str, tuple[Path, Iterable[PublicImage]]]) -> list[tuple[str, ...]]:
    """Return pictures that several sets share, as tuples of ``set:path``.

    Two rows are the same picture when they have the same ISIC archive number or the same bytes.
    """
    owner: dict[str, int] = {}
    merged: list[set[str]] = []
    for name, (root, rows) in sorted(sets.items()):
        for row in rows:
            content = hashlib.sha256((root / row.image).read_bytes()).hexdigest()
            keys = [content, *([row.archive_id] if row.archive_id else [])]
            places = sorted({owner[key] for key in keys if key in owner}) or [len(merged)]
            if places[0] == len(merged):
                merged.append(set())
            for other in places[1:]:  # the row ties together what was apart so far
                merged[places[0]] |= merged[other]
                merged[other] = set()
                owner |= {key: places[0] for key, place in owner.items() if place == other}
            merged[places[0]].add(f"{name}:{row.image}")
            owner.update(dict.fromkeys(keys, places[0]))
    shared = [tuple(sorted(names)) for names in merged if len({_set(n) for n in names}) > 1]
    return sorted(shared)


def _set(name: str) -> str:
    return name.partition(":")[0]
