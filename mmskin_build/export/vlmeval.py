"""VLMEvalKit: one TSV of the test split with base64 images."""

from __future__ import annotations

import base64
import csv
from pathlib import Path

from mmskin_build.export.entries import Library
from mmskin_build.export.pictures import Pictures
from mmskin_build.records import Split

COLUMNS = ("index", "image", "question", "answer", "category", "split")
REFERENCE_LENGTH = 64  # a cell no longer than this is read as the index of another row


def write_vlmeval(library: Library, pictures: Pictures, path: Path) -> None:
    """Write the questions of the test split that may be embedded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        index = 0
        for entry in library.of_split(Split.TEST):
            if not (entry.permit.images and entry.permit.text):
                continue
            image = base64.b64encode(pictures.cell(entry).bytes).decode("ascii")
            for qa in entry.visual_qa:
                category = f"{entry.modality.label}/{qa.kind}"
                writer.writerow((index, image, qa.question, qa.answer, category, "test"))
                # A later row of the same picture names the first: VLMEvalKit follows the index.
                image = image if len(image) <= REFERENCE_LENGTH else str(index)
                index += 1
