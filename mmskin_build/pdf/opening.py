"""Open documents that nobody vouches for: every failure gets a reason a user can act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import pymupdf

from mmskin_build.pdf.file_kinds import HEADER_WINDOW, JUNK_WINDOW, looks_like, may_be_pdf
from mmskin_build.regular_files import stat_regular
from mmskin_build.reject_reasons import RejectReason

AGAIN = "copy or download it again"
# MuPDF's own exceptions do not share a base with Python's; PyMuPDF adds these two.
MUPDF_ERRORS: tuple[type[Exception], ...] = (
    pymupdf.mupdf.FzErrorBase,
    RuntimeError,
    ValueError,
    IndexError,  # of a page that was counted, but is gone after a repair on the way
)

# MuPDF writes repairs of damaged files to stderr; the outcome is reported as rejects instead.
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


class Rescue(StrEnum):
    """How far a damaged file had to be rewritten before it could be read."""

    NONE = ""
    PAGES = "no pages were found"
    FILE = "it did not open"


class DocumentProblem(Exception):
    """A document that cannot be read, with the reject reason and what was seen."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        """Keep the reason and the detail."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class MissingDocument(DocumentProblem, OSError):
    """A file that is not there or cannot be read now; it may be there again on the next run."""


@contextmanager
def open_document(path: str | Path, passwords: Sequence[str] = ()) -> Iterator[Any]:
    """Open a PDF as a ``pymupdf.Document`` and close it at the end.

    Raises:
        DocumentProblem: when the file is missing, empty, no PDF, damaged or encrypted.
    """
    with open_rescued(path, passwords) as (document, _):
        yield document


@contextmanager
def open_rescued(path: str | Path, passwords: Sequence[str] = ()) -> Iterator[tuple[Any, Rescue]]:
    """Open a PDF as ``open_document`` does, and tell whether it had to be rewritten."""
    file = Path(path)
    check_file(file)
    document, rescue = _open(file, passwords)
    try:
        _unlock(document, passwords)
        if _page_count(document) < 1:
            raise DocumentProblem(RejectReason.DAMAGED, f"no pages, also after repair; {AGAIN}")
        yield document, rescue
    finally:
        document.close()


def check_file(file: Path) -> None:
    """Raise DocumentProblem when the file is missing, empty or not made like a PDF."""
    try:
        size = stat_regular(file).st_size
        with file.open("rb") as stream:
            head = stream.read(JUNK_WINDOW)
            is_candidate = may_be_pdf(stream, head, size)
    except FileNotFoundError as error:
        raise MissingDocument(RejectReason.FILE_MISSING, f"{file.name} does not exist") from error
    except OSError as error:
        detail = f"{file.name} cannot be read: {error.strerror or error}"
        raise MissingDocument(RejectReason.FILE_MISSING, detail) from error
    if size == 0:
        raise DocumentProblem(RejectReason.FILE_EMPTY, f"{file.name} has 0 bytes")
    if not is_candidate:
        kind = looks_like(head)
        detail = f"{file.name} has no %PDF- mark in its first {HEADER_WINDOW} bytes"
        if kind:
            detail += f"; it is {kind}"
        raise DocumentProblem(RejectReason.NOT_A_PDF, detail)


def _open(file: Path, passwords: Sequence[str]) -> tuple[Any, Rescue]:
    """Open a file; one that has no pages or does not open is rewritten once."""
    try:
        document = pymupdf.open(str(file), filetype="pdf")
    except MUPDF_ERRORS:
        return _rewritten(file, passwords, "it does not open"), Rescue.FILE
    if not document.is_pdf:
        document.close()
        raise DocumentProblem(RejectReason.NOT_A_PDF, f"{file.name} is not a PDF inside")
    if document.needs_pass or _page_count(document) > 0:
        return document, Rescue.NONE
    document.close()
    return _rewritten(file, passwords, "no pages found"), Rescue.PAGES


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


def _rewritten(file: Path, passwords: Sequence[str], complaint: str) -> Any:
    """Have other libraries rewrite the file; their repairs of the page tree differ from MuPDF's."""
    from mmskin_build.pdf.rewriting import NeedsPassword, rewritings

    for rewriting in rewritings(file, passwords):
        try:
            document = pymupdf.open(stream=rewriting(), filetype="pdf")
        except NeedsPassword as error:
            detail = str(error) or "needs a password to be repaired"
            raise DocumentProblem(RejectReason.ENCRYPTED, detail) from error
        except MUPDF_ERRORS as error:
            complaint = f"{complaint}; {error}"
            continue
        if _page_count(document) > 0:
            return document
        document.close()
    raise DocumentProblem(RejectReason.DAMAGED, f"{complaint[:260]}; {AGAIN}")
