"""Everything that is recognised on one drawn page: its words, its pictures, its tilt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmskin_build.geometry import Box, covered, height, width
from mmskin_build.ocr.gutter import find_fold, find_gutter
from mmskin_build.ocr.page_image import PageImage, straightened, turned
from mmskin_build.ocr.picture_regions import PageLook, Region
from mmskin_build.ocr.settings import OcrSettings
from mmskin_build.ocr.skew import estimate_skew
from mmskin_build.ocr.tesseract import (
    Layout,
    Word,
    check_languages,
    quarter_turns,
    read_words,
)
from mmskin_build.ocr.word_cleaning import by_line, cleaned, legible, mean_confidence, renumbered
from mmskin_build.pdf.memory import give_back_memory

READABLE = 0.6  # mean confidence below which the page may lie on its side
MIN_LONG_WORD = 4
TALL_WORD = 1.2  # height against width of a word that stands sideways
IN_PICTURE = 0.6  # share of a word within a photograph
BARE_LINE = 0.7  # share of a line's words that stand on bare paper within a picture
PLATE_CONFIDENCE = 0.75
SECOND_LOOK_CONFIDENCE = 0.5
SECOND_LOOK_MARGIN_PT = 3.0
SEEN_BEFORE = 0.3  # share of a word within one that is known
MAX_UNREAD = 60  # more unread strips than this are texture, not missed lines


@dataclass(frozen=True, slots=True)
class Recognised:
    """A page set upright and level, with what was found on it in pixels of that image."""

    image: PageImage
    skew_deg: float
    words: tuple[Word, ...]
    regions: tuple[Region, ...]
    gutter: float | None = None  # x of the fold when the scan shows two book pages


def recognise(drawn: PageImage, settings: OcrSettings) -> Recognised:
    """Read a drawn page and find its pictures.

    Raises:
        MissingDependencyError: tesseract or one of its languages is not installed.
        RecognitionError: tesseract failed or took too long.
    """
    check_languages(settings.languages)
    image, skew, raw = _upright(drawn, settings)
    del drawn
    give_back_memory()
    words = cleaned(raw, settings.min_word_confidence)
    fold = find_fold(image.grey)
    look = PageLook(image.color, image.dpi, dotted=image.dots_dpi > 0, fold=fold)
    photographs = look.photographs(words)
    words = _outside(words, photographs, look)
    words += _second_look(image, look, (words, photographs), settings)
    high, wide = image.color.shape[:2]
    gutter = find_gutter(fold, (high, wide), words, [region.box for region in photographs])
    regions = [*photographs, *look.drawings(words, photographs)]
    return Recognised(image, skew, tuple(words), tuple(regions), gutter)


def _upright(drawn: PageImage, settings: OcrSettings) -> tuple[PageImage, float, list[Word]]:
    """Return the page upright and level, the tilt taken out, and the words read."""
    best = _level(drawn, settings)
    sideways = _is_sideways(best[2])
    if mean_confidence(best[2]) >= READABLE and not sideways:
        return best
    turn = quarter_turns(drawn.grey, round(drawn.dpi), settings.page_timeout_s)
    turns = (turn,) if turn else (90, 270) if sideways else ()
    for clockwise in turns:
        again = _level(turned(drawn, clockwise), settings)
        if _is_sideways(best[2]) or legible(again[2]) > legible(best[2]):
            best = again
    return best


def _is_sideways(words: Sequence[Word]) -> bool:
    """Tell words that stand upright on the image: tesseract reads some sideways columns."""
    long = [word.box for word in words if len(word.text) >= MIN_LONG_WORD]
    tall = sum(height(box) > TALL_WORD * width(box) for box in long)
    return tall > len(long) / 2


def _level(drawn: PageImage, settings: OcrSettings) -> tuple[PageImage, float, list[Word]]:
    skew = estimate_skew(drawn.grey, drawn.dpi)
    image = straightened(drawn, skew) if skew else drawn
    layout = Layout(settings.languages, round(image.dpi))
    return image, skew, read_words(image.grey, layout, settings.page_timeout_s)


def _outside(words: Sequence[Word], pictures: Sequence[Region], look: PageLook) -> list[Word]:
    """Return the words without what was read in photographs; captions in a plate's corner stay.

    Such a caption stands on paper of its own and is read with confidence.
    """
    inside = [any(covered(w.box, p.box) > IN_PICTURE for p in pictures) for w in words]
    within = [word for word, hidden in zip(words, inside, strict=True) if hidden]
    captions: set[int] = set()
    for line in by_line(within):
        bare = sum(look.on_paper(line))
        letters = sum(len(word.text) for word in line)
        sure = mean_confidence(line) >= PLATE_CONFIDENCE
        if sure and bare > BARE_LINE * len(line) and letters >= MIN_LONG_WORD:
            captions.update(id(word) for word in line)
    return [
        word
        for word, hidden in zip(words, inside, strict=True)
        if not hidden or id(word) in captions
    ]


def _window(box: Box, margin: float) -> tuple[slice, slice]:
    """Return the rows and columns of an image that a box covers."""
    left, top = max(0, round(box[0] - margin)), max(0, round(box[1] - margin))
    return slice(top, round(box[3] + margin)), slice(left, round(box[2] + margin))


def _second_look(
    image: PageImage,
    look: PageLook,
    known: tuple[Sequence[Word], Sequence[Region]],
    settings: OcrSettings,
) -> list[Word]:
    """Read what tesseract passed over, such as a caption line squeezed between two pictures.

    The strips are copied to an empty page and read as scattered text.
    """
    words, photographs = known
    unread = look.unread(words, photographs)
    if not unread or len(unread) > MAX_UNREAD:
        return []
    margin = SECOND_LOOK_MARGIN_PT * image.px_per_pt
    grey = image.grey
    paper = round(float(np.percentile(grey, 80)))
    page = np.full_like(grey, paper)
    for box in unread:
        part = _window(box, margin)
        page[part] = grey[part]
    for box in [region.box for region in photographs] + [word.box for word in words]:
        page[_window(box, 0.0)] = paper
    layout = Layout(settings.languages, round(image.dpi), scattered=True)
    found = cleaned(read_words(page, layout, settings.page_timeout_s), SECOND_LOOK_CONFIDENCE)
    new = [
        word
        for word in _outside(found, photographs, look)
        if not any(covered(word.box, other.box) > SEEN_BEFORE for other in words)
    ]
    return renumbered(new, 1 + max((w.line for w in words), default=-1))
