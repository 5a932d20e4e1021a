"""What an adapter gives: pictures with a class and with what keeps related pictures together."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.errors import SourceError

OFFICIAL_TEST = "test"
OFFICIAL_TRAIN = "train"


@dataclass(frozen=True, slots=True)
class PublicImage:
    """One picture of a public set.

    Attributes:
        image: path below the set's folder, forward slashes.
        label: class name exactly as MM-Skin writes it; '' when the set has no such class.
        group: patient, else lesion, else case; the picture itself where nothing is known.
        official_split: 'train' or 'test' where the set itself has a split, else ''.
        archive_id: number in the ISIC archive, shared between sets; '' elsewhere.
    """

    image: str
    label: str
    group: str
    official_split: str = ""
    archive_id: str = ""


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A set MM-Skin uses.

    Attributes:
        name: as in MM-Skin's file names.
        reads: the official files expected below the root, for people.
        classes: MM-Skin's class names; empty where they come from the set's own files.
        read: yields the pictures found below a root folder.
    """

    name: str
    reads: str
    classes: tuple[str, ...]
    read: Callable[[Path], Iterator[PublicImage]]


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read an official CSV.

    Raises:
        SourceError: the file or a column is missing; says what was expected where.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise SourceError(
                    f"{path}: expected the columns {', '.join(columns)}; "
                    f"missing: {', '.join(missing)}"
                )
            return [{k: v or "" for k, v in row.items() if k} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: expected here, but not readable: {error}") from None


class ImageFiles:
    """Pictures below a folder by file name, wherever the download has put them."""

    def __init__(self, root: Path, suffixes: Iterable[str] = (".jpg", ".jpeg", ".png")) -> None:
        """Index the folder once.

        Raises:
            SourceError: no picture anywhere below ``root``.
        """
        self._root = root
        allowed = {s.lower() for s in suffixes}
        found = [p for p in sorted(root.rglob("*")) if p.suffix.lower() in allowed]
        self._paths = {p.name: p.relative_to(root).as_posix() for p in found}
        self._stems = {p.stem: p.relative_to(root).as_posix() for p in found}
        if not found:
            raise SourceError(f"{root}: no pictures ({', '.join(sorted(allowed))}) below it")

    def find(self, name: str) -> str:
        """Return the path of a picture by its name, with or without suffix; '' when absent."""
        return self._paths.get(name) or self._stems.get(name, "")
