"""One split over several public sets, and with a release, for models trained on all of them.

Sets share pictures (ISIC 2019 holds most of HAM10000 and BCN20000), so that splits drawn set by
set would train on one set's copy of another's test picture.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmskin_build.duplicates.components import group_of
from mmskin_build.errors import SourceError
from mmskin_build.evaluate.class_tables import LabelledImage, write_class_table
from mmskin_build.public_sets.prepare import (
    PUBLIC_SETS,
    SPLITS,
    TEST_SHARE,
    conversation,
    drawn_split,
    read_set,
)
from mmskin_build.public_sets.records import OFFICIAL_TEST, PublicImage

PUB, PUB_MM = "SkinVL-Pub", "SkinVL-PubMM"
_RELEASE_SPLITS = {"train": "train", "val": "validation", "test": "test"}
Progress = Callable[[int, int], None]  # pictures read, in all


@dataclass(frozen=True, slots=True)
class Member:
    """A picture of a public set, or a conversation of a release.

    Attributes:
        owner: name of the set, or 'release'.
        group: what keeps it together with others of the same owner.
        keys: digests and archive numbers; two members that share one show the same picture.
        fixed: the split it cannot leave; '' when it may be drawn.
        row: what is written of it.
    """

    owner: str
    group: str
    keys: tuple[str, ...]
    fixed: str
    row: PublicImage | Mapping[str, Any]


@dataclass(slots=True)
class Combined:
    """What was written.

    Attributes:
        counts: conversations per file and split.
        shared: pictures that several sets show, as 'set:path'.
        left_out: release conversations whose picture must be in another split.
    """

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    shared: int = 0
    left_out: int = 0
    missing: list[str] = field(default_factory=list)


def combine_sets(root: Path, output: Path, release: Path | None, progress: Progress) -> Combined:
    """Write tables of each set below ``root`` and conversations of all of them together.

    Args:
        root: holds a folder per set, named as the set; sets without a folder are left out.
        output: gets ``<SET>_<split>.csv``, ``SkinVL-Pub_<split>.json`` and, with a release,
            ``SkinVL-PubMM_<split>.json``.
        release: a private release with ``llava/`` and ``images/``.
        progress: is told of each picture read.

    Raises:
        SourceError: no set below ``root``, a set's file is missing, a release without pictures.
    """
    folders = {name: root / name for name in PUBLIC_SETS if (root / name).is_dir()}
    if not folders:
        raise SourceError(f"{root}: expected a folder per set: {', '.join(PUBLIC_SETS)}")
    found = Combined(missing=[name for name in PUBLIC_SETS if name not in folders])
    members = _set_members(folders, progress)
    members += _release_members(release, root) if release else []
    splits = assign(members)
    output.mkdir(parents=True, exist_ok=True)
    _write_tables(members, splits, output)
    found.shared = _write_shared(members, output / "overlaps.csv")
    kept = [i for i, m in enumerate(members) if m.owner != "release" or m.fixed == splits[i]]
    found.left_out = len(members) - len(kept)
    _write_left_out(members, splits, output / "left_out.csv")
    sets = [i for i in kept if members[i].owner != "release"]
    found.counts[PUB] = _write_talks(members, splits, sets, output / PUB)
    if release:
        found.counts[PUB_MM] = _write_talks(members, splits, kept, output / PUB_MM)
    return found


def assign(members: Sequence[Member]) -> list[str]:
    """Return the split of each member: one for all that are tied by group or picture.

    What holds a picture of an official test part, or of a release's test split, is test as a
    whole; then comes what holds validation rows of a release. The digest of the first name
    decides the others, so that new pictures move no old ones that they have nothing to do with.
    """
    first: dict[tuple[str, str], int] = {}
    links = []
    for index, member in enumerate(members):
        for key in ((member.owner, member.group), *(("picture", k) for k in member.keys)):
            links.append((first.setdefault(key, index), index))
    component = group_of(len(members), links)
    inside: dict[int, list[Member]] = {}
    for index, member in enumerate(members):
        inside.setdefault(component[index], []).append(member)
    tested = {m.owner for m in members if m.fixed == "test"}
    chosen = {name: _split_of(rows, tested) for name, rows in inside.items()}
    return [chosen[component[index]] for index in range(len(members))]


def _split_of(rows: Sequence[Member], tested: set[str]) -> str:
    fixed = {row.fixed for row in rows}
    for split in ("test", "val", "train"):
        if split in fixed:
            return split
    name = min(f"{row.owner}:{row.group}" for row in rows)
    # A set with a test part of its own gives no further pictures to the test split.
    drawn = any(row.owner not in tested for row in rows)
    return drawn_split(name, TEST_SHARE if drawn else 0.0)


def _set_members(folders: Mapping[str, Path], progress: Progress) -> list[Member]:
    listed = [
        (name, folder, row)
        for name, folder in folders.items()
        for row in read_set(PUBLIC_SETS[name], folder)
    ]
    members = []
    for number, (name, folder, row) in enumerate(listed, 1):
        content = hashlib.sha256((folder / row.image).read_bytes()).hexdigest()
        keys = (content, *([row.archive_id] if row.archive_id else []))
        fixed = "test" if row.official_split == OFFICIAL_TEST else ""
        members.append(Member(name, row.group, keys, fixed, row))
        progress(number, len(listed))
    return members


def _release_members(release: Path, root: Path) -> list[Member]:
    """Return a release's conversations, their image paths as seen from ``root``."""
    members = []
    digests: dict[str, str] = {}
    for split, name in _RELEASE_SPLITS.items():
        path = release / "llava" / f"{name}.json"
        try:
            items = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SourceError(
                f"{path}: expected a private release with LLaVA conversations: {error}"
            ) from None
        for item in items:
            picture = release / item["image"]
            if item["image"] not in digests:
                digests[item["image"]] = hashlib.sha256(picture.read_bytes()).hexdigest()
            place = Path(os.path.relpath(picture, root)).as_posix()
            row = {**item, "image": place}
            keys = (digests[item["image"]],)
            members.append(Member("release", str(item["group_id"]), keys, split, row))
    return members


