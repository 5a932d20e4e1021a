"""The command line as a user meets it: exit codes, messages, help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT


def stages(*args: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stages", *map(str, args)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=240)


def test_help_lists_every_command_with_a_line_of_help() -> None:
    text = stages("--help").stdout
    for name in ("build", "list", "explain", "inspect-page", "report", "review", "label-images"):
        line = next((row for row in text.splitlines() if row.split()[:1] == [name]), "")
        assert len(line.split()) > 2, f"{name} has no help line"


def test_list_shows_the_pipeline_in_order() -> None:
    rows = [line.split()[0] for line in stages("list").stdout.splitlines() if line[:1].strip()]
    wanted = ["extract", "ocr", "align", "modality", "demographics", "filter", "vqa", "split"]
    assert [r for r in rows if r in wanted] == wanted


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["build", "--pdfs", "no/such/folder"], 2, "no such folder"),
        (["sources", "pyproject.toml"], 2, "a file, not a folder"),
        (["label-images", "pyproject.toml", "-o", "x.csv"], 3, "a file, not a folder"),
        (["public-sets", "HAM1000"], 2, "HAM10000"),
        (["build", "--pdfs", "EMPTY"], 3, "no PDF file"),
        (["build", "--sources", "none.csv"], 2, "no such file"),
        (["build", "--pdfs", "EMPTY", "--sources", "x.csv"], 2, "exclude each other"),
        (["build", "--from", "algin"], 2, "no such stage"),
        (["build", "--from", "split", "--until", "ocr"], 2, "comes before"),
        (["build", "--config", "BADKEY"], 2, "did you mean 'workers'"),
        (["build", "--engine", "mars"], 2, "use one of local"),
        (["explain", "nothing", "--build-dir", "EMPTY"], 2, "no tables here yet"),
        (["build", "--nonsense"], 2, "No such option"),
    ],
)
def test_bad_arguments_end_in_one_message_and_a_documented_code(
    tmp_path: Path, args: list[str], code: int, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.yaml").write_text("runner:\n  wrokers: 2\n")
    places = {"EMPTY": str(tmp_path / "empty"), "BADKEY": str(tmp_path / "bad.yaml")}
    given = [places.get(a, a) for a in args]
    if args[0] == "build":
        given += ["--build-dir", str(tmp_path / "build")]
    done = stages(*given)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_of_broken_files_names_each_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "text.pdf").write_text("this is a letter, not a PDF")
    (tmp_path / "nothing.pdf").write_bytes(b"")
    (tmp_path / "cut.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<< /Type /Cat")
    done = stages("build", "--pdfs", tmp_path, "--build-dir", tmp_path / "build")
    assert done.returncode == 3
    for name in ("text: extract: not_a_pdf", "nothing: extract: file_empty", "cut: extract:"):
        assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_truncated_book_is_read_as_far_as_it_goes_and_named(tmp_path: Path) -> None:
    pymupdf = pytest.importorskip("pymupdf")
    with pymupdf.open() as book:
        for number in range(40):
            book.new_page().insert_text((72, 72), f"Page {number} " + "of a book " * 20)
        whole = book.tobytes()
    (tmp_path / "cut.pdf").write_bytes(whole[: len(whole) // 2])
    done = stages("build", "--pdfs", tmp_path, "--build-dir", tmp_path / "build", "--until", "ocr")
    assert done.returncode == 0, done.stderr
    assert "cut is damaged" in done.stdout


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        ("KeyboardInterrupt", 130, "finished parts are kept"),
        ("ZeroDivisionError('odd')", 8, "ZeroDivisionError: odd"),
        ("OSError(28, 'No space left on device')", 8, "error: [Errno 28]"),
    ],
)
def test_a_stop_and_a_fault_end_in_their_documented_codes(
    fault: str, code: int, message: str
) -> None:
    program = (
        "import sys\nfrom stages import cli\n"
        f"@cli.app.command('break')\ndef broken() -> None:\n    raise {fault}\n"
        "sys.argv = ['stages', 'break']\ncli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == code
    assert message in done.stderr
