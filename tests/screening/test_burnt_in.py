"""Personal data written into a picture; the words themselves are never returned."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw
from skin import skin
from test_stages import pair, verdicts

from mmskin_build.errors import MissingDependencyError
from mmskin_build.memory_context import MemoryContext
from mmskin_build.ocr import tesseract
from mmskin_build.records import ImageCheck
from mmskin_build.screening import burnt_in
from mmskin_build.screening.burnt_in import personal_kinds, read_burnt_in, read_writings
from mmskin_build.screening.drawn_marks import font_of
from mmskin_build.screening.marks import look_at
from mmskin_build.screening.settings import Action, ScreeningSettings
from mmskin_build.screening.source import check_source
from mmskin_build.screening.writing import text_rows, writing_of

needs_tesseract = pytest.mark.skipif(not shutil.which("tesseract"), reason="no tesseract installed")


def written(*lines: str, seed: int = 1) -> np.ndarray:
    image = cv2.resize(skin(seed), (640, 480))
    for number, line in enumerate(lines):
        cv2.putText(image, line, (24, 60 + 40 * number), 0, 0.9, (255, 255, 255), 2, cv2.LINE_AA)
    return image


@pytest.mark.parametrize(
    ("lines", "kinds"),
    [
        (["29.11.2011"], ("date",)),
        (["2009/04/17 12:03"], ("date",)),
        (["14 MAR 2016"], ("date",)),
        (["DOB 12/04/61"], ("birth", "date")),
        (["MRN 0012345"], ("number",)),
        (["Hosp. No. 88231"], ("number",)),
        (["40213 M 45Y"], ("number",)),
        (["Name: Roe"], ("name",)),
        (["DOE^JANE"], ("name",)),
        (["SMITH*ANNA"], ("name",)),  # as tesseract reads a caret
        (["SMITH’ANNA"], ("name",)),
        (["Gase No 77123"], ("number",)),  # a misread keyword
        (["03-02:2015"], ("date",)),
        (["2014-16-30"], ("date",)),
        (["48213907"], ("number",)),
        (["2000000", "6000000", "10000000"], ()),  # at the axis of a chart
        (["DON'T", "CD4*CD8", "No. 12", "Pat A"], ()),
        (["epidermis", "50 µm", "x200", "Fig. 3.12", "45.2%", "12:03 PM", "p < 0.001"], ()),
        (["www.example.org", "mail@example.org", "CD8 cells", "Day 12", "1990-2010"], ()),
    ],
)
def test_what_counts_as_personal(lines: list[str], kinds: tuple[str, ...]) -> None:
    assert personal_kinds(lines) == kinds


@needs_tesseract
def test_a_name_and_a_date_are_read_off_a_picture() -> None:
    found = read_burnt_in(written("Name: John Carter", "29.11.2011"))
    assert {"name", "date"} <= set(found.kinds)
    assert len(found.boxes) == 2


def lettered(image: np.ndarray, text: str, at: tuple[int, int], font: str, size: int) -> np.ndarray:
    picture = Image.fromarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
    ImageDraw.Draw(picture).text(at, text, fill=(0, 0, 0), font=font_of(font, size))
    return np.asarray(cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR))


@needs_tesseract
def test_dark_letters_on_light_tissue_are_read_not_the_light_between_them() -> None:
    spots = np.random.default_rng(3).normal(size=(55, 85, 3)).astype(np.float32)
    spots = cv2.resize(spots, (680, 447), interpolation=cv2.INTER_CUBIC)
    tissue = np.clip(np.array((215, 165, 200)) + 45 * spots, 0, 255).astype(np.uint8)
    image = lettered(tissue, "12/03/98", (30, 5), "helv", 30)
    image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1], 1)
    assert max(text_rows(image, look_at(image))[0].ink) < 100
    assert read_burnt_in(image).kinds == ("date",)


def test_small_letters_that_touch_are_a_row() -> None:
    image = lettered(cv2.resize(skin(5), (450, 450)), "2009/04/17", (6, 5), "tibo", 10)
    assert [row.box[3] < 40 for row in text_rows(image, look_at(image))] == [True]


@needs_tesseract
def test_a_harmless_word_is_no_personal_data() -> None:
    assert read_burnt_in(written("epidermis")).kinds == ()


@needs_tesseract
def test_pictures_read_together_are_read_as_each_alone() -> None:
    pictures = [written("Name: John Carter"), written("epidermis"), written("MRN 0012345", seed=2)]
    writings = [found for image in pictures if (found := writing_of(image, look_at(image)))]
    together = read_writings(writings)
    assert together == [read_burnt_in(image) for image in pictures]
    assert [found.kinds for found in together] == [("name",), (), ("number",)]


@needs_tesseract
def test_a_blank_picture_among_others_keeps_its_place() -> None:
    blank, word = np.full((80, 300), 255, np.uint8), np.full((80, 300), 255, np.uint8)
    cv2.putText(word, "epidermis", (30, 50), 0, 1.2, (0,), 2, cv2.LINE_AA)
    read = tesseract.read_pictures(
        [blank, word, blank], tesseract.Layout(("eng",), 150, column=True), 30
    )
    assert [[w.text for w in words] for words in read] == [[], ["epidermis"], []]


@needs_tesseract
def test_one_picture_that_cannot_be_read_does_not_spoil_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tesseract.read_pictures

    def fails(images: list[np.ndarray], *rest: object) -> object:
        if len(images) > 1 or images[0].shape[1] > 600:
            raise tesseract.RecognitionError("took too long")
        return whole(images, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(burnt_in, "read_pictures", fails)
    ctx = MemoryContext(tmp_path)
    wide = written("a long line of harmless words")
    ctx.add([pair(ctx, "p", written("MRN 0012345")), pair(ctx, "q", wide), pair(ctx, "r", skin(2))])
    checks = {row.pair_id: row for row in check_source(ctx) if isinstance(row, ImageCheck)}
    assert list(checks) == ["p", "q", "r"]
    assert [c.burnt_in for c in checks.values()] == [("number",), ("unread",), ()]


def test_skin_without_writing_is_not_read() -> None:
    assert text_rows(skin(2), look_at(skin(2))) == []


@needs_tesseract
def test_a_hospital_number_drops_the_picture_or_is_painted_over(tmp_path: Path) -> None:
    for action, keep in ((Action.DROP, False), (Action.MASK, True)):
        ctx = MemoryContext(tmp_path)
        ctx.add([pair(ctx, "p", written("MRN 0012345"))])
        settings = ScreeningSettings(on_annotated=Action.MASK, on_burnt_in_text=action)
        verdict = verdicts(ctx, settings)["p"]
        assert verdict.keep == keep
        assert "burnt_in_text" in verdict.reason
        assert "0012345" not in verdict.detail
        check = next(ctx.rows(ImageCheck))
        assert check.burnt_in == ("number",)


def test_writing_that_cannot_be_read_for_want_of_tesseract_is_no_clean_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tesseract._installed_languages.cache_clear()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingDependencyError, match="apt-get install tesseract-ocr"):
        read_burnt_in(written("Name: John Carter"))
    tesseract._installed_languages.cache_clear()


def test_writing_that_cannot_be_read_is_not_taken_for_harmless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise tesseract.RecognitionError("took too long")

    monkeypatch.setattr(burnt_in, "read_pictures", fails)
    image = written("Name: SMITH JOHN", "MRN 4482913")
    assert read_burnt_in(image).kinds == ("unread",)
    ctx = MemoryContext(tmp_path)
    ctx.add([pair(ctx, "p", image)])
    verdict = verdicts(ctx, ScreeningSettings())["p"]
    assert not verdict.keep and "burnt_in_text: unread" in verdict.detail
