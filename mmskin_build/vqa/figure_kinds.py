"""What kind of figure a picture is that shows no skin, where its caption says so.

``lexicon/figure_kinds.csv`` holds the words that name a kind and the signs that betray it
('y-axis', 'each point represents'); ``lexicon/figure_classes.csv`` tells which classes exclude each
other. A caption that names kinds of two such classes speaks of several pictures; none is read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from mmskin_build.vqa.clauses import sentences
from mmskin_build.vqa.cues import denied, doubted
from mmskin_build.vqa.lexicon_files import Kind, Matcher, Term
from mmskin_build.vqa.words import Word

NEAR_START = 5  # words from the start of a sentence in which a kind is what the sentence is about


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A kind of figure that a caption names, with its place."""

    name: str
    of_class: str
    start: int
    end: int
    sign: bool = False  # its words belong to such a figure, but do not name it


@dataclass(frozen=True, slots=True)
class FigureLexicon:
    """Kinds of figures: their words, and what excludes what."""

    names: Matcher
    signs: Matcher
    shown: dict[str, str]  # class to the kind that stands for it among options
    may_also_be: dict[str, frozenset[str]]

    def overlap(self, one: str, other: str) -> bool:
        """Tell whether a figure of one class may be called one of the other as well."""
        return one == other or other in self.may_also_be[one] or one in self.may_also_be[other]

    def excluded_by(self, of_class: str) -> tuple[str, ...]:
        """Return kinds that a figure of this class cannot be."""
        return tuple(
            kind for c, kind in self.shown.items() if kind and not self.overlap(of_class, c)
        )


@lru_cache(maxsize=1)
def load_figure_lexicon() -> FigureLexicon:
    """Read the figure words that ship with the package."""
    kinds = list(_rows("figure_kinds.csv"))
    classes = list(_rows("figure_classes.csv"))
    return FigureLexicon(
        Matcher(_entries(kinds, "words")),
        Matcher(_entries(kinds, "signs")),
        {row["class"]: row["shown_in_options"] for row in classes},
        {row["class"]: frozenset(row["may_also_be"].split("|")) - {""} for row in classes},
    )


def _entries(rows: list[dict[str, str]], column: str) -> Iterator[tuple[str, Term]]:
    for row in rows:
        term = Term(Kind.FIGURE, row["kind"], row["class"])
        own = [row["kind"]] if column == "words" else []
        yield from ((words, term) for words in [*own, *row[column].split("|")] if words)


def _rows(name: str) -> Iterator[dict[str, str]]:
    file = resources.files("mmskin_build.vqa") / "lexicon" / name
    yield from csv.DictReader(file.read_text("utf-8").splitlines())


def named_kinds(text: str, words: list[Word]) -> list[FigureKind]:
    """Return every kind of figure that a text names plainly, in order."""
    lexicon, found = load_figure_lexicon(), []
    for matcher in (lexicon.names, lexicon.signs):
        for match in matcher.find(words):
            start, end = words[match.first].start, words[match.last].end
            if not denied(text, start) and not doubted(text, start, end):
                term, sign = match.terms[0], matcher is lexicon.signs
                found.append(FigureKind(term.name, term.group, start, end, sign))
    return found


def read_figure_kind(text: str, words: list[Word]) -> FigureKind | None:
    """Return the kind of figure a caption gives its picture, or None.

    What the first sentence names counts, what begins a later one ('The bar graph shows …'), and
    signs anywhere; kinds that exclude each other anywhere in the caption leave none.
    """
    lexicon, kinds = load_figure_lexicon(), named_kinds(text, words)
    if not all(lexicon.overlap(a.of_class, b.of_class) for a in kinds for b in kinds):
        return None
    about = [k for k in kinds if _is_about(text, words, k)]
    return max(about, key=_exactness, default=None)


def _exactness(kind: FigureKind) -> tuple[bool, bool, int]:
    """Prefer a named kind to 'graph' or 'diagram', and what stands first."""
    loose = kind.name in ("graph", "diagram", "photograph", "electron micrograph")
    return not loose, kind.name != "schematic drawing", -kind.start


def _is_about(text: str, words: list[Word], kind: FigureKind) -> bool:
    for number, (start, end) in enumerate(sentences(text)):
        if start <= kind.start < end:
            before = [w for w in words if start <= w.start < kind.start]
            return number == 0 or kind.sign or len(before) < NEAR_START
    return False
