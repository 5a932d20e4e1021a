"""Reading scans takes the same memory for a long book as for a short one."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest
from repository import ROOT
from scan_maker import pixels_of, typeset

MOST_MB = 400.0
GROWTH_MB = 40.0


def scanned_book(path: Path, pages: int) -> None:
    """Write a book of A4 pages scanned in colour at 300 dpi."""
    document = pymupdf.open()
    pixels = cv2.resize(pixels_of(typeset()[0], 300), (2480, 3508))
    for number in range(pages):
        grain = np.random.default_rng(number).integers(0, 16, pixels.shape, np.uint8)
        _, data = cv2.imencode(".jpg", cv2.subtract(pixels, grain))
        page = document.new_page(width=595, height=842)
        page.insert_image(page.rect, stream=data.tobytes())
    document.save(path)


def peak_mb(folder: Path, pages: int) -> float:
    folder.mkdir()
    scanned_book(folder / "book.pdf", pages)
    command = [sys.executable, "-m", "stages", "build", "--until", "ocr", "--workers", "1"]
    options = ["--pdfs", str(folder), "--build-dir", str(folder / "build")]
    subprocess.run([*command, *options], cwd=ROOT, check=True, capture_output=True)
    (receipt,) = (folder / "build" / "parts" / "ocr").glob("*/receipt.json")
    return float(json.loads(receipt.read_text(encoding="utf-8"))["peak_rss_mb"])


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_worker_stays_below_its_memory_over_a_long_scanned_book(tmp_path: Path) -> None:
    short, long = peak_mb(tmp_path / "short", 2), peak_mb(tmp_path / "long", 9)
    assert long < MOST_MB
    assert long - short < GROWTH_MB
