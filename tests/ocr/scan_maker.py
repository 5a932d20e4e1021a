"""Pages typeset here, drawn as pixels and turned, so that the truth about a scan is known."""

import io
import random
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pymupdf
from PIL import Image

from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import EmbeddedLine, EmbeddedPage, Source

WORDS = [
    "the",
    "lesion",
    "was",
    "a",
    "red",
    "plaque",
    "with",
    "fine",
    "scale",
    "on",
    "the",
    "elbow",
    "and",
    "knee",
    "of",
    "a",
    "young",
    "patient",
    "who",
    "had",
    "noticed",
    "itching",
    "for",
    "several",
    "weeks",
    "before",
    "treatment",
    "with",
    "a",
    "cream",
    "was",
    "started",
    "by",
    "the",
    "doctor",
]
PICTURE = (320.0, 330.0, 500.0, 480.0)
CAPTION = "Fig. 7. Red plaque with fine white scale."
WIDTH, HEIGHT = 540, 720


def typeset() -> pymupdf.Document:
    """Return one page: two columns of text, a picture with its caption in the right one."""
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    rng = random.Random(5)
    for left, bottom in ((50, 660), (300, 300)):
        for y in range(70, bottom, 14):
            line = " ".join(rng.choices(WORDS, k=7))
            page.insert_text((left, y), line, fontsize=10.5, fontname="tiro")
    page.insert_image(pymupdf.Rect(PICTURE), stream=skin_picture())
    page.insert_text((300, 500), CAPTION, fontsize=9, fontname="tiro")
    return document


def skin_picture() -> bytes:
    """Return a textured patch with a darker spot, as PNG."""
    rng = np.random.default_rng(3)
    ys, xs = np.mgrid[0:150, 0:180]
    spot = 60 * np.exp(-((ys - 75) ** 2 + (xs - 90) ** 2) / 900)
    grey = 170 - spot + cv2.GaussianBlur(rng.normal(0, 25, (150, 180)), (0, 0), 2)
    pixels = np.stack([grey + 20, grey - 10, grey - 25], axis=2).clip(0, 255).astype(np.uint8)
    return png(pixels)


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def pixels_of(page: pymupdf.Page, dpi: int = 200) -> npt.NDArray[np.uint8]:
    pixmap = page.get_pixmap(dpi=dpi)
    return (
        np.frombuffer(pixmap.samples, np.uint8)
        .reshape(pixmap.h, pixmap.stride)[:, : pixmap.w * 3]
        .reshape(pixmap.h, pixmap.w, 3)
        .copy()
    )


def scanned(
    path: Path, pixels: npt.NDArray[np.uint8], skew_deg: float = 0.0, hidden: str = ""
) -> Path:
    """Write a page that is one picture: greyish paper, grain, tilt (clockwise), hidden text."""
    high, wide = pixels.shape[:2]
    rng = np.random.default_rng(11)
    aged = pixels.astype(np.float32) * 0.9 + 5
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), -skew_deg, 1.0)
    aged = cv2.warpAffine(aged, turn, (wide, high), borderValue=(234.0, 234.0, 234.0))
    aged += rng.normal(0, 4, (high, wide))[:, :, None]
    document = pymupdf.open()
    page = document.new_page(width=wide * 72 / 200, height=high * 72 / 200)
    page.insert_image(page.rect, stream=png(aged.clip(0, 255).astype(np.uint8)))
    if hidden:
        page.insert_text((50, 70), hidden, fontsize=10, render_mode=3)
    document.save(path)
    return path


def dithered(path: Path, pixels: npt.NDArray[np.uint8], dpi: int = 200) -> Path:
    """Write a page scanned to black and white dots: grey paper and pictures are dots as well."""
    high, wide = pixels.shape[:2]
    grain = np.random.default_rng(7).normal(0, 3, (high, wide, 1))
    aged = (pixels * 0.93 + 10 + grain).clip(0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(aged).convert("1").save(buffer, "TIFF", compression="group4")
    document = pymupdf.open()
    page = document.new_page(width=wide * 72 / dpi, height=high * 72 / dpi)
    page.insert_image(page.rect, stream=buffer.getvalue())
    document.save(path)
    return path


def line(text: str, font: str = "Body", width: float = 240.0, number: int = 0) -> EmbeddedLine:
    """Return a line of an embedded text layer."""
    box = (50.0, 50.0 + 12 * number, 50.0 + width, 60.0 + 12 * number)
    return EmbeddedLine(
        source_id="book",
        page=1,
        line=number,
        block=0,
        bbox=box,
        text=text,
        font=font,
        size_pt=10.0,
        bold=False,
        italic=False,
        color=0,
        lead_bold=False,
        lead_color=0,
        angle=0,
        origin="embedded",
        confidence=1.0,
    )


def context(folder: Path, pdf: Path, problem: str = "none", cover: float = 1.0) -> MemoryContext:
    """Return what extract would hand over for a document of scanned pages."""
    found = MemoryContext(folder, [Source("book", str(pdf), "0" * 64)])
    with pymupdf.open(pdf) as document:
        found.add(
            EmbeddedPage("book", n + 1, p.rect.width, p.rect.height, p.rotation, problem, cover)
            for n, p in enumerate(document)
        )
    return found
