"""What a file is that calls itself a PDF: told from its first and last bytes."""

from __future__ import annotations

import re
from typing import BinaryIO

HEADER_WINDOW = 1024  # bytes in which readers accept the %PDF- mark
JUNK_WINDOW = 65_536  # bytes of a mail's or server's words before it
TAIL_WINDOW = 2048
_MARK = b"%PDF-"
_OBJECT = re.compile(rb"(?:^|[\r\n\s])\d+ \d+ obj\b")
_KINDS = (
    (b"PK\x03\x04", "a ZIP archive (DOCX, EPUB, …)"),
    (b"\x1f\x8b", "gzip-compressed; unpack it"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"AT&TFORM", "a DjVu document"),
    (b"%!ps", "PostScript"),
    (b"%fdf-", "form data (FDF)"),
    (b"{\\rtf", "an RTF text"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"<!doctype html", "a web page: the download may have failed"),
    (b"<html", "a web page: the download may have failed"),
    (b"<?xml", "an XML file"),
    (b"mime-version:", "a mail or a saved web page"),
)


def may_be_pdf(stream: BinaryIO, head: bytes, size: int) -> bool:
    """Tell whether it is worth to try and open a file that begins with ``head``.

    The mark stands in the first bytes. A file whose mark is lost, or comes after other words, is
    tried when it has objects and ends like a PDF.
    """
    if _MARK in head[:HEADER_WINDOW]:
        return True
    if _MARK not in head and not _OBJECT.search(head[:HEADER_WINDOW]):
        return False
    if looks_like(head) and not head.startswith(b"%!PS"):  # of some printers, at times
        return False
    stream.seek(max(0, size - TAIL_WINDOW))
    return b"startxref" in stream.read(TAIL_WINDOW)


def looks_like(head: bytes) -> str:
    """Return what a file is instead, for people; '' when its first bytes do not tell."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for signature, name in _KINDS:
        if start.startswith(signature) or start[:20].lower().startswith(signature):
            return name
    return "" if head.strip(b"\0") else "zeros only: the copy may have failed"
