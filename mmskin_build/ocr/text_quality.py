"""Tell a usable text layer from a missing, garbled or badly recognised one.

A PDF draws glyphs; which characters they stand for is a separate table (ToUnicode) that may be
wrong or absent. The glyphs then look right and the text copied from them is soup. Nothing here
looks at the page: the verdict rests on the characters alone, in well under a millisecond, so it
can be asked of every page. Each font is judged by itself, because often only one of them is
broken and it may be the one the captions are set in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from operator import add
from typing import TYPE_CHECKING

from mmskin_build.geometry import width

if TYPE_CHECKING:
    from mmskin_build.records import EmbeddedLine

USABLE, NONE, GARBLED, POOR = "", "none", "garbled", "poor"
UNREADABLE = "unreadable"  # the page's content broke or would break a reader: nobody touches it

PAGE_COVER = 0.8  # a raster over this share of the page is a scan or a background
STAMP_CHARACTERS = 25  # fewer letters and digits than this over a page raster are no text layer
JUDGED_LETTERS = 80  # a font with fewer letters on the page is not judged by its letter pairs
SAMPLE = 700  # characters of one font that are looked at
GARBLED_SHARE = 0.5  # of the characters of a page that has hardly any good running text
MIN_RUNNING = 3  # lines of good running text that speak for a page
WIDE_LINE_PT = 100.0  # running text; words inside drawings are shorter
CHARACTERS_PER_PT = 0.1  # of running text at least; the tick marks of an axis stand further apart
COMMON_PAIR_SHARE = 0.42  # prose has .65 to .95, letters mapped at random .19 (at most .40)
CAPITAL_PAIR_SHARE = 0.33  # the same for fonts of capitals: acronyms and gene names score low
UNDECODED_SHARE = 0.3  # of the characters; formulas stay below
UNDECODED_CHARACTERS = 60
SYMBOL_WORD_SHARE = 0.5  # words with symbols inside
SPACED_LETTER_SHARE = 0.7  # letters that stand alone, as in "l e t t e r s"
EAST_ASIAN = frozenset(
    ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH")
)
MIXED_SCRIPT_SHARE = 0.25  # words that mix alphabets
NOISE_SHARE = 0.025  # words no typesetter prints, on a page under a raster

# The commonest letter pairs inside words of English, German, French and Spanish, accents folded:
# computed from figure captions and from the example sentences of spaCy's language data.
COMMON_PAIRS = frozenset(
    re.findall(
        "..",
        "abacadagaialamanaparasataubabebibobrcacechcickcoctcudadedidodr"
        "eaecedegeielenepereseteueyfrftgageghgrhahehihohtiaicidieilinio"
        "irisitlalelilllomamemimompmynancndnengninonsntobolomonoporosot"
        "ouowpapepiplpoppprqurardrerirmrorsrtsascsesispstsutatethtitotr"
        "tstttuueufulumunupurusutvevowawhwize",
    )
)

_WORD = re.compile(r"[^\W\d_]{3,25}")
_SEQUENCE = re.compile(r"[ACGTUN]+")
_UNDECODED = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\x7f-\x9f\U000f0000-\U0010ffff]")
_SYMBOL_INSIDE = re.compile(r"[A-Za-z0-9][!\"#$&*;<>?@\\^`{|}~]+[A-Za-z0-9]")
# What recognition makes of smudges: a digit or a symbol between small letters, a capital after a
# small letter inside a word, a full stop without a space, lone rare symbols.
_NOISE = re.compile(
    r"[a-z][0-9$£€|!\\][a-z]|^[a-z]{2,}[A-Z]{1,2}[a-z]*$|[a-z]{3}[.,;:][A-Za-z]{2}"
    r"|^[~|\\^_=«»¬¢£¥§©®°{}<>*]+$|[~\\^¬¢¥|]|^[b-hj-zB-HJ-Z]$|^[A-Z]{1,2}[a-z]*[0-9]+[a-zA-Z]+$"
)


def text_problem(lines: Sequence[EmbeddedLine], raster_cover: float) -> str:
    """Return what is wrong with a page's text layer, '' when it can be used.

    Args:
        lines: the page's own text lines.
        raster_cover: share of the page under its largest raster image, 0 to 1.

    Returns:
        'none' (no text layer, or only a stamp on a scanned page), 'garbled' (characters do not
        say what the glyphs show), 'poor' (a page raster with badly recognised text) or ''.
    """
    if not lines or (raster_cover >= PAGE_COVER and _is_stamp(lines)):
        return NONE
    by_font: dict[str, list[EmbeddedLine]] = {}
    for line in lines:
        by_font.setdefault(line.font, []).append(line)
    if _matters(by_font, [font for font in by_font if _is_garbled(_text(by_font[font]))]):
        return GARBLED
    if raster_cover >= PAGE_COVER and _is_noisy(_text(lines)):
        return POOR
    return USABLE


def _text(lines: Iterable[EmbeddedLine]) -> str:
    return " ".join([line.text for line in lines])


def _is_stamp(lines: Sequence[EmbeddedLine]) -> bool:
    """Tell a page number or a short notice on a scanned page from a text layer."""
    return sum(c.isalnum() for line in lines for c in line.text) < STAMP_CHARACTERS


def _matters(by_font: dict[str, list[EmbeddedLine]], garbled: list[str]) -> bool:
    """Tell whether garbled fonts set running text, not just the words inside a drawing."""
    if not garbled:
        return False
    lost = [line for font in garbled for line in by_font[font]]
    running = [line for line in lost if _is_running(line)]
    if len(running) > 1 and _is_garbled(_text(running)):
        return True
    every = [line for lines in by_font.values() for line in lines]
    kept = sum(_is_running(line) for line in every) - len(running)
    total = sum(len(line.text) for line in every)
    return kept < MIN_RUNNING and sum(len(line.text) for line in lost) > GARBLED_SHARE * total


def _is_running(line: EmbeddedLine) -> bool:
    """Tell a line of running text from the words and tick marks of a drawing."""
    extent = width(line.bbox)
    printed = sum(map(len, line.text.split()))
    return line.angle == 0 and extent >= WIDE_LINE_PT and printed >= CHARACTERS_PER_PT * extent


def _is_garbled(text: str) -> bool:
    if len(text) < JUDGED_LETTERS:
        return False
    if not text.isascii() and _is_undecoded(text[:SAMPLE]):
        return True
    return _is_symbol_soup(text[:SAMPLE]) or _is_letter_soup(text[:SAMPLE])


def _is_undecoded(text: str) -> bool:
    """Tell text of replacement and private-use characters, or of words that mix alphabets."""
    words = text.split()
    undecoded = len(_UNDECODED.findall(text))
    if undecoded >= UNDECODED_SHARE * sum(map(len, words)):
        return undecoded >= UNDECODED_CHARACTERS
    foreign = [word for word in _WORD.findall(text) if not word.isascii()]
    mixed = sum(_mixes_scripts(word) for word in foreign)
    return mixed > max(10.0, MIXED_SCRIPT_SHARE * len(words))


def _mixes_scripts(word: str) -> bool:
    """Tell a word of several alphabets; Japanese is written in three and without spaces."""
    scripts = {_script(letter) for letter in word}
    if scripts & EAST_ASIAN:
        scripts -= EAST_ASIAN | {"LATIN"}
        return bool(scripts - {"HANGUL"})
    return len(scripts) > 1


def _script(letter: str) -> str:
    """Return the first word of a letter's Unicode name: LATIN, GREEK, CYRILLIC ..."""
    return unicodedata.name(letter, "UNKNOWN").split(" ", 1)[0]


