"""The overlay of a page, from the command line's side."""

from pathlib import Path

import pymupdf
import pytest
from typer.testing import CliRunner

from stages.cli import app

RUN = CliRunner()


@pytest.fixture
def encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built book that opens with a password only, and the settings that know it."""
    document = pymupdf.open()
    page = document.new_page(width=400, height=500)
    pixels = pymupdf.Pixmap(pymupdf.csRGB, 30, 20, bytes(range(180)) * 10, False)
    page.insert_image((60, 50, 300, 210), stream=pixels.tobytes("png"))
    page.insert_text((60, 224), "Figure 1. A plaque of the forearm.", fontsize=8)
    (tmp_path / "pdfs").mkdir()
    document.save(
        tmp_path / "pdfs" / "book.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="s3cret"
    )
    (tmp_path / "own.yaml").write_text("extract:\n  passwords: [s3cret]\n")
    monkeypatch.chdir(tmp_path)
    options = ["--pdfs", "pdfs", "--config", "own.yaml", "--until", "align", "--workers", "1"]
    result = RUN.invoke(app, ["build", *options])
    assert result.exit_code == 0, result.output
    return tmp_path


def test_inspect_page_opens_a_book_with_the_passwords_of_the_config(encrypted: Path) -> None:
    options = ["inspect-page", "book", "1", "--pdfs", "pdfs", "-o", "page.png"]
    result = RUN.invoke(app, [*options, "--config", "own.yaml"])
    assert result.exit_code == 0, result.output
    assert (encrypted / "page.png").read_bytes().startswith(b"\x89PNG")
    (encrypted / "page.png").unlink()
    result = RUN.invoke(app, options)
    assert result.exit_code != 0
    assert not (encrypted / "page.png").exists()
    assert "--config" in str(result.exception)
