"""Drop what tesseract makes of dust and pictures; put right what it misreads in captions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mmskin_build.geometry import height, width
from mmskin_build.ocr.tesseract import Word

SURE = 0.8
SURE_LINE = 0.75  # mean confidence of a line whose doubtful words are kept as well
LONE_SIGN = 0.75  # confidence a word without letter or digit needs
SPECK_EM = 0.35  # dust is smaller than this in both directions
MIN_SURE_SHARE = 0.3  # of the letters in words read for sure; a page with less is a picture
MIN_SURE_LETTERS = 3

# "Fig." is set in small capitals or 7 pt type in many books, and read in these ways.
_FIGURE_WORD = re.compile(r"^[«‘'\"]?[FE][iIl1|!][cCgG6eoO]([.,]?)[-.,·]?$")
# Small capitals are misread letter by letter, each as one that looks like it.
_LOOKS_LIKE = {
    "a": "aáà4", "b": "bpdhn8", "c": "cgq", "d": "dbpo", "e": "eéè", "f": "frp", "g": "gcq6",
    "h": "hunrb", "i": "ií1l|!t", "l": "li1|!tu", "n": "nw", "o": "o0öc", "p": "pbd", "r": "rk",
    "t": "tirlí", "u": "uvt",
}  # fmt: skip
_LABEL_NAMES = (
    "figure figura figuur abbildung tafel plate planche photo photograph foto image imagen "
    "imagem immagine lámina table tabelle tabla tableau tabella"
)
_LABEL_FORMS = [
    (
        name,
        re.compile("".join(f"[{re.escape(_LOOKS_LIKE.get(letter, letter))}]" for letter in name)),
    )
    for name in _LABEL_NAMES.split()
]
_NUMBER_START = re.compile(r"^[\dIVXlS|]+[\dA-Za-z.,·:—–-]*")
_NUMBER_COMMA = re.compile(r"^(\d+(?:[.-]\d+)*),([—–-])")
_GLUED_LABEL = re.compile(r"^(FIG\.?|Fig\.?)(\d+[.:]?)$")
_MAGNIFICATION = re.compile(r"^[x«]\s?(\d{2,4}[.,;)]*)$")


def legible(words: Sequence[Word]) -> float:
    """Return how much was read: sure letters in words of three and more."""
    return sum(w.confidence * len(w.text) for w in words if len(w.text) >= MIN_SURE_LETTERS)


def mean_confidence(words: Sequence[Word]) -> float:
    """Return the mean confidence of the letters, 0 when there are none."""
    letters = sum(len(word.text) for word in words)
    return sum(w.confidence * len(w.text) for w in words) / letters if letters else 0.0


def cleaned(words: Sequence[Word], min_confidence: float) -> list[Word]:
    """Return the words without dust, without guesses, and without what was read in pictures."""
    if not words:
        return []
    sure = [w for w in words if w.confidence >= SURE and len(w.text) >= MIN_SURE_LETTERS]
    letters = sum(len(w.text) for w in words)
    if sum(len(w.text) for w in sure) < MIN_SURE_SHARE * letters:
        return sure
    usual = float(np.median([height(w.box) for w in words]))
    kept: list[Word] = []
    for line in by_line(words):
        line_is_sure = mean_confidence(line) >= SURE_LINE
        kept += [w for w in line if _is_kept(w, usual, 0.0 if line_is_sure else min_confidence)]
    return kept


def by_line(words: Sequence[Word]) -> list[list[Word]]:
    """Return the words grouped by tesseract's lines, in its order."""
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return list(lines.values())


def _is_kept(word: Word, usual: float, min_confidence: float) -> bool:
    if any(c.isalnum() for c in word.text):
        return word.confidence >= min_confidence
    if max(height(word.box), width(word.box)) < SPECK_EM * usual:
        return False
    return word.confidence >= LONE_SIGN


def mended(texts: Sequence[str]) -> str:
    """Return the words of a line joined, with two frequent misreadings put right.

    A leading "Fig." is restored only before a number ("Fic. 3.", "F1G. 3,—"), and "x200" or
    "«200" becomes the magnification "×200".
    """
    texts = [_MAGNIFICATION.sub(r"×\1", text) for text in texts]
    texts = [*_parted_label(texts[0], alone=len(texts) == 1), *texts[1:]]
    if len(texts) > 1 and _NUMBER_START.match(texts[1]):
        texts = [_label_word(texts[0]), *texts[1:]]
    if len(texts) > 1:
        found = _FIGURE_WORD.match(texts[0])
        if found and _NUMBER_START.match(texts[1]):
            name = "FIG" if "G" in texts[0] or texts[0].isupper() else "Fig"
            number = _NUMBER_COMMA.sub(r"\1.\2", texts[1])
            texts = [name + ("." if found.group(1) else ""), number, *texts[2:]]
    return " ".join(texts)


def starts_caption(first: str, second: str) -> bool:
    """Tell whether two words are a printed label: 'Fig.' or 'Figure' and a number."""
    if not _NUMBER_START.match(second) or not second[:1].isdigit():
        return False
    return bool(_FIGURE_WORD.match(first)) or _label_word(first).lower() in _LABEL_NAMES.split()


def _label_word(word: str) -> str:
    """Put right a label word in small capitals: "Ficure" is "Figure", "AppiLDuNG" "Abbildung"."""
    low = word.lower()
    known = next((name for name, form in _LABEL_FORMS if form.fullmatch(low)), low)
    if known == low or not word[0].isupper():
        return word
    return known.upper() if word.isupper() else known.capitalize()


def _parted_label(word: str, alone: bool) -> list[str]:
    """Part "FIG6" into "FIG 6"; a lone "FIGS" is "FIG 5", as no plural stands alone."""
    found = _GLUED_LABEL.match(word)
    if found:
        return [found.group(1), found.group(2)]
    return [word[:-1], "5"] if alone and word in ("FIGS", "Figs") else [word]


def renumbered(words: Sequence[Word], first_line: int) -> list[Word]:
    """Return the words with their line numbers counted from ``first_line``."""
    return [replace(word, line=word.line + first_line) for word in words]