def _is_symbol_soup(text: str) -> bool:
    words = text.split()
    if len(words) < 12:
        return False
    alone = sum(len(word) == 1 and word.isalpha() for word in words)
    if alone > SPACED_LETTER_SHARE * len(words) and alone >= JUDGED_LETTERS:
        return True
    return len(_SYMBOL_INSIDE.findall(text)) > SYMBOL_WORD_SHARE * len(words)


def _is_letter_soup(text: str) -> bool:
    """Tell letters whose neighbours are those of no European language."""
    words = [word for word in _WORD.findall(_folded(text)) if not _SEQUENCE.fullmatch(word)]
    letters = sum(map(len, words))
    if letters < JUDGED_LETTERS or 2 * letters < sum(map(str.isalpha, text)):
        return False  # too few, or names and abbreviations in the text of another alphabet
    joined = " ".join(words)
    capital = joined.isupper() or sum(map(str.isupper, joined)) > 0.5 * letters
    limit = CAPITAL_PAIR_SHARE if capital else COMMON_PAIR_SHARE
    lowered = joined.lower()
    hits = sum(map(COMMON_PAIRS.__contains__, map(add, lowered, lowered[1:])))
    return hits < limit * (letters - len(words))


def _folded(text: str) -> str:
    """Return the text without accents and without letters of other alphabets."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def _is_noisy(text: str) -> bool:
    words = text.split()
    noise = sum(_NOISE.search(word) is not None for word in words)
    return noise > max(1.0, NOISE_SHARE * len(words))
