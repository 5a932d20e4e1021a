"""Tesseract may be killed by somebody, or by a machine that runs out of memory."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from mmskin_build.ocr.tesseract import Layout, RecognitionError, read_words

HEADER = "level page_num block_num par_num line_num word_num left top width height conf text"
WORD = "5 1 1 1 1 1 10 10 40 12 96.0 macule"


def fake_tesseract(folder: Path, kills: int, signal: str) -> None:
    """A program that dies of a signal so often before it reads a word."""
    table = "\\n".join(line.replace(" ", "\\t") for line in (HEADER, WORD))
    program = folder / "tesseract"
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo tesseract 5.3.0 && exit\n'
        f"echo >> {folder}/calls\n"
        f"[ $(wc -l < {folder}/calls) -le {kills} ] && kill -{signal} $$\n"
        f'printf "{table}\\n" > "$2.tsv"\n'
    )
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("kills", "signal", "calls"), [(2, "KILL", 3), (9, "KILL", 3), (1, "SEGV", 1)]
)
def test_a_killed_tesseract_is_run_again_one_that_breaks_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int, signal: str, calls: int
) -> None:
    fake_tesseract(tmp_path, kills, signal)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    image = np.full((40, 80), 255, np.uint8)
    if kills < calls:
        (word,) = read_words(image, Layout(("eng",), 300), 10.0)
        assert word.text == "macule"
    else:
        with pytest.raises(RecognitionError, match="ended with -"):
            read_words(image, Layout(("eng",), 300), 10.0)
    assert len((tmp_path / "calls").read_text().splitlines()) == calls


@pytest.mark.parametrize(("does", "ends_well"), [("sleep 2", True), ("while :; do :; done", False)])
def test_tesseract_may_take_cpu_time_and_not_time_by_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, ends_well: bool
) -> None:
    fake_tesseract(tmp_path, 0, "KILL")
    program = tmp_path / "tesseract"
    program.write_text(program.read_text().replace("printf", f"{does}\nprintf"))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    image = np.full((40, 80), 255, np.uint8)
    if ends_well:  # as on a machine whose cores are busy
        assert len(read_words(image, Layout(("eng",), 300), 1.0)) == 1
    else:
        with pytest.raises(RecognitionError, match="took longer than 1 s"):
            read_words(image, Layout(("eng",), 300), 1.0)
