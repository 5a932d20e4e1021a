"""Label a folder of pictures without a book: modality, drawn marks and faces as one CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from mmskin_build.errors import SourceError
from mmskin_build.modality import image_voter
from mmskin_build.modality.fusion import Thresholds, fuse
from mmskin_build.modality.model import shipped_model
from mmskin_build.modality.settings import ModalitySettings
from mmskin_build.modality.source import IMAGE
from mmskin_build.modality.working_image import decode
from mmskin_build.records import ModalityVote
from mmskin_build.screening import ScreeningSettings, check_image

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".tif", ".tiff", ".webp", ".jp2", ".gif"}
)
MOST_PIXELS = 150_000_000  # beyond this a picture is taken for a decompression bomb
COLUMNS = (
    "path",
    "label",
    "p_clinical",
    "p_dermoscopy",
    "p_pathology",
    "p_other",
    "needs_review",
    "annotated",
    "annotated_score",
    "face",
    "face_score",
)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One row of the CSV; ``fault`` says why a picture could not be read."""

    path: str
    label: str = ""
    probabilities: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    needs_review: bool = True
    annotated: bool = False
    annotated_score: float = 0.0
    face: bool = False
    face_score: float = 0.0
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run over a folder came to."""

    images: int
    to_review: int
    faults: tuple[tuple[str, str], ...]  # path and reason of unreadable pictures


def find_images(folder: Path) -> list[Path]:
    """Return every picture file below a folder, sorted; raises SourceError when there is none."""
    if not folder.is_dir():
        what = "a file, not a folder" if folder.is_file() else "no such folder"
        raise SourceError(f"{folder}: {what}; give a folder of pictures")
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not found:
        raise SourceError(f"{folder}: no pictures ({', '.join(sorted(SUFFIXES))}) in this folder")
    return found


def label_images(
    folder: Path,
    output: Path,
    settings: ModalitySettings,
    screening: ScreeningSettings,
    progress: Progress,
) -> Summary:
    """Write one row per picture below ``folder``; an unreadable picture gets a row to review."""
    paths = find_images(folder)
    output.parent.mkdir(parents=True, exist_ok=True)
    part = output.with_name(f".{output.name}.part")
    faults, to_review = [], 0
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, path in enumerate(paths, start=1):
            row = label_image(path, path.relative_to(folder).as_posix(), settings, screening)
            writer.writerow(list(_cells(row)))
            to_review += row.needs_review
            if row.fault:
                faults.append((row.path, row.fault))
            progress(number, len(paths))
    part.replace(output)
    return Summary(len(paths), to_review, tuple(faults))


def label_image(
    path: Path, name: str, settings: ModalitySettings, screening: ScreeningSettings
) -> LabelledImage:
    """Return the row of one picture file."""
    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as header:
            pixels = header.width * header.height
    except (OSError, ValueError, Image.DecompressionBombError) as fault:
        return LabelledImage(name, fault=f"not a readable picture ({fault})".replace(str(path), ""))
    if pixels > MOST_PIXELS:
        return LabelledImage(name, fault=f"{pixels} pixels, more than {MOST_PIXELS}")
    image = decode(data)
    if image is None:
        return LabelledImage(name, fault="not a readable picture")
    model = shipped_model()
    said = image_voter.vote(image, model)
    vote = ModalityVote("", name, IMAGE, said.label, *said.probabilities, "", "", said.strangeness)
    fused = fuse({IMAGE: vote}, name, Thresholds(settings, model.floor(settings.error_rate)))
    marks = check_image(image)
    return LabelledImage(
        path=name,
        label=said.label,
        probabilities=fused.probabilities,
        needs_review=bool(fused.reason),
        annotated=marks.annotated_score >= screening.annotated_threshold,
        annotated_score=marks.annotated_score,
        face=marks.face_score >= screening.face_threshold,
        face_score=marks.face_score,
    )


def _cells(row: LabelledImage) -> Iterator[str]:
    yield row.path
    yield row.label
    yield from (f"{p:.4f}" for p in row.probabilities)
    yield str(int(row.needs_review))
    yield str(int(row.annotated))
    yield f"{row.annotated_score:.4f}"
    yield str(int(row.face))
    yield f"{row.face_score:.4f}"
