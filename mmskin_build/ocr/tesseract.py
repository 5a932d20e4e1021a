"""The one place that runs the tesseract program: an image in, words with boxes out."""

from __future__ import annotations

import csv
import math
import os
import re
import resource
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mmskin_build.errors import MissingDependencyError
from mmskin_build.geometry import Box

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

WORD_LEVEL = "5"  # of tesseract's TSV rows: page, block, paragraph, line, word
INSTALL = "apt-get install tesseract-ocr"
ATTEMPTS = 3  # somebody may kill it once or twice; a page it cannot bear ends all
STARVED = 5  # times its CPU time that it may take by the clock
KILLED = (-signal.SIGKILL, -signal.SIGTERM)
START_TIMEOUT_S = 60.0
_ROTATE = re.compile(r"^Rotate: (\d+)", re.MULTILINE)


class RecognitionError(Exception):
    """Tesseract gave up on one image: it failed or took too long."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word; ``line`` numbers tesseract's own lines on the image."""

    box: Box  # in pixels of the image
    text: str
    confidence: float  # 0 to 1
    line: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What tesseract is told about an image."""

    languages: tuple[str, ...]
    dpi: int
    scattered: bool = False  # lone lines anywhere, instead of columns of text
    column: bool = False  # one column of lines, nothing else

    @property
    def mode(self) -> int:
        """Tesseract's page segmentation mode."""
        return 11 if self.scattered else 6 if self.column else 3


def check_languages(languages: Sequence[str]) -> None:
    """Raise MissingDependencyError unless tesseract and all its languages are installed."""
    installed = _installed_languages()
    missing = [language for language in languages if language not in installed]
    if missing:
        packages = " ".join(package_of(name) for name in missing)
        raise MissingDependencyError(
            f"tesseract has no data for {', '.join(missing)} (ocr.languages); install it with "
            f"`apt-get install {packages}` (installed: {', '.join(sorted(installed))})"
        )


def package_of(language: str) -> str:
    """Return the Debian package with the data of a language."""
    return f"tesseract-ocr-{language.lower().replace('_', '-')}"


@cache
def _installed_languages() -> frozenset[str]:
    return frozenset(_run(["--list-langs"], START_TIMEOUT_S).split("\n")[1:]) - {""}


def latin_language() -> tuple[str, ...]:
    """Return an installed language that reads Latin letters and digits, English if it is there.

    Raises:
        MissingDependencyError: tesseract is not installed, or without any language.
    """
    installed = sorted(_installed_languages() - {"osd"})
    if not installed:
        check_languages(("eng",))
    return ("eng",) if "eng" in installed else (installed[0],)


def read_words(image: npt.NDArray[np.uint8], layout: Layout, timeout_s: float) -> list[Word]:
    """Return the words of a grey image in tesseract's order.

    Raises:
        RecognitionError: tesseract failed or took longer than ``timeout_s``.
    """
    return _words_per_page(_table(image, layout, timeout_s)).get(1, [])


def read_pictures(
    images: Sequence[npt.NDArray[np.uint8]], layout: Layout, timeout_s: float
) -> list[list[Word]]:
    """Return the words of several small grey images, read as each alone would be.

    One process reads them all: to start it takes longer than to read a few lines.

    Raises:
        RecognitionError: tesseract failed on one of them, or took longer than ``timeout_s``.
    """
    from PIL import Image

    with tempfile.TemporaryDirectory(prefix="mmskin-ocr-") as folder:
        names = [f"{folder}/{number}.png" for number in range(len(images))]
        for name, image in zip(names, images, strict=True):
            Image.fromarray(image).save(name, compress_level=1)
        listing = Path(folder) / "pictures.txt"
        listing.write_text("\n".join(names) + "\n", encoding="utf-8")
        pages = _words_per_page(_table(str(listing), layout, timeout_s))
    if len(pages) != len(images):
        raise RecognitionError(f"tesseract read {len(pages)} of {len(images)} pictures")
    return [pages[number] for number in range(1, len(images) + 1)]


def _table(image: npt.NDArray[np.uint8] | str, layout: Layout, timeout_s: float) -> str:
    with _stored(image) as file:
        languages = "+".join(layout.languages)
        options = ["-l", languages, "--psm", str(layout.mode), "--dpi", str(layout.dpi)]
        return _run([file, "stdout", *options, "-c", "tessedit_create_tsv=1"], timeout_s)


