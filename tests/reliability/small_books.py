"""Typeset a few small books with figures and captions, the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymupdf

TEXT = (
    "A woman of 54 years came with a rash on both forearms. The lesions had been there for three "
    "weeks and did not itch. Topical steroids were given and the skin cleared within a month. "
)


def write_books(folder: Path, names: tuple[str, ...] = ("one", "two", "three")) -> Path:
    """Write a book of three pages for each name; every page has a picture and its caption."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        book(number).save(folder / f"{name}.pdf", deflate=True, no_new_id=True)
    return folder


def book(number: int, pages: int = 3) -> pymupdf.Document:
    document = pymupdf.open()
    for index in range(pages):
        page = document.new_page(width=420, height=595)
        page.insert_textbox((40, 40, 380, 180), TEXT * 2, fontsize=9)
        page.insert_image(pymupdf.Rect(60, 200, 360, 400), stream=_photo(10 * number + index))
        label = f"Figure {index + 1}. Scaly plaques on the arm of a {30 + index}-year-old man."
        page.insert_textbox((60, 405, 360, 440), label, fontsize=8)
        page.insert_textbox((40, 450, 380, 560), TEXT * 2, fontsize=9)
    return document


def _photo(seed: int) -> bytes:
    """Return a smooth coloured field, unlike any other seed's."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 220, (6, 9, 3)).astype(np.uint8)
    fine = np.kron(coarse, np.ones((50, 50, 1), np.uint8))
    pixmap = pymupdf.Pixmap(pymupdf.csRGB, fine.shape[1], fine.shape[0], fine.tobytes(), False)
    return bytes(pixmap.tobytes("jpeg"))