def _write_tables(members: Sequence[Member], splits: Sequence[str], output: Path) -> None:
    for name in dict.fromkeys(m.owner for m in members if m.owner != "release"):
        for split in SPLITS:
            rows = [
                LabelledImage(f"{name}/{m.row.image}", m.row.label, m.group)
                for m, its in zip(members, splits, strict=True)
                if m.owner == name and its == split and isinstance(m.row, PublicImage)
                if m.row.label
            ]
            write_class_table(output / f"{name}_{split}.csv", rows)


def _write_talks(
    members: Sequence[Member], splits: Sequence[str], chosen: Sequence[int], stem: Path
) -> dict[str, int]:
    """Write the conversations of some members, split by split; return how many."""
    classes = _classes(members)
    counts = {}
    for split in SPLITS:
        items: list[Mapping[str, Any]] = []
        for index in chosen:
            member = members[index]
            if splits[index] != split:
                continue
            if not isinstance(member.row, PublicImage):
                items.append(member.row)
            elif member.row.label:
                public = PUBLIC_SETS[member.owner]
                items.append(conversation(public, member.row, classes[member.owner]))
        text = json.dumps(items, ensure_ascii=False, indent=1)
        stem.with_name(f"{stem.name}_{split}.json").write_text(text + "\n", encoding="utf-8")
        counts[split] = len(items)
    return counts


def _classes(members: Sequence[Member]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for member in members:
        if isinstance(member.row, PublicImage) and member.row.label:
            found.setdefault(member.owner, set()).add(member.row.label)
    return {name: PUBLIC_SETS[name].classes or tuple(sorted(c)) for name, c in found.items()}


def _write_shared(members: Sequence[Member], path: Path) -> int:
    """Write pictures that several owners show; return how many."""
    places: dict[str, set[str]] = {}
    for member in members:
        row = member.row
        name = row.image if isinstance(row, PublicImage) else str(row["image"])
        for key in member.keys:
            places.setdefault(key, set()).add(f"{member.owner}:{name}")
    shared = {
        tuple(sorted(names))
        for names in places.values()
        if len({name.partition(":")[0] for name in names}) > 1
    }
    _write_csv(path, ("picture", "also"), [(s[0], "; ".join(s[1:])) for s in sorted(shared)])
    return len(shared)


def _write_left_out(members: Sequence[Member], splits: Sequence[str], path: Path) -> None:
    rows = [
        (str(m.row["id"]), m.fixed, split)
        for m, split in zip(members, splits, strict=True)
        if not isinstance(m.row, PublicImage) and m.fixed != split
    ]
    _write_csv(path, ("id", "split", "its picture is in"), rows)


def _write_csv(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
