"""What a page would cost to draw, estimated before MuPDF starts: bombs are refused, not run.

A content stream of a few hundred bytes can unpack to gigabytes, and ten forms that draw each other
ten times draw ten thousand million things. Both are seen from the stored bytes alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from mmskin_build.pdf.opening import MUPDF_ERRORS

MAX_FORM_DRAWS = 1_000_000  # by nested forms on one page; honest maps draw some thousands
FLATE_RATIO = 1032  # zlib cannot pack tighter
PIECE = 1 << 16
_FILTER = re.compile(r"/(\w+)")
_DRAWN = re.compile(rb"/([^\s/\[\]<>()%]+)\s+Do\b")
_PACKING = {"FlateDecode", "Fl"}


class PageBudget:
    """Tells what is excessive about a page; forms that pages share are measured once."""

    def __init__(self, document: Any, max_content_mb: float) -> None:
        """Measure pages of an open document against ``max_content_mb`` (million bytes)."""
        self._document = document
        self._limit = int(max_content_mb * 1e6)
        self._sizes: dict[int, tuple[int, int, int]] = {}
        self._exact: dict[int, int] = {}

    def excess(self, page: Any) -> str:
        """Return why a page must not be interpreted, '' when it may.

        Raises:
            RuntimeError, ValueError: whatever MuPDF has to say about a broken page.
        """
        forms = page.get_xobjects()
        streams = [page.get_contents(), *([form[0]] for form in forms)]
        if any(self._is_too_long(parts) for parts in streams):
            return f"a content stream unpacks to more than {self._limit / 1e6:g} MB"
        if any(form[2] for form in forms) and self._draws(page, forms) > MAX_FORM_DRAWS:
            return f"its forms draw each other more than {MAX_FORM_DRAWS:,} times"
        return ""

    def _is_too_long(self, parts: list[int]) -> bool:
        """Tell whether the parts of a content stream unpack to more than the limit."""
        if sum(self._size(xref)[0] for xref in parts) <= self._limit:
            return False
        return sum(self._unpacked(xref) for xref in parts) > self._limit

    def _size(self, xref: int) -> tuple[int, int, int]:
        """Return the largest size a stream can unpack to, its stored size, its flate layers."""
        if xref not in self._sizes:
            raw: bytes = self._document.xref_stream_raw(xref) or b""
            filters = _FILTER.findall(self._document.xref_get_key(xref, "Filter")[1])
            layers = len(filters) if set(filters) <= _PACKING else 0
            self._sizes[xref] = (len(raw) * FLATE_RATIO**layers, len(raw), layers)
        return self._sizes[xref]

    def _unpacked(self, xref: int) -> int:
        """Return the size of a stream once unpacked, counted up to the limit."""
        _, stored, layers = self._size(xref)
        if not layers:
            return stored  # other packings are left to the memory limit
        if xref not in self._exact:
            raw = self._document.xref_stream_raw(xref) or b""
            self._exact[xref] = _unpacked_size(raw, layers, self._limit)
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


def _unpacked_size(raw: bytes, layers: int, limit: int) -> int:
    """Return the unpacked size of a stream packed ``layers`` times, counted up to the limit."""
    pieces: Iterable[bytes] = (raw,)
    for _ in range(layers):
        pieces = _inflated(pieces)
    size = 0
    try:
        for piece in pieces:
            size += len(piece)
            if size > limit:
                break
    except zlib.error:  # damaged: MuPDF reads as far as this, too
        pass
    return size


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack a stream a little at a time, so that memory stays flat."""
    unpacker = zlib.decompressobj()
    for packed in pieces:
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, PIECE)
            packed = unpacker.unconsumed_tail
