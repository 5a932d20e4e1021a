from collections.abc import Mapping
from pathlib import Path

import pytest

from mmskin_build.ocr import book_language
from mmskin_build.ocr.book_language import LanguageWatch

GERMAN = "Das klinische Bild wechselt mit dem Alter und die Behandlung ist oft nicht erfolgreich."
ENGLISH = (
    "The clinical picture varies with age and the treatment is often of little use, as was seen."
)
NAMES = "Psoriasis vulgaris, Lichen planus, Granuloma annulare 12.3 mg, n = 45 (Lupus)."


def told(pages: list[str], languages: tuple[str, ...] = ("eng",)) -> list[str]:
    watch = LanguageWatch(languages)
    return [advice for text in pages if (advice := watch.see([text]))]


def installed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    data: Mapping[str, Path] = {name: Path(f"{name}.traineddata") for name in names}
    monkeypatch.setattr(book_language, "installed_data", lambda: data)


def test_a_german_book_read_as_english_is_named_once_with_the_fix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, "eng", "osd")
    (advice,) = told([GERMAN] * 40)
    assert "German" in advice
    assert "`apt-get install tesseract-ocr-deu` and set ocr.languages to [deu]" in advice
    installed(monkeypatch, "eng", "deu")
    (advice,) = told([GERMAN] * 40)
    assert "apt-get" not in advice


def test_books_in_the_language_told_and_books_with_foreign_references_are_left_alone() -> None:
    assert told([GERMAN] * 40, ("deu",)) == []
    assert told([GERMAN] * 40, ("eng", "deu")) == []
    assert told([ENGLISH, ENGLISH, GERMAN] * 40) == []
    assert told([NAMES] * 400) == []
    assert told([GERMAN] * 3) == []  # too little to tell
