"""Fit the weights of the pair score on books with known figures, and check what it promises.

The examples are the pairs the aligner itself makes there, right ones and wrong ones, so the
score learns which of its own decisions to doubt. A pair is right when its caption says what a
known one of its page says (similarity of letters and digits at least 90 of 100) and its box
agrees (IoU at least 0.5). The fit is a logistic regression with a normal prior around the present
weights, so what the books at hand hardly show keeps the weight it had.
"""

from __future__ import annotations

import json
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmskin_build.align.book_pages import BookPages
from mmskin_build.align.confidence import WEIGHTS, features
from mmskin_build.align.legends import with_legends
from mmskin_build.align.pairing import Figure, learn_sides, learn_style, pair_pages
from mmskin_build.errors import ConfigError
from mmskin_build.geometry import iou
from mmskin_build.memory_context import MemoryContext
from mmskin_build.pdf.reading import read_source
from mmskin_build.pdf.settings import ExtractSettings
from mmskin_build.records import EmbeddedLine, EmbeddedPage, Page, Source, TextLine

TEXT_RATIO = 90.0
RIGHT_IOU = 0.5
# Typeset books end every caption with a full stop and have none of two words; real ones do not.
KEPT = ("unfinished", "short")  # so these weights stay what they are
KEPT_TRUST = 1e-4
BINS = (0.0, 0.35, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.01)


@dataclass(frozen=True, slots=True)
class Example:
    """A pair the aligner made, and whether it is right."""

    book: str
    features: dict[str, float]
    right: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs whose score lies in one range: the mean score beside the share that is right."""

    low: float
    high: float
    pairs: int
    said: float
    true: float


def read_examples(folder: Path) -> Iterator[Example]:
    """Yield the pairs of all books below a folder of ``<book>/gold.json`` with its PDF beside it.

    ``gold.json`` holds ``{"figures": [{"page", "bbox", "label", "caption"}, ...]}``: pages from 1,
    boxes in points from the top left of the page as displayed, captions without their label.

    Raises:
        ConfigError: there is no such book.
    """
    golds = sorted(folder.glob("*/gold.json"))
    if not golds:
        raise ConfigError(f"{folder}: no <book>/gold.json below it")
    for gold in golds:
        known = json.loads(gold.read_text(encoding="utf-8"))["figures"]
        yield from _examples_of(next(gold.parent.glob("*.pdf")), known)


def _examples_of(pdf: Path, known: Sequence[dict[str, Any]]) -> Iterator[Example]:
    with tempfile.TemporaryDirectory() as scratch:
        context = _extracted(pdf, Path(scratch))
        pages = BookPages(context)
        book = learn_style(pages)
        learn_sides(pages, book)
        for result in with_legends(pair_pages(pages, book)):
            for figure in result.figures:
                caption = figure.caption.text(book.vocabulary)
                right = any(_agrees(figure, caption, gold) for gold in known)
                yield Example(pdf.stem, features(figure, result, caption, book), right)


def _extracted(pdf: Path, scratch: Path) -> MemoryContext:
    """Return the rows of a born-digital book, its own text layer taken as it is."""
    context = MemoryContext(scratch, [Source(pdf.stem, str(pdf), "")])
    context.add(read_source(context, ExtractSettings()))
    context.add(
        Page(p.source_id, p.page, p.width_pt, p.height_pt, p.rotation, "embedded", None, 0.0)
        for p in list(context.rows(EmbeddedPage))
    )
    names = [field.name for field in fields(TextLine)]
    context.add(
        TextLine(*[getattr(line, name) for name in names])
        for line in list(context.rows(EmbeddedLine))
    )
    return context


def _agrees(figure: Figure, caption: str, gold: dict[str, Any]) -> bool:
    from rapidfuzz import fuzz

    if gold["page"] != figure.page or iou(tuple(gold["bbox"]), figure.box) < RIGHT_IOU:
        return False
    wanted, label = _letters(gold["caption"]), _letters(gold.get("label") or "")
    found = _letters(caption)
    return bool(max(fuzz.ratio(w, found) for w in (wanted, label + wanted)) >= TEXT_RATIO)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", text).lower())


def fit(examples: Sequence[Example], trust: float = 1.0) -> dict[str, float]:
    """Return the weights that make the score of these examples a probability.

    Args:
        examples: pairs, right and wrong ones.
        trust: how far the examples may move a weight: the variance of the normal prior around
            the present weights.

    Raises:
        ConfigError: all examples are right, or all are wrong.
    """
    from scipy.optimize import minimize

    truth = np.array([example.right for example in examples], float)
    if truth.all() or not truth.any():
        raise ConfigError("the fit needs right and wrong pairs; give more difficult books")
    names = list(WEIGHTS)
    table = np.array([[example.features[name] for name in names] for example in examples])
    prior = np.array(list(WEIGHTS.values()))
    spread = np.array([KEPT_TRUST if name in KEPT else trust for name in names])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z, away = table @ weights, weights - prior
        cost = np.logaddexp(0, z).sum() - truth @ z + 0.5 * (away @ (away / spread))
        slope = table.T @ (1 / (1 + np.exp(-z)) - truth) + away / spread
        return float(cost), slope

    found = minimize(loss, prior, jac=True, method="BFGS").x
    return {name: round(float(value), 2) for name, value in zip(names, found, strict=True)}


def reliability(examples: Sequence[Example], weights: dict[str, float]) -> list[Bin]:
    """Return, per range of the score, what it says and what is true."""
    z = [sum(weights[name] * v for name, v in e.features.items()) for e in examples]
    scores = 1 / (1 + np.exp(-np.array(z)))
    truth = np.array([example.right for example in examples], float)
    bins = []
    for low, high in pairwise(BINS):
        inside = (scores >= low) & (scores < high)
        count = int(inside.sum())
        if count:
            said, true = float(scores[inside].mean()), float(truth[inside].mean())
            bins.append(Bin(low, min(1.0, high), count, round(said, 3), round(true, 3)))
    return bins
