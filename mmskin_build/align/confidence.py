"""The score of a pair: a logistic model over features that can be read aloud."""

from __future__ import annotations

import math

from mmskin_build.align.pairing import Figure, PageResult
from mmskin_build.align.prose import is_finished
from mmskin_build.align.style import BookStyle
from mmskin_build.geometry import area, height, width

SOFTEN = 0.03  # keeps the lead finite when there is no rival
SURE_LOG_ODDS = 2.94  # of a caption start that is believed at 0.95
SHORT_CHARS = 12
LEAST_LEFT_PT2 = 2500.0  # smaller art without caption is decoration

# `python -m stages fit-pair-score` on one half of 200 typeset books gave a start; then the lead
# (few of those pairs had a rival; the fit ignored it), unfinished captions (fit: -6.2), the bias
# and others were set by hand, more cautiously. No books were kept back: the aligner and these
# weights were worked on with both halves in view. On these books (3,122 pairs) they are right, by
# score: from .98 98-99 %, .95-.98 96 %, .90-.95 76 %, .80-.90 47 %, .35-.80 63 % (75 pairs). So
# scores from .95 up can be taken at their word; between .80 and .95 they promise far too much.
WEIGHTS: dict[str, float] = {
    "bias": 3.9,
    "closeness": 0.7,
    "lead": 0.25,
    "hint": 1.5,
    "neighbour": 0.8,
    "far": -1.75,
    "listed": 0.2,
    "walled": -0.1,
    "doubt": 0.3,
    "unlabelled": -1.0,
    "short": -0.5,
    "unfinished": -4.0,
    "art_left": -2.0,
    "caption_left": -0.4,
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
    return {
        "bias": 1.0,
        "closeness": math.log(weight),
        "lead": math.log((weight + SOFTEN) / (edge.rival + SOFTEN)),
        "hint": edge.hint,
        "neighbour": float(edge.side.startswith("neighbour")),
        "far": float(edge.side == "far"),
        "listed": float(edge.side == "in a list of captions"),
        "walled": float(edge.walled),
        "doubt": min(0.0, math.log(belief / (1 - belief)) - SURE_LOG_ODDS),
        "unlabelled": float(figure.caption.label is None),
        "short": float(len(caption) < SHORT_CHARS),
        "unfinished": 0.0 if is_finished(caption) else book.finished_share,
        "art_left": min(1.0, loose / own),
        "caption_left": float(any(c.label is not None for c in result.captions)),
    }


def pair_score(figure: Figure, result: PageResult, caption: str, book: BookStyle) -> float:
    """Return the probability that figure and caption belong together and are whole, 0 to 1."""
    found = features(figure, result, caption, book)
    z = sum(WEIGHTS[name] * value for name, value in found.items())
    return round(1 / (1 + math.exp(-z)), 4)
