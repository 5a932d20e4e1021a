"""Where tesseract keeps what it learnt of each language: other data reads pages differently."""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from pathlib import Path

from mmskin_build.ocr.settings import OcrSettings

ORIENTATION = "osd"  # tells how a page is turned
LATIN = "eng"  # wherever it is installed, see latin_language
SUFFIX = ".traineddata"
TIMEOUT_S = 30.0
_FOLDER = re.compile(r'List of available languages in "(?P<folder>[^"]+)"')


def data_for_books(settings: OcrSettings) -> dict[str, Path]:
    """Return the data files by which pages are read: {language: file}, absent ones left out."""
    return _files((*settings.languages, ORIENTATION))


def data_for_writing(settings: object) -> dict[str, Path]:
    """Return the data file by which writing in pictures is read: {language: file}."""
    names = [name for name in installed_data() if name != ORIENTATION]
    return _files((LATIN,) if LATIN in names else tuple(names[:1]))


def _files(languages: tuple[str, ...]) -> dict[str, Path]:
    known = installed_data()
    return {name: known[name] for name in languages if name in known}


@cache
def installed_data() -> dict[str, Path]:
    """Return the data file of each installed language, sorted; none when it cannot be told."""
    try:
        done = subprocess.run(
            ["tesseract", "--list-langs"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # older releases print there
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    told = _FOLDER.search(done.stdout.decode("utf-8", "replace"))
    folder = Path(told["folder"] if told else os.environ.get("TESSDATA_PREFIX", ""))
    if folder == Path():
        return {}
    names = sorted(f.relative_to(folder).as_posix() for f in folder.rglob(f"*{SUFFIX}"))
    return {name.removesuffix(SUFFIX): folder / name for name in names}
