"""LLaVA conversations: a JSON list per split, images by relative path below the release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mmskin_build.export.entries import Entry, Library
from mmskin_build.export.pictures import Pictures
from mmskin_build.export.settings import ExportSettings
from mmskin_build.records import Qa, Split


def write_images(library: Library, pictures: Pictures, folder: Path) -> int:
    """Put every picture that may be embedded into ``folder``, once; return how many."""
    names = {pictures.link(e, folder) for e in library.entries if e.permit.images}
    return len(names)


def write_llava(
    library: Library, pictures: Pictures, folder: Path, settings: ExportSettings
) -> None:
    """Write ``<split>.json`` (and ``<split>_multi_turn.json``) of the questions on images."""
    folder.mkdir(parents=True, exist_ok=True)
    for split in Split:
        entries = [e for e in library.of_split(split) if e.permit.images and e.permit.text]
        single = [_item(e, q.qa_id, [q], pictures) for e in entries for q in e.visual_qa]
        _write(folder / f"{split}.json", single)
        if settings.multi_turn:
            talks = [
                _item(e, e.pair.pair_id, list(e.visual_qa), pictures)
                for e in entries
                if e.visual_qa
            ]
            _write(folder / f"{split}_multi_turn.json", talks)


def _item(entry: Entry, item_id: str, questions: list[Qa], pictures: Pictures) -> dict[str, Any]:
    turns = []
    for number, qa in enumerate(questions):
        question = f"<image>\n{qa.question}" if number == 0 else qa.question
        turns.append({"from": "human", "value": question})
        turns.append({"from": "gpt", "value": qa.answer})
    first = questions[0]
    return {
        "id": item_id,
        "image": f"images/{pictures.name(entry)}",
        "conversations": turns,
        "pair_id": entry.pair.pair_id,
        "group_id": entry.group_id,
        "source_id": entry.pair.source_id,
        "modality": entry.modality.label,
        "kind": first.kind if len(questions) == 1 else "talk",
        "template_id": first.template_id if len(questions) == 1 else "",
    }


def _write(path: Path, items: list[dict[str, Any]]) -> None:
    text = json.dumps(items, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
