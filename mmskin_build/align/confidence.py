"""The score of a pair: a logistic model over features that can be read aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mmskin_build.align.layout import style_of
from mmskin_build.align.pairing import Figure, PageResult
from mmskin_build.align.prose import breaks_off, is_finished
from mmskin_build.align.style import BookStyle
from mmskin_build.geometry import area, height, width
from mmskin_build.records import TextLine

SOFTEN = 0.03  # keeps the lead finite when there is no rival
SURE_LOG_ODDS = 2.94  # of a caption start that is believed at 0.95
SHORT_CHARS = 12
SURE_READING = 0.95  # mean confidence of OCR in clean print
LEAST_LEFT_PT2 = 2500.0  # smaller art without caption is decoration

# Fitted by `python -m stages fit-pair-score --trust 4` on 322 typeset books (pdfLaTeX, Chromium,
# LibreOffice; 4,925 pairs, 126 of them wrong). "unfinished" and "short" were set by hand, for such
# books cannot teach them (see calibration.py), and so was "doubt", as there was hardly any; "far",
# "empty" and "caption_left" were rounded towards caution. What the score is worth on books held
# back from the fit stands in docs/design-notes.md. "scanned" and "misread", which typeset books do
# not have, were fitted on 609 pairs of damaged scans with the others held fast.
WEIGHTS: dict[str, float] = {
    "bias": 4.1,
    "closeness": 0.45,
    "lead": 0.3,
    "hint": 1.1,
    "neighbour": 1.3,
    "far": 0.5,
    "listed": 1.2,
    "walled": -1.7,
    "doubt": 0.1,
    "unlabelled": -1.8,
    "short": -0.5,
    "empty": -6.0,
    "unfinished": -1.5,
    "broken": -5.0,
    "plain": -1.9,
    "continued": -1.2,
    "art_left": -0.9,
    "caption_left": -1.5,
    "scanned": -1.1,
    "misread": -0.9,
}


def features(figure: Figure, result: PageResult, caption: str, book: BookStyle) -> dict[str, float]:
    """Return what the score of a pair is made of.

    Args:
        figure: the pair.
        result: the page of the figure with what it left over.
        caption: the caption as running text, without its label.
        book: how often captions end with a full stop in this book so far.
    """
    edge = figure.edge
    belief = min(0.999, max(0.001, figure.caption.belief))
    weight = min(1.0, max(0.001, edge.weight))
    page = result.content
    loose = sum(
        area(region.box)
        for region in result.regions
        if area(region.box) >= LEAST_LEFT_PT2 and not page.in_page_edge(region.box)
    )
    own = max(1.0, width(figure.box) * height(figure.box))
    said = as_printed(caption, figure.caption.lines[-1])
    return {
        "bias": 1.0,
        "closeness": math.log(weight),
        "lead": math.log((weight + SOFTEN) / (edge.rival + SOFTEN)),
        "hint": edge.hint,
        "neighbour": float(edge.side.startswith(("neighbour", "on a page"))),
        "far": float(edge.side == "far"),
        "listed": float(edge.side == "in a list of captions"),
        "walled": float(edge.walled),
        "doubt": min(0.0, math.log(belief / (1 - belief)) - SURE_LOG_ODDS),
        "unlabelled": float(figure.caption.label is None),
        "short": float(len(caption) < SHORT_CHARS),
        "empty": float(not caption),
        "unfinished": 0.0 if is_finished(said) else book.finished_share,
        "broken": float(breaks_off(said)),
        "plain": float(book.is_body(style_of(figure.caption.lines[-1]))),
        "continued": float(bool(figure.caption.tail)),
        "art_left": min(1.0, loose / own),
        "caption_left": float(any(c.label is not None for c in result.captions)),
        "scanned": float(figure.caption.lines[-1].origin == "ocr"),
        "misread": _misread(figure.caption.lines),
    }


def _misread(lines: Sequence[TextLine]) -> float:
    """Return by how many tenths OCR's mean confidence in a caption falls short of a sure one."""
    read = [line for line in lines if line.origin == "ocr"]
    letters = sum(len(line.text) for line in read)
    if not letters:
        return 0.0
    mean = sum(line.confidence * len(line.text) for line in read) / letters
    return 10 * max(0.0, SURE_READING - mean)


def as_printed(caption: str, last: TextLine) -> str:
    """Return a caption with the full stop that OCR took for a comma: nothing follows it."""
    return f"{caption[:-1]}." if last.origin == "ocr" and caption.endswith(",") else caption


def pair_score(figure: Figure, result: PageResult, caption: str, book: BookStyle) -> float:
    """Return the probability that figure and caption belong together and are whole, 0 to 1."""
    found = features(figure, result, caption, book)
    z = sum(WEIGHTS[name] * value for name, value in found.items())
    return round(1 / (1 + math.exp(-z)), 4)
