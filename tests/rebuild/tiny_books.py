"""Small books (one scanned) and the command line: what an outsider sees, what an owner makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pymupdf
from pictures import photograph
from repository import ROOT

CAPTIONS = {
    "closed": (
        "Well-demarcated erythematous plaque with silvery scale on the left elbow of a "
        "45-year-old woman with chronic plaque psoriasis.",
        "Grouped tense vesicles on an inflamed base along the trunk in a man aged 62 years "
        "with herpes zoster.",
        "Annular pink plaque with a raised scaly border and central clearing on the forearm, "
        "tinea corporis.",
        "Violaceous flat-topped papules on the wrist of a young man with lichen planus.",
    ),
    "open": (
        "Solitary pearly nodule with fine vessels on the cheek of an elderly man, basal cell "
        "carcinoma.",
        "Brown patch with an irregular border on the back of a woman, superficial melanoma.",
        "Dermoscopy of a regular pigment network in a junctional naevus of the arm.",
        "Thick yellow crusts around the mouth of a six-year-old boy with impetigo.",
    ),
    "scanned": ("Red scaly plaque on the knee of a woman aged 30 years with psoriasis.",),
}
BOOKS = {"closed": "none", "open": "images", "scanned": "images"}  # what each allows
PROSE = (
    "The disorders of this chapter are common in every clinic. Their course differs from one "
    "person to another, and so does what can be seen. The figures show typical examples. "
)


def typeset(path: Path, name: str) -> None:
    """Write a book of one figure a page, the label bold above prose."""
    with pymupdf.open() as book:
        for number, caption in enumerate(CAPTIONS[name], 1):
            page = book.new_page(width=430, height=600)
            page.insert_textbox((60, 50, 370, 150), PROSE * 2, fontsize=10)
            seed = number + (100 if name == "open" else 0)
            done, data = cv2.imencode(".png", photograph(seed, 320, 240))
            assert done
            page.insert_image((60, 170, 370, 402), stream=np.asarray(data).tobytes())
            page.insert_text((60, 420), f"Figure 1.{number}", fontsize=8, fontname="hebo")
            page.insert_textbox((108, 411, 370, 460), caption, fontsize=8)
            page.insert_textbox((60, 480, 370, 580), PROSE * 2, fontsize=10)
        book.save(path)


def scan(path: Path) -> None:
    """Replace every page by its picture, as a scanner does; no text layer is left."""
    with pymupdf.open(path) as book, pymupdf.open() as copy:
        for page in book:
            sheet = copy.new_page(width=page.rect.width, height=page.rect.height)
            sheet.insert_image(sheet.rect, stream=page.get_pixmap(dpi=200).tobytes("jpg"))
        content = copy.tobytes()
    path.write_bytes(content)


def stages(*args: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command line from the repository root."""
    command = [sys.executable, "-m", "stages", *map(str, args)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)


def publish(folder: Path) -> Path:
    """Build a public release of the books, of which one allows nothing; return its folder."""
    books = folder / "books"
    books.mkdir(parents=True)
    rows = ["source_id,path,title,licence,redistribute"]
    for name, allowed in BOOKS.items():
        typeset(books / f"{name}.pdf", name)
        if name == "scanned":
            scan(books / f"{name}.pdf")
        rows.append(f"{name},{books / name}.pdf,The {name} atlas,LicenseRef-{name},{allowed}")
    (folder / "sources.csv").write_text("\n".join(rows) + "\n")
    formats = "multi_turn: true\n  webdataset: true\n  vlmeval: true"
    settings = f"export:\n  name: tiny\n  release: public\n  {formats}\n"
    # The pictures are made up: what faces and marks are seen in them is not the point here.
    settings += "filter:\n  on_annotated: keep\n  on_face: keep\n"
    (folder / "public.yaml").write_text(settings)
    done = stages(
        "build", "--sources", folder / "sources.csv", "--build-dir", folder / "build",
        "--config", folder / "public.yaml", "--workers", "1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "build" / "release" / "tiny"
