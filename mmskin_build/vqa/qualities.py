"""Candidates on single qualities: colour, surface, arrangement, number, border and the like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mmskin_build.records import Modality
from mmskin_build.vqa.candidate import Candidate, Picture, both_cases
from mmskin_build.vqa.facts import Fact, Reading
from mmskin_build.vqa.lexicon_files import Kind
from mmskin_build.vqa.noun_phrases import (
    is_adjective,
    is_mass,
    is_plural,
    lower_first,
    upper_first,
)
from mmskin_build.vqa.word_lists import word_list

_PLAIN_COLOUR = {"erythematous": "red", "dusky": "dusky red", "hyperaemic": "red"}
_NO_COLOUR = frozenset({"hypopigmented", "hyperpigmented"})
_MANY = frozenset({"multiple", "several"})
_EDGE = re.compile(
    r"\b((?:[\w-]+(?:,\s|\sand\s|\s)){1,3}?)(borders?|margins?|edges?|rims?)\b(?!\sof)", re.I
)
_EDGE_WORD = re.compile(r"^\W*(?:[\w-]+\W+){0,1}(?:borders?|margins?|edges?|rims?)\b", re.I)
_NOT_EDGES = word_list("no_edge_quality")
_DISTRIBUTIONS = frozenset({"symmetrical", "unilateral", "bilateral", "disseminated", "localised"})


def quality_candidates(picture: Picture) -> Iterator[Candidate]:
    """Yield what can be asked of single qualities."""
    reading = picture.reading
    if picture.modality not in (Modality.CLINICAL, Modality.DERMOSCOPY):
        return
    yield from _colour(reading)
    yield from _border(reading)
    if picture.modality is Modality.CLINICAL:
        yield from _surface(reading)
        yield from _plain_quality(reading, Kind.ARRANGEMENT, "arrangement")
        yield from _plain_quality(reading, Kind.DISTRIBUTION, "distribution")
        yield from _number(reading)


def bound_noun(reading: Reading, fact: Fact) -> Fact | None:
    """Return the lesion or structure that a quality stands before: 'violaceous plaques'."""
    for other in reading.facts:
        if other.start < fact.end or other.clause != fact.clause:
            continue
        if other.term.kind not in (Kind.LESION, Kind.STRUCTURE):
            continue
        between = reading.text[fact.end : other.start]
        words = re.findall(r"[\w-]+", between)
        plain = len(words) <= 4 and not re.search(r"[;:.()]", between)
        plain = plain and all(is_adjective(word) or word == "and" for word in words)
        return other if plain else None
    return None


def thing_slots(noun: str) -> dict[str, str]:
    """Return the slots by which a question speaks of a thing, in the right number."""
    plural = is_plural(noun)
    thing = f"the {noun}"
    return {
        "thing": thing,
        "Thing": upper_first(thing),
        "is": "are" if plural else "is",
        "does": "do" if plural else "does",
    }


def _generic_noun(fact: Fact) -> str:
    head = fact.text.split()[-1].split("-")[-1]
    if is_plural(head):
        return "lesions"
    return "skin change" if is_mass(head) or fact.term.mass else "lesion"


def _primary(reading: Reading) -> Fact | None:
    return next(iter(reading.of(Kind.LESION, Kind.STRUCTURE)), None)


def _named(reading: Reading, fact: Fact, bound: Fact | None) -> dict[str, str] | None:
    """Return how to speak of what has the quality: 'the lesions', or 'the crusts' by name."""
    primary = _primary(reading)
    if bound is None:
        return None
    if bound == primary and bound.term.kind is Kind.LESION:
        return thing_slots(_generic_noun(bound))
    noun = bound.text.lower()
    if bound.term.kind is Kind.STRUCTURE and is_adjective(noun.split()[-1]):
        return None
    return thing_slots(noun) if noun.split()[0] != fact.text.lower() else None


def _colour(reading: Reading) -> Iterator[Candidate]:
    colours = [f for f in reading.of(Kind.COLOUR) if f.term.name not in _NO_COLOUR]
    for fact in colours:
        slots = _named(reading, fact, bound_noun(reading, fact))
        if slots is None or _mixed(reading.text, fact):
            continue
        shown = _PLAIN_COLOUR.get(fact.text.lower(), fact.text.lower())
        yield _candidate("colour", fact, slots | both_cases("colour", shown))
        return


def _mixed(text: str, fact: Fact) -> bool:
    """Tell whether a colour is one of several: 'pink to brown', 'white-blue'."""
    after = re.match(r"\s(?:and|to|or)\s|,?\s(?:and\s)?(?=[\w-]+-brown)|[–-]", text[fact.end :])
    return bool(after) or text[max(0, fact.start - 1) : fact.start] in ("-", "–")


def _surface(reading: Reading) -> Iterator[Candidate]:
    for fact in reading.of(Kind.SURFACE):
        slots = _named(reading, fact, bound_noun(reading, fact))
        if slots is not None:
            yield _candidate("surface", fact, slots | both_cases("quality", fact.text))
            return


def _plain_quality(reading: Reading, kind: Kind, family: str) -> Iterator[Candidate]:
    for fact in reading.of(kind):
        if kind is Kind.DISTRIBUTION and fact.term.name not in _DISTRIBUTIONS:
            continue
        bound = bound_noun(reading, fact)
        if bound is None or not is_adjective(fact.text.split()[-1]):
            continue
        if (
            fact.term.name != "confluent"
            and family == "arrangement"
            and not (
                is_plural(bound.text) or fact.term.name in ("linear", "annular", "serpiginous")
            )
        ):
            continue
        yield _candidate(family, fact, both_cases("quality", fact.text))
        return


def _number(reading: Reading) -> Iterator[Candidate]:
    counts = {f.term.name: f for f in reading.of(Kind.NUMBER)}
    many = [counts[n] for n in counts if n in _MANY]
    single = counts.get("solitary")
    fact = single or (many[0] if many else None)
    if fact is None or (single and many):
        return
    bound = bound_noun(reading, fact)
    if bound is None or is_mass(bound.text) or is_plural(bound.text) == (fact is single):
        return
    phrase = reading.text[fact.start : bound.end]
    small = lower_first(phrase)
    article = f"a {small}" if fact is single else small
    slots = both_cases("phrase", phrase) | {"a_phrase": article}
    count = "a single lesion" if fact is single else "several lesions"
    yield _candidate("number", fact, slots | both_cases("count", count), kinds=("choice",))


def _border(reading: Reading) -> Iterator[Candidate]:
    for number, clause in enumerate(reading.clauses):
        if not reading.seen[number]:
            continue
        for match in _EDGE.finditer(clause.text):
            words = re.findall(r"[\w-]+", match.group(1))
            kept = [w for w in words if w.lower() not in _NOT_EDGES and is_adjective(w)]
            if kept and kept[-1] == words[-1]:
                first = clause.text.index(kept[0], match.start())
                last = match.start(1) + match.group(1).rindex(kept[-1]) + len(kept[-1])
                quality = clause.text[first:last].lower()
                start = clause.start + first
                slots = thing_slots("lesion") | both_cases("quality", quality)
                yield Candidate(
                    "border", ("open",), slots, start, start + len(quality), quality, quality
                )
                return
    for fact in reading.of(Kind.BORDER):
        sharp = fact.term.name in ("well-demarcated", "ill-defined")
        bound = bound_noun(reading, fact)
        if sharp and bound is not None:
            slots = thing_slots(_generic_noun(bound)) | both_cases("quality", fact.text)
            yield _candidate("border", fact, slots)
            return


def _candidate(
    family: str, fact: Fact, slots: dict[str, str], kinds: tuple[str, ...] = ("open",)
) -> Candidate:
    words = "" if kinds == ("choice",) else fact.text
    return Candidate(family, kinds, slots, fact.start, fact.end, fact.text, words)
