"""Generated books for measuring: as long and as many as wanted, same seed, same bytes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np

LEADING_PT = 13.0
FIGURE_EVERY = 2  # pages
PAGE_PT = (612.0, 792.0)
PICTURE_PX = (320, 240)
WORDS = (  # no sentence, only of the right length
    "the lesion was noted on physical examination and a biopsy showed changes of the epidermis "
    "with scattered plaques papules and scale over the trunk in patients who present late while "
    "treatment with topical agents led to improvement within several weeks after diagnosis"
)
CASES = ("psoriasis", "lichen planus", "melanoma", "acne", "vitiligo", "rosacea", "eczema")
SITES = ("forearm", "trunk", "scalp", "cheek", "shin", "back", "hand")


def write_book(path: Path, pages: int, seed: int = 0) -> None:
    """Typeset a book with a captioned picture on every second page."""
    import pymupdf

    chance = random.Random(seed)
    with pymupdf.open() as document:
        for number in range(1, pages + 1):
            page = document.new_page(width=PAGE_PT[0], height=PAGE_PT[1])
            top = 72.0
            if number % FIGURE_EVERY == 0:
                box = pymupdf.Rect(146, top, 466, top + 240)
                page.insert_image(box, stream=picture(seed, number))
                text = _caption(chance, number)
                page.insert_text((146, top + 256), text, fontname="hebo", fontsize=8.5)
                top += 290
            _running_text(page, top, chance)
        document.save(path, deflate=True, no_new_id=True)


def write_library(folder: Path, books: int, pages: int) -> None:
    """Typeset many small books, each different."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(books):
        write_book(folder / f"book-{index:05d}.pdf", pages, seed=index + 1)


def _running_text(page: Any, top: float, chance: random.Random) -> None:
    words, lines = WORDS.split(), list[str]()
    while top + LEADING_PT * len(lines) < PAGE_PT[1] - 72:
        words_of_line = [chance.choice(words) for _ in range(13)]
        lines.append("" if len(lines) % 9 == 8 else " ".join(words_of_line)[:88])
    page.insert_text((72, top), lines, fontname="tiro", fontsize=10.5, lineheight=LEADING_PT / 10.5)


def _caption(chance: random.Random, number: int) -> str:
    age, sex = chance.randint(2, 90), chance.choice(("man", "woman"))
    case, site = chance.choice(CASES), chance.choice(SITES)
    whom = f"{age}-year-old {sex}"
    return f"Figure {number // FIGURE_EVERY}. {case.capitalize()} on the {site} of a {whom}."


def picture(seed: int, number: int) -> bytes:
    """Return a JPEG that looks like skin from afar and is like no other."""
    noise = np.random.default_rng((seed, number))
    wide, high = PICTURE_PX
    coarse = noise.integers(-40, 40, (6, 8, 3)).astype(np.float32)
    spots = cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_CUBIC)
    pixels = np.clip(spots + np.array((140, 165, 205)), 0, 255).astype(np.uint8)
    for _ in range(4):
        x, y, r = (int(noise.integers(0, n)) for n in (wide, high, 40))
        cv2.circle(pixels, (x, y), r + 4, (70, 80, int(noise.integers(120, 200))), -1)
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 85])
    assert done
    return bytes(data.tobytes())
