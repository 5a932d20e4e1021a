"""Which of tesseract's data files decide what is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmskin_build.ocr import language_data
from mmskin_build.ocr.settings import OcrSettings
from stages import ocr, screen


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    found = {name: Path(f"{name}.traineddata") for name in ("deu", "fra", "osd")}
    monkeypatch.setattr(language_data, "installed_data", lambda: found)
    return found


def test_the_languages_of_the_books_and_the_orientation_are_read(installed: object) -> None:
    assert list(language_data.data_for_books(OcrSettings(languages=("fra", "lat")))) == [
        "fra",
        "osd",
    ]


def test_writing_in_pictures_is_read_in_english_or_what_there_is(
    installed: dict[str, Path],
) -> None:
    assert list(language_data.data_for_writing(None)) == ["deu"]
    installed["eng"] = Path("eng.traineddata")
    assert list(language_data.data_for_writing(None)) == ["eng"]


@pytest.mark.skipif(
    not language_data.installed_data(), reason="this tesseract does not tell where its data is"
)
def test_the_stages_that_read_name_the_data_of_this_machine() -> None:
    for stage, settings in ((ocr.STAGE, OcrSettings()), (screen.STAGE, None)):
        (program,) = stage.programs
        assert program.data is not None
        assert program.data(settings)["eng"].stat().st_size > 0
