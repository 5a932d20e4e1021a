"""Print a whole sample book to a PDF file, byte for byte the same every time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pymupdf

from mmskin_build.sample.book import Book, Chapter, read_book
from mmskin_build.sample.canvas import fractal, generator, jpeg
from mmskin_build.sample.layout import FULL, Flow
from mmskin_build.sample.typesetting import (
    BODY_LEAD,
    BODY_PT,
    GREY,
    INK,
    MARGIN_X,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Color,
    Press,
    break_lines,
    measure,
    words_of,
)

BOOKS = ("atlas", "pocket")
SCAN_DPI = 165
SCAN_SKEW_DEG = 0.7
_DATE = "D:20240101000000Z"


def write_sample(folder: Path) -> list[Path]:
    """Typeset the built-in synthetic books into ``folder`` and return the PDF files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [print_book(read_book(name), folder) for name in BOOKS]


def print_book(book: Book, folder: Path) -> Path:
    """Print one book and return its file, written by rename so that it is whole or absent."""
    press = Press(book.header, book.footer)
    _title_page(press, book)
    starts: list[tuple[str, int]] = []
    for number, chapter in enumerate(book.chapters, 1):
        starts.append((chapter.title, press.document.page_count + 1))
        if chapter.scanned:
            press.finish_page()
            _scan_into(press, book, chapter, number)
        else:
            _set_chapter(press, chapter, number)
    document = press.document
    document.set_toc([[1, title, page] for title, page in starts])
    document.set_metadata(_metadata(book))
    document.subset_fonts()
    target = folder / book.file
    part = target.with_suffix(".part")
    document.save(part, garbage=3, deflate=True, no_new_id=True)
    part.replace(target)
    return target


def _set_chapter(press: Press, chapter: Chapter, number: int) -> None:
    flow = Flow(press, chapter)
    flow.open_with(number)
    flow.run()


def _metadata(book: Book) -> dict[str, str]:
    return {
        "title": f"SYNTHETIC SAMPLE: {book.title}",
        "author": book.author,
        "subject": "Synthetic: text and pictures made by a program; no patient, no copied book",
        "keywords": "synthetic, sample, test data",
        "creator": "mmskin-build sample",
        "producer": "mmskin-build sample",
        "creationDate": _DATE,
        "modDate": _DATE,
    }


def _title_page(press: Press, book: Book) -> None:
    press.new_page(plain=True)
    _centred(press, "SYNTHETIC SAMPLE", 150, (13, "hebo"), GREY)
    _centred(press, book.title, 220, (26, "tibo"))
    _centred(press, book.subtitle, 250, (12.5, "tiit"))
    _centred(press, book.edition, 300, (11, "tiro"))
    _centred(press, book.author, 560, (11, "tiro"))
    _centred(press, "SYNTHETIC: NOT FROM PATIENTS, NOT FOR PATIENTS", 600, (8.5, "hebo"), GREY)
    press.new_page(plain=True)
    y = 90.0
    press.write("About this book", (MARGIN_X, y), 14, "tibo")
    y += 12
    for line in break_lines(words_of(book.notice), FULL[1] - FULL[0], BODY_PT, False):
        y += BODY_LEAD
        press.write_line(line, (MARGIN_X, y), FULL[1] - FULL[0], BODY_PT)
    y += 44
    press.write("Contents", (MARGIN_X, y), 14, "tibo")
    for number, chapter in enumerate(book.chapters, 1):
        y += 18
        press.write(f"{number}   {chapter.title}", (MARGIN_X, y), BODY_PT)


def _centred(
    press: Press, text: str, y: float, type_: tuple[float, str], color: Color = INK
) -> None:
    size_pt, face = type_
    x = (PAGE_WIDTH - measure(text, face, size_pt)) / 2
    press.write(text, (x, y), size_pt, face, color)


def _scan_into(press: Press, book: Book, chapter: Chapter, number: int) -> None:
    """Set a chapter elsewhere, copy its pages as grey, skewed, grainy pictures into the book."""
    plain = Press(book.header, book.footer, first_folio=press.folio + 1)
    _set_chapter(plain, chapter, number)
    for page in plain.document:
        press.skip_folio()
        scan = press.document.new_page(width=PAGE_WIDTH, height=PAGE_HEIGHT)
        scan.insert_image(scan.rect, stream=_scanned(page, f"{book.file}:{page.number}"))


def _scanned(page: Any, name: str) -> bytes:
    rng = generator(name)
    pixmap = page.get_pixmap(dpi=SCAN_DPI, colorspace=pymupdf.csGRAY, alpha=False)
    pixels = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)
    size = (pixmap.height, pixmap.width)
    turn = cv2.getRotationMatrix2D(
        (size[1] / 2, size[0] / 2), float(rng.choice([-1, 1])) * SCAN_SKEW_DEG, 1.0
    )
    turned = cv2.warpAffine(
        pixels, turn, (size[1], size[0]), flags=cv2.INTER_CUBIC, borderValue=(245,)
    )
    soft = cv2.GaussianBlur(turned, (0, 0), 0.6).astype(np.float32)
    paper = 232 + fractal(size, 400, rng) * 5
    grey = soft / 255 * (paper - 22) + 22 + rng.normal(0, 4.0, size)
    return jpeg(np.asarray(np.clip(grey, 0, 255), np.uint8), 72)
