"""Typesets small documents with known figures for the tests of alignment."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import pymupdf

from mmskin_build.align.settings import AlignSettings
from mmskin_build.align.source import align_source
from mmskin_build.geometry import Box
from mmskin_build.memory_context import MemoryContext
from mmskin_build.pdf.reading import read_source
from mmskin_build.pdf.settings import ExtractSettings
from mmskin_build.records import EmbeddedLine, EmbeddedPage, Page, Pair, Source, TextLine

VOCABULARY = (
    "lesion plaque papule nodule margin scale erythema pigment border network vessel ulcer crust "
    "naevus dermal biopsy chronic acute region diffuse skin arm leg trunk face patient"
)
WORDS = VOCABULARY.split()
BOXES_ONLY = AlignSettings(write_images=False)


def photo(seed: int, width: int = 90, height: int = 60) -> bytes:
    """Return a PNG of soft coloured blobs; another one for each seed."""
    random_ = np.random.default_rng(seed)
    cells = random_.integers(40, 230, (4, 6, 3), np.uint8)
    rows = np.arange(height) * 4 // height
    columns = np.arange(width) * 6 // width
    pixels = np.ascontiguousarray(cells[rows][:, columns])
    return bytes(
        pymupdf.Pixmap(pymupdf.csRGB, width, height, pixels.tobytes(), False).tobytes("png")
    )


@dataclass
class Maker:
    """A document in the making."""

    size: tuple[float, float] = (500.0, 700.0)
    document: pymupdf.Document = field(default_factory=pymupdf.open)
    page: pymupdf.Page = None
    seed: int = 0
    leading: float = 1.25  # distance of baselines, in type sizes
    random: random.Random = field(default_factory=lambda: random.Random(3))

    def new_page(self) -> None:
        self.page = self.document.new_page(width=self.size[0], height=self.size[1])

    def sentence(self, words: int) -> str:
        text = " ".join(self.random.choice(WORDS) for _ in range(words))
        return text[0].upper() + text[1:] + "."

    def set(self, place: tuple[float, float, float], label: str, text: str, size: float = 8,
            fonts: tuple[str, str] = ("hebo", "helv")) -> float:  # fmt: skip
        """Set a label and text at (x, y, width) and return where it ends."""
        x, y, width = place
        bold, plain = (pymupdf.Font(name) for name in fonts)
        writer = pymupdf.TextWriter(self.page.rect)
        across, down = x, y + size
        pieces = [(label, bold)] if label else []
        for word, font in pieces + [(word, plain) for word in text.split()]:
            length = font.text_length(f"{word} ", size)
            if across + length > x + width:
                across, down = x, down + self.leading * size
            writer.append((across, down), f"{word} ", font=font, fontsize=size)
            across += length
        writer.write_text(self.page)
        return down + 0.3 * size

    def body(self, y: float, words: int = 70, x: float = 40, width: float = 420) -> float:
        return self.set((x, y, width), "", self.sentence(words), 10, ("tiro", "tiro")) + 6

    def image(self, *box: float) -> Box:
        self.seed += 1
        self.page.insert_image(pymupdf.Rect(box), stream=photo(self.seed), keep_proportion=False)
        return (box[0], box[1], box[2], box[3])

    def figure(self, label: str, text: str, y: float, font: str = "helv") -> Box:
        """Place a picture with its caption below."""
        box = self.image(90, y, 390, y + 170)
        self.set((90, y + 175, 300), label, text, fonts=("hebo", font))
        return box

    def pair(self, folder: Path, settings: AlignSettings = BOXES_ONLY,
             profile: str = "") -> MemoryContext:  # fmt: skip
        """Extract and align; the text layer is taken as it is."""
        path = folder / "book.pdf"
        self.document.save(path, garbage=1)
        context = MemoryContext(folder, [Source("book", str(path), "", profile=profile)])
        context.add(read_source(context, ExtractSettings()))
        context.add([
            Page(p.source_id, p.page, p.width_pt, p.height_pt, p.rotation, "embedded", None, 0.0)
            for p in context.rows(EmbeddedPage)
        ])  # fmt: skip
        names = [f.name for f in fields(TextLine)]
        context.add([
            TextLine(*[getattr(line, name) for name in names])
            for line in context.rows(EmbeddedLine)
        ])  # fmt: skip
        context.add(align_source(context, settings))
        return context


def pairs_of(context: MemoryContext) -> list[Pair]:
    return list(context.rows(Pair))
