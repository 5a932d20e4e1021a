"""WebDataset: tar files of ``<key>.<picture>``, ``<key>.txt`` and ``<key>.json``."""

from __future__ import annotations

import io
import json
import re
import tarfile
from pathlib import Path

from mmskin_build.export.entries import Entry, Library
from mmskin_build.export.pictures import Pictures
from mmskin_build.records import Split

SHARD_BYTES = 400_000_000


def write_webdataset(library: Library, pictures: Pictures, folder: Path) -> None:
    """Write ``<split>-<number>.tar`` files; keys hold no dots, members no dates or owners."""
    folder.mkdir(parents=True, exist_ok=True)
    for split in Split:
        number, used = 0, 0
        tar = tarfile.open(folder / f"{split}-{number:06d}.tar", "w")  # noqa: SIM115
        for entry in library.of_split(split):
            if not (entry.permit.images and entry.permit.text):
                continue
            if used > SHARD_BYTES:
                tar.close()
                number, used = number + 1, 0
                tar = tarfile.open(folder / f"{split}-{number:06d}.tar", "w")  # noqa: SIM115
            used += _add(tar, entry, pictures)
        tar.close()


def key_of(pair_id: str) -> str:
    """Return a key without dots, which would begin the suffix, and another for each pair.

    Characters a key may not hold stand as ``_`` and their code ('a.b' is 'a_2e_b'), so that 'a.b'
    and 'a_b' do not become one sample.
    """
    return re.sub(r"[^A-Za-z0-9-]", lambda m: _spelt(m.group()), pair_id)


def _spelt(letter: str) -> str:
    return "__" if letter == "_" else f"_{ord(letter):x}_"


def _add(tar: tarfile.TarFile, entry: Entry, pictures: Pictures) -> int:
    key = key_of(entry.pair.pair_id)
    cell = pictures.cell(entry)
    about = {
        "pair_id": entry.pair.pair_id,
        "source_id": entry.pair.source_id,
        "license_id": entry.source.licence,
        "modality": entry.modality.label,
        "group_id": entry.group_id,
        "qa": [{"question": q.question, "answer": q.answer} for q in entry.visual_qa],
    }
    suffix = Path(cell.path).suffix
    members = (
        (f"{key}{suffix}", cell.bytes),
        (f"{key}.txt", entry.caption.encode("utf-8")),
        (f"{key}.json", json.dumps(about, ensure_ascii=False).encode("utf-8")),
    )
    for name, data in members:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return sum(len(data) for _, data in members)
