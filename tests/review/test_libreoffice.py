"""The queue opened and saved again by a real LibreOffice, in four ways of writing CSV."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from review_library import Library

from mmskin_build.review.apply import Request, apply_file
from mmskin_build.review.queue_store import Filter, QueueStore

DIALECTS = {
    "semicolons": "59,34,76,1",
    "every cell quoted": "44,34,76,1,,0,true",
    "windows-1252": "59,34,1,1",
    "tabs and UTF-16": "9,34,65535,1",
}


def convert(folder: Path, source: Path, kind: str, *more: str) -> Path:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("no LibreOffice installed")
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    out = folder / "out"
    command = [program, profile, "--headless", *more, "--convert-to", kind]
    subprocess.run([*command, "--outdir", str(out), str(source)], capture_output=True, timeout=200)
    made = out / f"{source.stem}.{kind.partition(':')[0]}"
    if not made.is_file():
        pytest.skip("this LibreOffice has no Calc")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_queue_survives_libreoffice(tmp_path: Path, dialect: str) -> None:
    library = Library(tmp_path, 5)
    library.caption("p0", '=1+1;"quoted", é\nsecond line')
    library.caption("p1", "-5 mm lesion")
    queue = library.queue()
    QueueStore(library.build).decide({"p1": "other", "p3": "pathology"}, "Ada", "seen twice")
    book = convert(tmp_path, queue, "ods", "--infilter=CSV:44,34,76,1")
    shutil.copy(
        convert(tmp_path, book, f"csv:Text - txt - csv (StarCalc):{DIALECTS[dialect]}"), queue
    )
    rows = {r["pair_id"]: r for r in QueueStore(library.build).select(Filter())}
    assert rows["p0"]["caption_start"] == '=1+1;"quoted", é second line'
    assert rows["p1"]["caption_start"] == "-5 mm lesion"
    request = Request(queue, tmp_path / "manifests", "", "2026-01-01")
    assert apply_file(request, library.digests).added == 2
