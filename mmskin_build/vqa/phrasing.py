"""Question and answer wordings: patterns with alternatives, expanded into every phrasing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLE_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=[aeioAEIO])")


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to ask; ``number`` counts the patterns of its family and kind from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Form:
    """The wordings of one kind of question of one family.

    Attributes:
        questions: every phrasing, the patterns taken in turn.
        answers: answer wordings (closed questions: those of 'yes').
        no_answers: answer wordings of 'no'.
    """

    questions: tuple[Wording, ...]
    answers: tuple[str, ...]
    no_answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """One family of questions: what it needs, and its forms by kind."""

    name: str
    needs: str
    forms: Mapping[str, Form]


@dataclass(frozen=True, slots=True)
class Phrasings:
    """All wordings that ship with the package."""

    families: Mapping[str, Family]
    images: Mapping[str, tuple[str, ...]]
    modalities: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def load_phrasings() -> Phrasings:
    """Read ``phrasings.yaml``."""
    text = (resources.files("mmskin_build.vqa") / "phrasings.yaml").read_text("utf-8")
    data = yaml.safe_load(text)
    return Phrasings(
        families={name: _family(name, body) for name, body in data["families"].items()},
        images={name: tuple(nouns) for name, nouns in data["images"].items()},
        modalities={name: tuple(nouns) for name, nouns in data["modalities"].items()},
    )


def _family(name: str, body: Mapping[str, Any]) -> Family:
    forms = {kind: _form(body[kind]) for kind in ("open", "closed", "choice") if kind in body}
    return Family(name, body["needs"], forms)


def _form(body: Mapping[str, Any]) -> Form:
    patterns = [
        [Wording(number, text) for text in expand(pattern)]
        for number, pattern in enumerate(body["questions"], 1)
    ]
    turns = itertools.chain.from_iterable(itertools.zip_longest(*patterns))
    return Form(
        questions=tuple(w for w in turns if w is not None),
        answers=tuple(body.get("answers") or body["affirming"]),
        no_answers=tuple(body.get("denying", ())),
    )


def expand(pattern: str) -> list[str]:
    """Return every reading of a pattern: ``expand('[a|b] c') == ['a c', 'b c']``."""
    parts = _CHOICE.split(pattern)
    choices = [part.split("|") if i % 2 else [part] for i, part in enumerate(parts)]
    texts = ("".join(choice) for choice in itertools.product(*choices))
    return list(dict.fromkeys(re.sub(r" {2,}", " ", text).replace(" ?", "?") for text in texts))


def slots_of(wording: str) -> set[str]:
    """Return the names of the slots of a wording."""
    return set(_SLOT.findall(wording))


@lru_cache(maxsize=8192)
def _pieces(wording: str) -> tuple[str, ...]:
    return tuple(_SLOT.split(wording))


@lru_cache(maxsize=8192)
def frame_of(wording: str) -> str:
    """Return a wording without its slots."""
    return re.sub(r"\{\w+\}", " ", wording)


def fill(wording: str, slots: Mapping[str, str]) -> str:
    """Fill the slots and give the sentence a capital."""
    pieces = _pieces(wording)  # between the slots, and their names, in turn
    text = "".join([slots[p] if i % 2 else p for i, p in enumerate(pieces)])
    text = _ARTICLE_BEFORE_VOWEL.sub(r"\1n ", text)
    return text[:1].upper() + text[1:]
