"""Which image object is placed where: names follow drawing order, so nothing is decoded."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from mmskin_build.pdf.opening import MUPDF_ERRORS

_DRAWN = re.compile(rb"/([^\s/\[\]<>()%]+)\s+Do\b")
MAX_FORM_DEPTH = 6
MAX_DRAWN = 5000
LENGTH_SLACK = 128  # MuPDF counts some bytes of bookkeeping into the stored size


class PageImages:
    """Finds object numbers and digests of the images that a document places on its pages."""

    def __init__(self, document: Any) -> None:
        """Read from an open document."""
        self._document = document
        self._digests: dict[int, str] = {}

    def digest(self, xref: int) -> str:
        """Return the SHA-256 of an image's stored bytes; '' when it has no object number."""
        if xref == 0:
            return ""
        if xref not in self._digests:
            try:
                data = self._document.xref_stream_raw(xref) or b""
            except MUPDF_ERRORS:
                data = b""
            self._digests[xref] = hashlib.sha256(data).hexdigest() if data else ""
        return self._digests[xref]

    def finder(self, page: Any) -> XrefFinder:
        """Return what names the images of one page, to be asked in drawing order."""
        return XrefFinder(self._document, page)


class XrefFinder:
    """Names the image objects of one page in the order they are drawn.

    MuPDF tells the object of a placed picture only after decoding it. Its dimensions identify
    it without; where several agree, the stored length and then the drawing order decide.
    """

    def __init__(self, document: Any, page: Any) -> None:
        """List the images the page can draw."""
        self._document = document
        self._page = page
        self._listed: dict[tuple[int, int], list[int]] = {}
        self._names: dict[tuple[int, str], int] = {}
        self.images = page.get_images(full=True)
        for item in self.images:
            same = self._listed.setdefault((item[2], item[3]), [])
            if item[0] not in same:
                same.append(item[0])
            self._names[(item[9], item[7])] = item[0]
        self._drawn: list[int] | None = None

    def find(self, pixels_wide: int, pixels_high: int, size: int) -> int:
        """Return the object number of the next drawn picture; 0 for an inline image."""
        candidates = self._listed.get((pixels_wide, pixels_high), [])
        if len(candidates) < 2:
            return candidates[0] if candidates else 0
        drawn = self._next_drawn(set(candidates))
        near = [x for x in candidates if 0 <= size - self._stored_length(x) <= LENGTH_SLACK]
        return near[0] if len(near) == 1 else drawn

    def _next_drawn(self, wanted: set[int]) -> int:
        if self._drawn is None:
            self._drawn = []
            self._collect(self._page.read_contents(), 0, 0)
        for index, xref in enumerate(self._drawn):
            if xref in wanted:
                del self._drawn[index]
                return xref
        return min(wanted)

    def _collect(self, content: bytes, owner: int, depth: int) -> None:
        """Append the images a content stream draws, following forms."""
        assert self._drawn is not None
        forms = {(f[2], f[1]): f[0] for f in self._page.get_xobjects()} if b" Do" in content else {}
        for match in _DRAWN.finditer(content):
            name = match[1].decode("latin-1")
            image = self._names.get((owner, name))
            form = forms.get((owner, name))
            if len(self._drawn) >= MAX_DRAWN:
                return
            if image is not None:
                self._drawn.append(image)
            elif form and depth < MAX_FORM_DEPTH:
                self._collect(self._document.xref_stream(form) or b"", form, depth + 1)

    def _stored_length(self, xref: int) -> int:
        try:
            kind, value = self._document.xref_get_key(xref, "Length")
            if kind == "xref":
                value = self._document.xref_object(int(value.split()[0]))
            return int(value)
        except MUPDF_ERRORS:
            return -1
