"""The dermatology lexicon: CSV files a clinician can read, compiled into one fast matcher."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

from mmskin_build.records import Modality
from mmskin_build.vqa.words import Word, words_of


class Kind(StrEnum):
    """What a lexicon term says."""

    LESION = "lesion"
    SURFACE = "surface"
    COLOUR = "colour"
    NUMBER = "number"
    ARRANGEMENT = "arrangement"
    DISTRIBUTION = "distribution"
    SHAPE = "shape"
    BORDER = "border"
    QUALITY = "quality"  # seen, but of no one family
    TISSUE = "tissue"  # normal parts that a section shows
    STRUCTURE = "structure"
    HISTOLOGY = "histology"
    STAIN = "stain"
    SYMPTOM = "symptom"
    SITE = "site"
    DISEASE = "disease"
    FIGURE = "figure"  # a kind of figure that shows no skin (``figure_kinds``)


#: what can be seen, as opposed to named, felt or located
VISIBLE = frozenset(
    {
        Kind.LESION, Kind.SURFACE, Kind.COLOUR, Kind.ARRANGEMENT, Kind.SHAPE, Kind.BORDER,
        Kind.STRUCTURE, Kind.HISTOLOGY, Kind.QUALITY, Kind.TISSUE,
    }
)  # fmt: skip
_PICTURE_LETTER = {Modality.CLINICAL: "c", Modality.DERMOSCOPY: "d", Modality.PATHOLOGY: "p"}
_ELSEWHERE = {  # kinds that mean something else, or nothing, in the other modalities
    Modality.CLINICAL: {Kind.STRUCTURE, Kind.HISTOLOGY, Kind.STAIN, Kind.TISSUE},
    Modality.DERMOSCOPY: {Kind.HISTOLOGY, Kind.STAIN, Kind.TISSUE},
    Modality.PATHOLOGY: {
        Kind.STRUCTURE, Kind.LESION, Kind.SURFACE, Kind.COLOUR, Kind.SYMPTOM,
        Kind.ARRANGEMENT, Kind.DISTRIBUTION, Kind.NUMBER, Kind.SHAPE, Kind.BORDER,
        Kind.QUALITY,
    },
    Modality.OTHER: {Kind.STRUCTURE, Kind.STAIN},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the lexicon, under its main name.

    Attributes:
        kind: what it says.
        name: the entry's main name.
        group: disease group, or body region of a site.
        pictures: letters c, d, p: where a disease is commonly pictured.
        preposition: how a site is spoken of ('on the cheek', 'in the axilla').
        mass: the noun takes no article ('erythema').
    """

    kind: Kind
    name: str
    group: str = ""
    pictures: str = ""
    preposition: str = ""
    mass: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A term found in a text, words ``first`` to ``last`` (inclusive)."""

    first: int
    last: int
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Nature:
    """What a disease group is by nature, for questions on the broad kind of disease."""

    nature: str
    exclusive_class: str
    overlaps: tuple[str, ...] = ()  # natures that a case of this one may be called as well


class Matcher:
    """Find the longest lexicon terms in a list of words."""

    def __init__(self, entries: Iterable[tuple[str, Term]]) -> None:
        """Index the surface forms by their folded words."""
        self._by_words: dict[tuple[str, ...], list[tuple[str, Term]]] = {}
        self._longest: dict[str, int] = {}
        for surface, term in entries:
            key = tuple(w.key for w in words_of(surface))
            found = self._by_words.setdefault(key, [])
            if all(term != other for _, other in found):
                found.append((surface, term))
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    def find(self, words: list[Word]) -> list[Match]:
        """Return matches from left to right, longest first, without overlap."""
        found: list[Match] = []
        at = 0
        while at < len(words):
            match = self._longest_at(words, at)
            if match:
                found.append(match)
                at = match.last + 1
            else:
                at += 1
        return found

    def _longest_at(self, words: list[Word], at: int) -> Match | None:
        for length in range(self._longest.get(words[at].key, 0), 0, -1):
            span = words[at : at + length]
            parted = {w.parted for w in span[1:]}
            entries = () if "." in parted else self._by_words.get(tuple(w.key for w in span), ())
            terms = tuple(
                term
                for surface, term in entries
                if _case_fits(surface, words[at].text) and ("," not in parted or "," in surface)
            )
            if terms and len(span) == length:
                return Match(at, at + length - 1, terms)
        return None


def _case_fits(surface: str, printed: str) -> bool:
    """Tell whether an abbreviation is printed as one: 'HE' is a stain, 'he' is not."""
    return not (surface.isupper() and len(surface) <= 5) or printed.isupper()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All terms, with one matcher per modality."""

    matchers: dict[Modality, Matcher]
    terms: tuple[Term, ...]
    diseases: tuple[Term, ...]
    sites: tuple[Term, ...]
    stains: tuple[Term, ...]
    natures: dict[str, Nature]
    neighbours: dict[str, frozenset[str]]
    keys: frozenset[str]  # folded words of all entries

    def pictured(self, modality: Modality) -> list[Term]:
        """Return the diseases commonly pictured in a modality."""
        letter = _PICTURE_LETTER.get(modality, "")
        return [d for d in self.diseases if letter and letter in d.pictures]

    def far_sites(self, regions: frozenset[str]) -> list[Term]:
        """Return sites that share no picture with any of the regions, in the usual framing."""
        near = regions.union(*(self.neighbours.get(r, frozenset()) for r in regions))
        return [s for s in self.sites if s.group not in near]


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Read the lexicon files that ship with the package."""
    entries = [*_findings(), *_sites(), *_diseases()]
    matchers = {
        modality: Matcher((s, t) for s, t in entries if t.kind not in _ELSEWHERE[modality])
        for modality in Modality
    }
    terms = dict.fromkeys(t for _, t in entries)
    neighbours = {
        row["region"]: frozenset(row["may_share_a_picture_with"].split("|"))
        for row in _rows("side_by_side_regions.csv")
    }
    return Lexicon(
        matchers=matchers,
        terms=tuple(terms),
        diseases=tuple(t for t in terms if t.kind is Kind.DISEASE),
        sites=tuple(t for t in terms if t.kind is Kind.SITE),
        stains=tuple(t for t in terms if t.kind is Kind.STAIN),
        natures={
            row["group"]: Nature(
                row["nature"], row["class"], tuple(v for v in row["overlaps"].split("|") if v)
            )
            for row in _rows("disease_groups.csv")
            if row["nature"]
        },
        neighbours=neighbours,
        keys=frozenset(w.key for s, _ in entries for w in words_of(s)),
    )


def _findings() -> Iterator[tuple[str, Term]]:
    for row in _rows("findings.csv"):
        term = Term(Kind(row["kind"]), row["term"], mass=row["mass"] == "mass")
        yield from ((surface, term) for surface in _surfaces(row["term"], row["variants"]))


def _sites() -> Iterator[tuple[str, Term]]:
    for row in _rows("sites.csv"):
        term = Term(Kind.SITE, row["name"], row["region"], preposition=row["preposition"])
        yield from ((surface, term) for surface in _surfaces(row["name"], row["variants"]))


def _diseases() -> Iterator[tuple[str, Term]]:
    for row in _rows("diseases.csv"):
        term = Term(Kind.DISEASE, row["name"], row["group"], row["pictures"])
        yield from ((surface, term) for surface in _surfaces(row["name"], row["synonyms"]))


def _surfaces(name: str, variants: str) -> list[str]:
    return list(dict.fromkeys([name, *(v for v in variants.split("|") if v)]))


def _rows(name: str) -> list[dict[str, Any]]:
    file = resources.files("mmskin_build.vqa") / "lexicon" / name
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))
