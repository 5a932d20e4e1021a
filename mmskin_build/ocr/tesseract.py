"""The one place that runs the tesseract program: an image in, words with boxes out."""

from __future__ import annotations

import csv
import os
import resource
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mmskin_build.errors import MissingDependencyError
from mmskin_build.geometry import Box
from mmskin_build.pandas_aside import without_pandas

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

WORD_LEVEL = "5"  # of tesseract's TSV rows: page, block, paragraph, line, word
INSTALL = "apt-get install tesseract-ocr"
ATTEMPTS = 3  # somebody may kill it once or twice; a page it cannot bear ends all
STARVED = 5  # times its limit that it may take by the clock where it gets no core
KILLED = (-signal.SIGKILL, -signal.SIGTERM)
START_TIMEOUT_S = 60.0
BUSY_SHARE = 0.5  # of the time by the clock it computed: then the page is at fault
Answer = TypeVar("Answer")


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
    return frozenset(_asked(lambda tesseract, _: tesseract.get_languages(), START_TIMEOUT_S))


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
    languages = "+".join(layout.languages)
    options = f"--psm {layout.mode} --dpi {layout.dpi}"

    def ask(tesseract: Any, patience_s: float) -> str:
        found = tesseract.image_to_data(file, languages, options, timeout=patience_s)
        return str(found)

    with _stored(image) as file:
        return _asked(ask, timeout_s)


@cache
def _wrapper() -> Any:
    """Return pytesseract; it would load pandas for data frames that nobody here asks for."""
    with without_pandas():
        import pytesseract
    return pytesseract


def _asked(ask: Callable[[Any, float], Answer], timeout_s: float) -> Answer:
    """Return what tesseract answers; ``ask`` is told how many seconds it may take by the clock.

    It is asked again when somebody killed it. When it had no core to compute on, which is no
    fault of the page, it is asked once more with ``STARVED`` times the patience.

    Raises:
        MissingDependencyError: tesseract is not installed.
        RecognitionError: it failed or took longer than ``timeout_s``.
    """
    tesseract = _wrapper()
    # Threads inside tesseract cost more than they gain, and the runner uses all cores.
    os.environ["OMP_THREAD_LIMIT"] = "1"
    kills, patience_s = 0, timeout_s
    while True:
        before = _programs_cpu_s()
        try:
            return ask(tesseract, patience_s)
        except (tesseract.TesseractNotFoundError, FileNotFoundError) as error:
            raise MissingDependencyError(
                "some pages have no usable text layer, or pictures carry writing, and must be "
                "read by OCR, but the program tesseract is not installed; install it with "
                f"`{INSTALL}`"
            ) from error
        except tesseract.TesseractError as error:
            kills += 1
            if error.status not in KILLED or kills == ATTEMPTS:
                told = str(error.message).strip() or "it said nothing"
                raise RecognitionError(
                    f"tesseract ended with {error.status}: {told[:200]}"
                ) from error
        except RuntimeError as error:  # so pytesseract says that the time is over
            computed = _programs_cpu_s() - before
            if patience_s > timeout_s or computed > BUSY_SHARE * timeout_s:
                raise RecognitionError(f"tesseract took longer than {timeout_s:g} s") from error
            patience_s = STARVED * timeout_s


def _programs_cpu_s() -> float:
    """Return the CPU seconds of the programs that this process ran to their end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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

    def ask(tesseract: Any, patience_s: float) -> dict[str, Any]:
        kind = tesseract.Output.DICT
        found: dict[str, Any] = tesseract.image_to_osd(
            file, config=f"--dpi {dpi}", timeout=patience_s, output_type=kind
        )
        return found

    try:
        with _stored(image) as file:
            return int(_asked(ask, timeout_s)["rotate"]) % 360
    except RecognitionError:  # too few characters to tell
        return 0


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
