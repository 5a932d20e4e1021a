"""A learnable set made by the project: coloured marks, and questions only the picture answers."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageDraw

COLOURS = {"red": (200, 40, 40), "green": (40, 160, 60), "blue": (40, 70, 200)}
GROUNDS = {"light": (235, 225, 215), "dark": (60, 50, 45)}


def picture(colour: str, ground: str, rng: random.Random) -> bytes:
    image = Image.new("RGB", (72, 56), GROUNDS[ground])
    x, y, size = rng.randint(4, 30), rng.randint(2, 16), rng.randint(22, 36)
    draw = ImageDraw.Draw(image)
    draw.ellipse((x, y, x + size, y + size), fill=COLOURS[colour])
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def rows(count: int, split: str, seed: int) -> list[dict]:
    rng = random.Random(f"{split}-{seed}")
    out = []
    for number in range(count):
        colour, ground = rng.choice(sorted(COLOURS)), rng.choice(sorted(GROUNDS))
        content = picture(colour, ground, rng)
        other = rng.choice(sorted(COLOURS))
        pair = f"{split}-{number}"
        questions = [
            ("open", "colour", "What colour is the mark?", f"The mark is {colour}."),
            ("closed", "is", f"Is the mark {other}?", "Yes." if other == colour else "No."),
            ("choice", "ground", "Is the ground light or dark?", ground),
        ]
        out += [
            {
                "image": {"bytes": content, "path": f"{pair}.png"},
                "question": question,
                "answer": answer,
                "kind": kind,
                "modality": "clinical" if ground == "light" else "dermoscopy",
                "pair_id": pair,
                "qa_id": f"{pair}-{template}",
                "group_id": f"g-{pair}",
                "source_id": f"book{number % 2}",
                "split": split,
                "template_id": template,
            }
            for kind, template, question, answer in questions
        ]
    return out


def write_release(folder: Path, train: int = 40, validation: int = 6, test: int = 12) -> Path:
    (folder / "vqa").mkdir(parents=True)
    for split, count in (("train", train), ("validation", validation), ("test", test)):
        table = pa.Table.from_pylist(rows(count, split, seed=1))
        pq.write_table(table, folder / "vqa" / f"{split}-00000-of-00001.parquet")
    return folder
