"""What a page would cost to draw, estimated before MuPDF starts: bombs are refused, not run.

A content stream of a few hundred bytes can unpack to gigabytes, and ten forms that draw each other
ten times draw ten thousand million things. Both are seen from the stored bytes alone.
"""

from __future__ import annotations

import re
from math import prod
from typing import Any

import pymupdf

from mmskin_build.pdf.opening import MUPDF_ERRORS

MAX_FORM_DRAWS = 1_000_000  # by nested forms on one page; honest maps draw some thousands
_FILTER = re.compile(r"/(\w+)")
_DRAWN = re.compile(rb"/([^\s/\[\]<>()%]+)\s+Do\b")
# No packing of these kinds is tighter: bytes out for a byte in.
_RATIOS = {"FlateDecode": 1032, "Fl": 1032, "LZWDecode": 1400, "LZW": 1400}
_RATIOS |= {"RunLengthDecode": 64, "RL": 64, "ASCII85Decode": 4, "A85": 4}
_RATIOS |= {"ASCIIHexDecode": 1, "AHx": 1, "Crypt": 1}
UNKNOWN_RATIO = 10**6


class PageBudget:
    """Tells what is excessive about a page; forms that pages share are measured once."""

    def __init__(self, document: Any, max_content_mb: float) -> None:
        """Measure pages of an open document against ``max_content_mb`` (million bytes)."""
        self._document = document
        self._limit = int(max_content_mb * 1e6)
        self._pdf = pymupdf.mupdf.pdf_document_from_fz_document(document.this)
        self._most: dict[int, int] = {}
        self._exact: dict[int, int] = {}

    def excess(self, page: Any) -> str:
        """Return why a page must not be interpreted, '' when it may.

        Raises:
            RuntimeError, ValueError: whatever MuPDF has to say about a broken page.
        """
        try:
            forms = page.get_xobjects()
            streams = [page.get_contents(), *([form[0]] for form in forms)]
            if any(self._is_too_long(parts) for parts in streams):
                return f"a content stream unpacks to more than {self._limit / 1e6:g} MB"
            if any(form[2] for form in forms) and self._draws(page, forms) > MAX_FORM_DRAWS:
                return f"its forms draw each other more than {MAX_FORM_DRAWS:,} times"
        except RecursionError:
            return "its forms are nested a thousand deep"
        return ""

    def _is_too_long(self, parts: list[int]) -> bool:
        """Tell whether the parts of a content stream unpack to more than the limit."""
        if sum(self._at_most(xref) for xref in parts) <= self._limit:
            return False
        return sum(self._unpacked(xref) for xref in parts) > self._limit

    def _at_most(self, xref: int) -> int:
        """Return the largest size a stream can unpack to, told from its stored size."""
        if xref not in self._most:
            try:
                stored = len(self._document.xref_stream_raw(xref) or b"")
                filters = self._document.xref_get_key(xref, "Filter")[1]
            except MUPDF_ERRORS:  # no object, or no stream: MuPDF passes it over
                stored, filters = 0, ""
            self._most[xref] = stored * _ratio(filters)
        return self._most[xref]

    def _unpacked(self, xref: int) -> int:
        """Return the size of a stream once unpacked, counted up to the limit."""
        if xref not in self._exact:
            try:
                stream = pymupdf.mupdf.pdf_open_stream_number(self._pdf, xref)
                size = pymupdf.mupdf.fz_skip(stream, self._limit + 1)
            except MUPDF_ERRORS:  # damaged: MuPDF reads as far as this, too
                size = 0
            self._exact[xref] = int(size)
        return self._exact[xref]

    def _draws(self, page: Any, forms: list[tuple[Any, ...]]) -> int:
        """Count what a page draws through forms, each form's content read once."""
        children = {(form[2], form[1]): int(form[0]) for form in forms}
        counts: dict[int, int] = {}

        def count(owner: int, content: bytes) -> int:
            total = 1
            for match in _DRAWN.finditer(content):
                child = children.get((owner, match[1].decode("latin-1")))
                if child is not None and child not in counts:
                    counts[child] = 0  # a form inside itself is not drawn again
                    counts[child] = count(child, self._content(child))
                total += counts[child] if child is not None else 0
            return total

        return count(0, page.read_contents())

    def _content(self, xref: int) -> bytes:
        try:
            return self._document.xref_stream(xref) or b""
        except MUPDF_ERRORS:
            return b""


def _ratio(filters: str) -> int:
    """Return how many times its stored size a stream can have; ``filters`` as they stand."""
    if filters.endswith((" R", " R]")) or " R " in filters:
        return UNKNOWN_RATIO  # named elsewhere
    return prod(_RATIOS.get(name, UNKNOWN_RATIO) for name in _FILTER.findall(filters))
