"""Open documents that nobody vouches for: every failure gets a reason a user can act on."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymupdf

from mmskin_build.reject_reasons import RejectReason

# MuPDF's own exceptions do not share a base with Python's; PyMuPDF adds these two.
MUPDF_ERRORS: tuple[type[Exception], ...] = (
    pymupdf.mupdf.FzErrorBase,
    RuntimeError,
    ValueError,
)
HEADER_WINDOW = 1024  # bytes in which readers accept the %PDF- mark

# MuPDF writes repairs of damaged files to stderr; the outcome is reported as rejects instead.
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


class DocumentProblem(Exception):
    """A document that cannot be read, with the reject reason and what was seen."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        """Keep the reason and the detail."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@contextmanager
def open_document(
    path: str | Path, passwords: Sequence[str] = (), max_pages: int = 20_000
) -> Iterator[Any]:
    """Open a PDF as a ``pymupdf.Document`` and close it at the end.

    Raises:
        DocumentProblem: when the file is missing, empty, no PDF, damaged, encrypted or too long.
    """
    file = Path(path)
    check_file(file)
    document = _open(file, passwords)
    try:
        _unlock(document, passwords)
        if _page_count(document) < 1:
            raise DocumentProblem(RejectReason.DAMAGED, "no pages, also after repair")
        if document.page_count > max_pages:
            raise DocumentProblem(
                RejectReason.TOO_MANY_PAGES, f"{document.page_count} pages, limit {max_pages}"
            )
        yield document
    finally:
        document.close()


def check_file(file: Path) -> None:
    """Raise DocumentProblem when the file is missing, empty or does not start like a PDF."""
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            head = stream.read(HEADER_WINDOW)
    except FileNotFoundError as error:
        raise DocumentProblem(RejectReason.FILE_MISSING, f"{file.name} does not exist") from error
    except OSError as error:
        detail = f"{file.name} cannot be read: {error.strerror or error}"
        raise DocumentProblem(RejectReason.FILE_MISSING, detail) from error
    if size == 0:
        raise DocumentProblem(RejectReason.FILE_EMPTY, f"{file.name} has 0 bytes")
    if b"%PDF-" not in head:
        detail = f"{file.name} has no %PDF- mark in its first {HEADER_WINDOW} bytes"
        raise DocumentProblem(RejectReason.NOT_A_PDF, detail)


def _open(file: Path, passwords: Sequence[str]) -> Any:
    """Open a file; one that has no pages or does not open is rewritten once."""
    try:
        document = pymupdf.open(str(file), filetype="pdf")
    except MUPDF_ERRORS as error:
        return _repaired(file, passwords, str(error))
    if not document.is_pdf:
        document.close()
        raise DocumentProblem(RejectReason.NOT_A_PDF, f"{file.name} is not a PDF inside")
    if document.needs_pass or _page_count(document) > 0:
        return document
    document.close()
    return _repaired(file, passwords, "no pages found")


def _page_count(document: Any) -> int:
    try:
        return int(document.page_count)
    except MUPDF_ERRORS:
        return 0


def _unlock(document: Any, passwords: Sequence[str]) -> None:
    if not document.needs_pass:
        return
    for password in passwords:
        if document.authenticate(password):
            return
    tried = f"{len(passwords)} passwords tried" if passwords else "no password configured"
    raise DocumentProblem(
        RejectReason.ENCRYPTED, f"needs a password ({tried}); add it to extract.passwords"
    )


def _repaired(file: Path, passwords: Sequence[str], complaint: str) -> Any:
    """Have a second library rewrite the file, once; its page tree repair differs from MuPDF's."""
    import pikepdf

    buffer = io.BytesIO()
    for password in ("", *passwords):
        try:
            with pikepdf.open(file, password=password, suppress_warnings=True) as pdf:
                pdf.save(buffer)
            break
        except pikepdf.PasswordError as error:
            complaint = str(error)
        except (pikepdf.PdfError, OSError, *MUPDF_ERRORS) as error:
            raise DocumentProblem(RejectReason.DAMAGED, f"{complaint}; {error}"[:300]) from error
    else:
        raise DocumentProblem(RejectReason.ENCRYPTED, "needs a password to be repaired")
    try:
        document = pymupdf.open(stream=buffer.getvalue(), filetype="pdf")
    except MUPDF_ERRORS as error:
        raise DocumentProblem(RejectReason.DAMAGED, f"{complaint}; {error}"[:300]) from error
    return document
