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


def test_a_document_without_pages_is_damaged(tmp_path: Path) -> None:
    path = pdf(tmp_path / "none.pdf")
    path.write_bytes(path.read_bytes().replace(b"/Page", b"/Pale"))
    assert reason_of(path) is RejectReason.DAMAGED


@pytest.mark.parametrize("name", ["xref_broken__issue9418.pdf", "xref_loop__append-xref-loop.pdf"])
def test_what_other_libraries_can_repair_is_opened(corpus: Path, name: str) -> None:
    with open_rescued(corpus / "hostile" / name) as (document, rescue):
        assert (document.page_count > 0, rescue) == (True, Rescue.PAGES)
