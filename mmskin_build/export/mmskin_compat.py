"""Files that drop into the published MM-Skin evaluator: test CSV, caption CSV, image folder."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from mmskin_build.export.entries import Entry, Library
from mmskin_build.export.pictures import Pictures
from mmskin_build.records import Split


def write_compat(library: Library, pictures: Pictures, folder: Path) -> int:
    """Write the test split for the published scripts; return the number of questions."""
    entries = [
        e for e in library.of_split(Split.TEST) if e.permit.images and e.permit.text and e.visual_qa
    ]
    for entry in entries:
        pictures.png(entry, folder / image_name(entry))
    questions = [
        (image_name(e), q.question, q.answer)
        for e in entries
        for q in e.visual_qa
        if any(c.isalnum() for c in q.answer)  # the rouge package fails on an empty answer
    ]
    captions = [(image_name(e), e.modality.label, e.caption) for e in entries]
    folder.mkdir(parents=True, exist_ok=True)
    _write_csv(folder / "MM-Skin_test.csv", ("image", "question", "answer"), questions)
    _write_csv(folder / "caption.csv", ("image", "modality", "caption"), captions)
    return len(questions)


def image_name(entry: Entry) -> str:
    """Return ``dataset/bk{book}_{page}_{figure}[_panel].png``, as MM-Skin names its files."""
    panel = f"_{entry.pair.panel.lower()}" if entry.pair.panel else ""
    number = f"{entry.pair.page}_{entry.number_on_page}{panel}"
    return f"dataset/bk{entry.book_number}_{number}.png"


def _write_csv(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
