"""Rewrite damaged files with libraries whose repairs differ from MuPDF's."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

CERTIFICATE = (
    "it is encrypted for certificates, or in a way that no password opens; list a copy that was "
    "saved without protection"
)
MAX_FAILURES = 200  # pages in a row that cannot be copied: the page count is a lie


class RewriteFailed(ValueError):
    """A library cannot make sense of the file."""


class NeedsPassword(Exception):
    """The file is encrypted and no password given opens it; says so if none could."""


def rewritings(file: Path, passwords: Sequence[str]) -> tuple[Callable[[], bytes], ...]:
    """Return the ways to rewrite a file, best first; each returns the bytes of a new PDF.

    They raise RewriteFailed or NeedsPassword.
    """
    tried = ("", *passwords)
    return (partial(_by_qpdf, file, tried), partial(_by_pdfium, file, tried))


def _by_qpdf(file: Path, passwords: Sequence[str]) -> bytes:
    """Rebuild the cross-reference table and the page tree."""
    import pikepdf

    # What it had to mend is reported as a reject, not on the console.
    logging.getLogger("pikepdf").setLevel(logging.CRITICAL)
    buffer = io.BytesIO()
    for password in passwords:
        try:
            with pikepdf.open(file, password=password, suppress_warnings=True) as pdf:
                pdf.save(buffer)
            return buffer.getvalue()
        except pikepdf.PasswordError:
            continue
        except (pikepdf.PdfError, OSError, RuntimeError, ValueError) as error:
            raise RewriteFailed(_without_path(error, file)) from error
    raise NeedsPassword


def _by_pdfium(file: Path, passwords: Sequence[str]) -> bytes:
    """Copy the pages that can be copied into a new file."""
    import pypdfium2

    for password in passwords:
        _forget_last_error()
        try:
            damaged = pypdfium2.PdfDocument(file, password=password or None)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error):
                continue
            if "security" in str(error):
                raise NeedsPassword(CERTIFICATE) from error
            raise RewriteFailed(str(error)) from error
        try:
            return _copied(damaged)
        finally:
            damaged.close()
    raise NeedsPassword


def _forget_last_error() -> None:
    """Have PDFium fail for a known reason: of some files it tells why the one before failed."""
    import pypdfium2

    with suppress(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(b"no PDF")


def _copied(damaged: object) -> bytes:
    import pypdfium2

    buffer = io.BytesIO()
    failures = 0
    with pypdfium2.PdfDocument.new() as copy:
        for index in range(len(damaged)):  # type: ignore[arg-type]
            try:
                copy.import_pages(damaged, [index])
                failures = 0
            except pypdfium2.PdfiumError:
                failures += 1
            if failures > MAX_FAILURES:
                break
        if not len(copy):
            raise RewriteFailed("none of its pages can be copied")
        copy.save(buffer)
    return buffer.getvalue()


def _without_path(error: Exception, file: Path) -> str:
    """Return an error's text with the file's name only: the folder is no news."""
    return str(error).replace(str(file), file.name)
