import re
from pathlib import Path

import pymupdf
import pytest

from mmskin_build.pdf.opening import DocumentProblem, Rescue, open_document, open_rescued
from mmskin_build.reject_reasons import RejectReason


def pdf(path: Path, **save: object) -> Path:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "erythema")
    document.save(path, **save)
    return path


def reason_of(path: Path, *passwords: str) -> RejectReason:
    with pytest.raises(DocumentProblem) as problem, open_document(path, passwords):
        pass
    return problem.value.reason


def test_every_failure_has_its_reason(tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "text.pdf").write_text("not a PDF at all")
    (tmp_path / "head.pdf").write_bytes(b"%PDF-1.7\n")
    locked = pdf(
        tmp_path / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="u", owner_pw="o"
    )
    assert reason_of(tmp_path / "none.pdf") is RejectReason.FILE_MISSING
    assert reason_of(tmp_path / "empty.pdf") is RejectReason.FILE_EMPTY
    assert reason_of(tmp_path / "text.pdf") is RejectReason.NOT_A_PDF
    assert reason_of(tmp_path / "head.pdf") is RejectReason.DAMAGED
    assert reason_of(locked) is RejectReason.ENCRYPTED
    assert reason_of(locked, "wrong") is RejectReason.ENCRYPTED


def test_password_of_the_list_opens(tmp_path: Path) -> None:
    locked = pdf(
        tmp_path / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="u", owner_pw="o"
    )
    with open_document(locked, ("wrong", "u")) as document:
        assert "erythema" in document[0].get_text()


def test_folder_instead_of_file_is_reported(tmp_path: Path) -> None:
    assert reason_of(tmp_path) is RejectReason.FILE_MISSING


@pytest.mark.parametrize("handler", ["Adobe.PubSec/SubFilter/adbe.pkcs7.s5", "Nobodys.Own"])
def test_a_file_that_no_password_opens_is_encrypted_and_not_damaged(
    tmp_path: Path, handler: str
) -> None:
    path = pdf(tmp_path / "locked.pdf")
    trailer = f"trailer<</Encrypt<</Filter/{handler}/V 4/Length 128>>/ID[<00><00>]".encode()
    path.write_bytes(re.sub(rb"trailer\s*<<", trailer, path.read_bytes()))
    with pytest.raises(DocumentProblem, match="certificates") as problem, open_document(path):
        pass
    assert problem.value.reason is RejectReason.ENCRYPTED


@pytest.mark.parametrize(
    "start", [b"", b"%!PS-Adobe-3.0 PDF-1.7\n", b"HTTP/1.1 200 OK\r\n" * 90 + b"%PDF-1.7\n"]
)
def test_a_pdf_whose_mark_is_lost_or_comes_late_is_read(tmp_path: Path, start: bytes) -> None:
    path = pdf(tmp_path / "late.pdf")
    path.write_bytes(start + path.read_bytes().partition(b"\n")[2])
    with open_rescued(path) as (document, _):
        assert "erythema" in document[0].get_text()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04 word/document.xml", "ZIP archive"),
        (b"\n<!DOCTYPE HTML><html>Please log in: startxref 1 0 obj", "web page"),
        (b"%!PS-Adobe-3.0\nshowpage\n", "PostScript"),
        (bytes(5000), "the copy may have failed"),
    ],
)
def test_what_else_a_file_is_is_said(tmp_path: Path, content: bytes, kind: str) -> None:
    (tmp_path / "a.pdf").write_bytes(content)
    with pytest.raises(DocumentProblem, match=kind) as problem, open_document(tmp_path / "a.pdf"):
        pass
    assert problem.value.reason is RejectReason.NOT_A_PDF


def test_a_document_without_pages_is_damaged_whatever_was_opened_before(tmp_path: Path) -> None:
    path = pdf(tmp_path / "none.pdf")
    path.write_bytes(path.read_bytes().replace(b"/Page", b"/Pale"))
    locked = tmp_path / "locked.pdf"
    pdf(locked, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="u", owner_pw="o")
    locked.write_bytes(locked.read_bytes().replace(b"startxref", b"startxxxx"))
    pypdfium2 = pytest.importorskip("pypdfium2")
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(locked)
    assert reason_of(path) is RejectReason.DAMAGED


@pytest.mark.parametrize("name", ["xref_broken__issue9418.pdf", "xref_loop__append-xref-loop.pdf"])
def test_what_other_libraries_can_repair_is_opened(corpus: Path, name: str) -> None:
    with open_rescued(corpus / "hostile" / name) as (document, rescue):
        assert (document.page_count > 0, rescue) == (True, Rescue.PAGES)
