"""Reading scans takes the same memory for a long book as for a short one."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest
import recorded_tesseract
from repository import ROOT
from scan_maker import pixels_of, typeset

MOST_MB = 400.0
GROWTH_MB = 40.0
FLAT = 1.1
KINDS = 4  # different pages of a long book, which repeats them


def page_picture(number: int, dpi: int) -> bytes:
    """Return a page scanned in colour, with a grain of its own, as JPEG."""
    pixels = cv2.resize(pixels_of(typeset()[0], dpi), (round(8.27 * dpi), round(11.69 * dpi)))
    grain = np.random.default_rng(number).integers(0, 16, pixels.shape, np.uint8)
    _, data = cv2.imencode(".jpg", cv2.subtract(pixels, grain))
    return bytes(data.tobytes())


def scanned_book(path: Path, pages: int, dpi: int) -> None:
    """Write a book of A4 scans; every page has a picture object and bytes of its own."""
    document = pymupdf.open()
    kinds = [page_picture(number, dpi) for number in range(min(pages, KINDS))]
    for number in range(pages):
        data, note = kinds[number % KINDS], b"page %d" % number
        comment = b"\xff\xfe" + struct.pack(">H", len(note) + 2) + note
        page = document.new_page(width=595, height=842)
        page.insert_image(page.rect, stream=data[:2] + comment + data[2:])
    document.save(path)


def peaks_mb(folder: Path, pages: int, until: str = "ocr", dpi: int = 300) -> dict[str, float]:
    """Build a scanned book with one worker; return its peak memory by stage."""
    folder.mkdir()
    scanned_book(folder / "book.pdf", pages, min(dpi, 200) if pages > 20 else dpi)
    config = folder / "config.yaml"
    config.write_text(f"ocr:\n  dpi: {dpi}\n", encoding="utf-8")
    command = [sys.executable, "-m", "stages", "build", "--until", until, "--workers", "1"]
    options = ["--config", str(config), "--pdfs", str(folder), "--build-dir", str(folder / "build")]
    subprocess.run([*command, *options], cwd=ROOT, check=True, capture_output=True)
    receipts = (folder / "build" / "parts").glob("*/*/receipt.json")
    return {
        receipt.parent.parent.name: float(json.loads(receipt.read_text())["peak_rss_mb"])
        for receipt in receipts
    }


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_worker_stays_below_its_memory_over_a_long_scanned_book(tmp_path: Path) -> None:
    short, long = (peaks_mb(tmp_path / str(pages), pages)["ocr"] for pages in (2, 9))
    assert long < MOST_MB
    assert long - short < GROWTH_MB


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_memory_is_flat_over_hundreds_of_scanned_pages_in_all_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded_tesseract.put_first(tmp_path / "program", monkeypatch)
    short, long = (peaks_mb(tmp_path / str(n), n, "align", 150) for n in (200, 600))
    assert sorted(long) == ["align", "extract", "ocr"]
    assert max(long.values()) < MOST_MB
    assert {stage: mb for stage, mb in long.items() if mb > FLAT * short[stage]} == {}
