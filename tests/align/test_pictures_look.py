"""Exported pictures look like the page: those of real files against drawings of their places."""

from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest
from numpy.typing import NDArray

from mmskin_build.align.layout import PageContent
from mmskin_build.align.pictures import PictureWriter, Wanted
from mmskin_build.align.regions import Atom, find_atoms
from mmskin_build.align.settings import AlignSettings
from mmskin_build.align.style import BookStyle
from mmskin_build.geometry import height, width
from mmskin_build.images import ImageStore
from mmskin_build.memory_context import MemoryContext
from mmskin_build.pdf.opening import open_document
from mmskin_build.pdf.reading import read_source
from mmskin_build.pdf.settings import ExtractSettings
from mmskin_build.records import EmbeddedPage, Graphic, Page, Source

PASSWORDS = ("1234", "password")
MIN_SIDE_PT = 50.0  # smaller ones are icons and codes, which depend on the drawing's resolution
SIDE_PX = 48
MEAN_DIFFERENCE = 10.0  # of 255; a turned, mirrored or negative picture has 30 and more
PAGES = 3


def pictures(path: Path, folder: Path) -> list[tuple[PageContent, Atom]]:
    """Return the pictures of the first pages that have any."""
    context = MemoryContext(folder, [Source("book", str(path), "")])
    context.add(read_source(context, ExtractSettings(passwords=PASSWORDS)))
    placed = defaultdict(list)
    for graphic in context.rows(Graphic):
        placed[graphic.page].append(graphic)
    found: list[tuple[PageContent, Atom]] = []
    for p in [p for p in context.rows(EmbeddedPage) if placed[p.page]][:PAGES]:
        page = Page("book", p.page, p.width_pt, p.height_pt, p.rotation, "embedded", None, 0.0)
        content = PageContent(page, [], placed[p.page])
        found += [(content, a) for a in find_atoms(content, BookStyle(), []) if a.kind == "raster"]
    return [(c, a) for c, a in found if min(width(a.box), height(a.box)) >= MIN_SIDE_PT]


def small(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    shrunk = cv2.resize(pixels, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.float64)[1:-1, 1:-1]


def difference(path: Path, folder: Path) -> list[float]:
    """Return the mean difference of each stored picture from the page drawn at its place."""
    settings, store, found = AlignSettings(passwords=PASSWORDS), ImageStore(folder), []
    with (
        PictureWriter(str(path), store, settings) as writer,
        open_document(str(path), PASSWORDS) as document,
    ):
        for content, atom in pictures(path, folder):
            stored = writer.store(Wanted(atom.box, (atom,)), content)
            file = next(p for p in folder.rglob(f"{stored.digest}*"))
            drawn = document[content.number - 1].get_pixmap(
                clip=pymupdf.Rect(atom.box), colorspace=pymupdf.csRGB, annots=False, dpi=150
            )
            shown = np.frombuffer(drawn.samples, np.uint8).reshape(drawn.h, drawn.w, 3)
            kept = cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)
            found.append(float(np.abs(small(kept) - small(shown)).mean()))
    return found


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "part",
    ["documents", pytest.param("features", marks=SLOW), pytest.param("books", marks=SLOW)],
)
def test_stored_pictures_look_like_their_pages(corpus: Path, tmp_path: Path, part: str) -> None:
    seen, unlike = 0, []
    for number, path in enumerate(sorted((corpus / part).rglob("*.pdf"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = difference(path, folder)
        seen += len(found)
        if max(found, default=0.0) > MEAN_DIFFERENCE:
            unlike.append((path.name, [round(value, 1) for value in found]))
    assert unlike == []
    assert seen >= 16
