"""COCO captions: one JSON file per split, with the licence of every image filled in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mmskin_build.export.entries import Library
from mmskin_build.export.pictures import Pictures
from mmskin_build.export.settings import ExportSettings
from mmskin_build.records import Split


def write_coco(
    library: Library, pictures: Pictures, folder: Path, settings: ExportSettings
) -> None:
    """Write ``captions_<split>.json``; file names are relative to ``llava/images``."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted({s.licence for s in library.sources})
    licences = {name: number for number, name in enumerate(names, 1)}
    for split in Split:
        content = _content(library, pictures, split, licences)
        content["info"] = {"description": settings.name, "version": settings.version}
        content["licenses"] = [{"id": n, "name": name, "url": ""} for name, n in licences.items()]
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (folder / f"captions_{split}.json").write_text(text + "\n", encoding="utf-8")


def _content(
    library: Library, pictures: Pictures, split: Split, licences: dict[str, int]
) -> dict[str, Any]:
    images, annotations = [], []
    entries = [e for e in library.of_split(split) if e.permit.images and e.permit.text]
    for number, entry in enumerate(entries, 1):
        images.append(
            {
                "id": number,
                "file_name": pictures.name(entry),
                "width": entry.pair.width_px,
                "height": entry.pair.height_px,
                "license": licences[entry.source.licence],
                "pair_id": entry.pair.pair_id,
            }
        )
        annotations.append({"id": number, "image_id": number, "caption": entry.caption})
    return {"images": images, "annotations": annotations}
