"""The built-in books: what software that reads textbooks needs to meet in them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pymupdf
import pytest

from mmskin_build.sample.book import Figure, PictureSpec, read_book
from mmskin_build.sample.clinical import Clinical
from mmskin_build.sample.dermoscopy import Dermoscopy, draw_dermoscopy
from mmskin_build.sample.histology import Histology, draw_histology
from mmskin_build.sample.pictures import picture_jpeg
from mmskin_build.sample.printing import print_book, write_sample


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_sample(tmp_path_factory.mktemp("sample"))


def figures_of(name: str) -> list[Figure]:
    blocks = [b for c in read_book(name).chapters for b in c.blocks]
    return [b for b in blocks if isinstance(b, Figure)]


def test_same_bytes_every_time(books: list[Path], tmp_path: Path) -> None:
    again = print_book(read_book("pocket"), tmp_path)
    first = next(b for b in books if b.name == again.name)
    assert (
        hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(first.read_bytes()).digest()
    )


def test_small_but_long_enough(books: list[Path]) -> None:
    pages = [pymupdf.open(b).page_count for b in books]
    assert sum(pages) >= 12
    assert sum(b.stat().st_size for b in books) < 6_000_000


def test_plainly_called_synthetic(books: list[Path]) -> None:
    for book in books:
        document = pymupdf.open(book)
        assert "SYNTHETIC" in document.metadata["title"]
        for page in document:
            text = page.get_text()
            assert "synthetic" in text.lower() or not text.strip()


def test_every_caption_is_printed_in_order_on_some_page(books: list[Path]) -> None:
    document = pymupdf.open(books[0])
    text = " ".join(page.get_text() for page in document).replace("-\n", "")
    flat = "".join(text.split())
    scanned = {
        f.label
        for c in read_book("atlas").chapters
        if c.scanned
        for f in c.blocks
        if isinstance(f, Figure)
    }
    found = [
        "".join(f.caption.split()).replace("-", "") in flat.replace("-", "")
        for f in figures_of("atlas")
        if f.label not in scanned
    ]
    assert all(found)


def test_a_scanned_chapter_has_pictures_and_no_text(books: list[Path]) -> None:
    document = pymupdf.open(books[0])
    scans = [p for p in document if not p.get_text().strip()]
    assert 1 <= len(scans) <= 3
    assert all(len(p.get_images()) == 1 for p in scans)


def test_pictures_stay_inside_the_page(books: list[Path]) -> None:
    for page in pymupdf.open(books[0]):
        for image in page.get_image_info():
            x0, y0, x1, y1 = image["bbox"]
            assert min(x0, y0) >= -1 and x1 <= page.rect.x1 + 1 and y1 <= page.rect.y1 + 1


def test_panels_have_letters_in_the_caption() -> None:
    for figure in figures_of("atlas") + figures_of("pocket"):
        if len(figure.pictures) > 1:
            letters = [f"({chr(97 + n)})" for n in range(len(figure.pictures))]
            assert all(letter in figure.caption for letter in letters)


def test_a_picture_is_printed_in_both_books() -> None:
    first = {p.name for f in figures_of("atlas") for p in f.pictures}
    second = {p.name for f in figures_of("pocket") for p in f.pictures}
    assert len(first & second) >= 2


def test_pictures_of_the_three_kinds_differ_in_colour() -> None:
    clinical = PictureSpec("a", Clinical(lesion="nodule", colour="black"))
    assert picture_jpeg(clinical)[0] == picture_jpeg(clinical)[0]
    lens = draw_dermoscopy("a", (200, 260), Dermoscopy(colour="blue", structures=()))
    slide = draw_histology("a", (200, 260), Histology())
    middle = lens[90:110, 120:140].reshape(-1, 3).mean(axis=0)
    assert middle[2] > middle[0]  # a blue lesion is blue
    red, green, blue = (float(np.median(slide[120:, :, c])) for c in range(3))
    assert min(red, blue) > green  # stained pink to violet