def _run(arguments: Sequence[str], timeout_s: float) -> str:
    """Return what tesseract prints.

    The program is run as it is: its usual wrapper packs images and loads pandas into each worker.

    Raises:
        MissingDependencyError: tesseract is not installed.
        RecognitionError: it failed or took longer than ``timeout_s``.
    """
    # Threads inside tesseract cost more than they gain, and the runner uses all cores.
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        for _ in range(ATTEMPTS):
            done = _done(["tesseract", *arguments], environment, timeout_s)
            if done.returncode not in KILLED:
                break
    except FileNotFoundError as error:
        raise MissingDependencyError(
            "some pages have no usable text layer, or pictures carry writing, and must be read by "
            f"OCR, but the program tesseract is not installed; install it with `{INSTALL}`"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise RecognitionError(f"tesseract took longer than {timeout_s:g} s") from error
    if done.returncode == -signal.SIGXCPU:
        raise RecognitionError(f"tesseract took longer than {timeout_s:g} s")
    if done.returncode:
        complaint = done.stderr.decode("utf-8", "replace").strip() or "it said nothing"
        raise RecognitionError(f"tesseract ended with {done.returncode}: {complaint[:200]}")
    return done.stdout.decode("utf-8", "replace")


def _done(
    command: Sequence[str], environment: dict[str, str], timeout_s: float
) -> subprocess.CompletedProcess[bytes]:
    """Run a program to its end, or to the end of the CPU time it may take.

    On a machine with many other jobs it takes longer by the clock, which is no fault of the page.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        patience = timeout_s * (STARVED if _limit_cpu(process.pid, timeout_s) else 1)
        try:
            out, err = process.communicate(timeout=patience)
        except BaseException:
            process.kill()
            raise
        return subprocess.CompletedProcess(command, process.returncode, out, err)


def _limit_cpu(pid: int, seconds: float) -> bool:
    """Have the kernel end a process that computes longer; False where it cannot (not Linux)."""
    if not hasattr(resource, "prlimit"):
        return False
    most = math.ceil(seconds)
    try:
        resource.prlimit(pid, resource.RLIMIT_CPU, (most, most + 1))
    except (OSError, ValueError):  # it has ended, or a lower limit holds
        return False
    return True


@contextmanager
def _stored(image: npt.NDArray[np.uint8] | str) -> Iterator[str]:
    """Yield the name of a file tesseract can read: grey levels as they are, for its while only.

    To pack a page as PNG takes half a second.
    """
    import numpy as np

    if isinstance(image, str):
        yield image
        return
    high, wide = image.shape
    with tempfile.NamedTemporaryFile(prefix="mmskin-ocr-", suffix=".pgm") as file:
        file.write(b"P5\n%d %d\n255\n" % (wide, high))
        file.write(np.ascontiguousarray(image).data)
        file.flush()
        yield file.name


def quarter_turns(image: npt.NDArray[np.uint8], dpi: int, timeout_s: float) -> int:
    """Return by how many degrees clockwise the image must be turned to stand upright.

    0 when tesseract cannot tell, or when its orientation data is not installed.
    """
    if "osd" not in _installed_languages():
        return 0
    try:
        with _stored(image) as file:
            told = _run([file, "stdout", "--psm", "0", "--dpi", str(dpi)], timeout_s)
    except RecognitionError:  # too few characters to tell
        return 0
    turn = _ROTATE.search(told)
    return int(turn[1]) % 360 if turn else 0


def _words_per_page(table: str) -> dict[int, list[Word]]:
    """Return the words of each picture of a table, by its number from 1, empty ones too."""
    pages: dict[int, list[Word]] = {}
    lines: dict[tuple[str, ...], int] = {}
    reader = csv.DictReader(table.split("\n"), delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in reader:
        words = pages.setdefault(int(row["page_num"]), [])
        text = (row.get("text") or "").strip()
        if row["level"] != WORD_LEVEL or not text:
            continue
        left, top = float(row["left"]), float(row["top"])
        box = (left, top, left + float(row["width"]), top + float(row["height"]))
        key = (row["page_num"], row["block_num"], row["par_num"], row["line_num"])
        confidence = min(1.0, max(0.0, float(row["conf"]) / 100))
        words.append(Word(box, text, confidence, lines.setdefault(key, len(lines))))
    return pages
