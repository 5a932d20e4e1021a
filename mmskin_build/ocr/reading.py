"""Read the pages of a book that have no usable text layer; pass the others through."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mmskin_build.ocr.book_language import LanguageWatch
from mmskin_build.ocr.scan_pages import covered_by_rasters, hidden_text_share
from mmskin_build.ocr.settings import OcrSettings
from mmskin_build.ocr.text_quality import UNREADABLE
from mmskin_build.records import (
    EmbeddedLine,
    EmbeddedPage,
    Graphic,
    Page,
    Record,
    Reject,
    ScanRegion,
    Source,
)
from mmskin_build.reject_reasons import RejectReason

if TYPE_CHECKING:
    from mmskin_build.ocr.recognition import Recognised

log = logging.getLogger(__name__)

SCAN_COVER = 0.8  # a page with text is a scan when rasters cover this share of it
BARE_SCAN_COVER = 0.5  # a page without text layer
HIDDEN_SHARE = 0.8  # of a scan's characters are invisible or under its picture


@dataclass(frozen=True, slots=True)
class PageContent:
    """What the extract stage found on one page."""

    page: EmbeddedPage
    lines: Sequence[EmbeddedLine]
    graphics: Sequence[Graphic]


PagedRow = TypeVar("PagedRow", EmbeddedLine, Graphic)


class PageRows(Generic[PagedRow]):
    """Hands out the rows of a table page by page; the table is ordered by page."""

    def __init__(self, rows: Iterator[PagedRow]) -> None:
        """Start before the first row."""
        self._groups: Iterator[tuple[int, Iterator[PagedRow]]] = groupby(
            rows, key=lambda row: row.page
        )
        self._ready: tuple[int, list[PagedRow]] | None = None

    def of(self, page: int) -> list[PagedRow]:
        """Return the rows of a page; pages are asked for in ascending order."""
        while self._ready is None or self._ready[0] < page:
            found = next(self._groups, None)
            if found is None:
                return []
            self._ready = (found[0], list(found[1]))
        return self._ready[1] if self._ready[0] == page else []


class PageReader:
    """Reads the pages of one source, opening the file when the first page needs it."""

    def __init__(
        self, source: Source, settings: OcrSettings, enter_page: Callable[[int], bool]
    ) -> None:
        """Read ``source`` with ``settings``; ``enter_page`` says which pages may be touched."""
        self._source = source
        self._settings = settings
        self._enter_page = enter_page
        self._open = ExitStack()
        self._document: Any = None
        self._watch = LanguageWatch(settings.languages)

    def read(self, contents: Iterator[PageContent]) -> Iterator[Record]:
        """Yield Page, TextLine, ScanRegion and Reject rows, page by page."""
        with self._open:
            for content in contents:
                if self._needs_look(content) and self._enter_page(content.page.page):
                    yield from self._looked_at(content)
                else:
                    yield from passed_through(content)

    def _needs_look(self, content: PageContent) -> bool:
        if content.page.text_problem:
            return content.page.text_problem != UNREADABLE
        return self._settings.reread_scans and (
            covered_by_rasters(content.page, content.graphics) >= SCAN_COVER
        )

    def _looked_at(self, content: PageContent) -> Iterator[Record]:
        from mmskin_build.ocr.tesseract import RecognitionError

        huge = max((g.width_px * g.height_px for g in content.graphics), default=0)
        if huge > self._settings.max_raster_megapixels * 1e6:
            yield from self._failed(content, f"a stored image has {huge / 1e6:.0f} million pixels")
            return
        try:
            page = self._load(content.page.page)
            if not content.page.text_problem and hidden_text_share(page) < HIDDEN_SHARE:
                yield from passed_through(content)
                return
            rows = self._recognised(content, page)
        except (RecognitionError, RuntimeError, ValueError) as error:
            # MuPDF reports every fault of a page as RuntimeError or ValueError.
            yield from self._failed(content, f"{type(error).__name__}: {error}"[:300])
            return
        yield from rows

    def _load(self, number: int) -> Any:
        from mmskin_build.pdf.opening import open_document

        if self._document is None:
            self._document = self._open.enter_context(
                open_document(self._source.path, self._settings.passwords)
            )
        return self._document[number - 1]

    def _recognised(self, content: PageContent, page: Any) -> list[Record]:
        from mmskin_build.ocr.line_building import text_lines
        from mmskin_build.ocr.page_image import draw_page, is_blank
        from mmskin_build.ocr.recognition import recognise
        from mmskin_build.pdf.memory import give_back_memory

        drawn = draw_page(page, self._settings.dpi, self._settings.max_megapixels)
        give_back_memory()  # MuPDF would keep the decoded scans of many pages
        if is_blank(drawn):
            return [page_row(content.page, "none")]
        found = recognise(drawn, self._settings)
        del drawn
        give_back_memory()
        source_id, number = self._source.source_id, content.page.page
        content_of_page = (found.words, [region.box for region in found.regions])
        lines = text_lines((source_id, number), found.image, content_of_page, found.gutter)
        rows: list[Record] = list(lines)
        advice = self._watch.see(line.text for line in lines)
        if rows:
            confidence = round(sum(w.confidence for w in found.words) / len(found.words), 4)
            first = page_row(content.page, "ocr", confidence, found)
        else:
            first = page_row(content.page, "none", None, found)
        if covered_by_rasters(content.page, content.graphics) >= BARE_SCAN_COVER:
            rows += [
                ScanRegion(source_id, number, found.image.box_in_points(r.box), r.confidence)
                for r in found.regions
            ]
        if advice:
            place = f"{source_id}:p{number}"
            rows.append(Reject(source_id, place, RejectReason.OTHER_LANGUAGE, advice))
        return [first, *rows]

    def _failed(self, content: PageContent, detail: str) -> Iterator[Record]:
        page = content.page
        log.warning("%s page %d could not be read: %s", page.source_id, page.page, detail)
        yield Reject(
            page.source_id, f"{page.source_id}:p{page.page}", RejectReason.OCR_FAILED, detail
        )
        yield page_row(page, "none")


def passed_through(content: PageContent) -> Iterator[Record]:
    """Yield a page and its own text lines unchanged; without a usable layer it has no text."""
    if content.page.text_problem:
        yield page_row(content.page, "none")
        return
    yield page_row(content.page, "embedded")
    yield from content.lines


def page_row(
    page: EmbeddedPage,
    text_source: str,
    confidence: float | None = None,
    found: Recognised | None = None,
) -> Page:
    """Return the final row of a page; ``found`` is what was recognised on it."""
    gutter = (
        None if found is None or found.gutter is None else found.image.x_in_points(found.gutter)
    )
    return Page(
        source_id=page.source_id,
        page=page.page,
        width_pt=page.width_pt,
        height_pt=page.height_pt,
        rotation=page.rotation,
        text_source=text_source,
        ocr_confidence=confidence,
        skew_deg=0.0 if found is None else found.skew_deg,
        gutter_pt=gutter,
    )
