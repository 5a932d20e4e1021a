"""Candidates on what is seen: the finding itself, its absence, and the whole description."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from mmskin_build.records import Modality
from mmskin_build.vqa.candidate import Candidate, Picture, both_cases
from mmskin_build.vqa.facts import GENERIC, Fact, Reading, without_asides
from mmskin_build.vqa.lexicon_files import VISIBLE, Kind
from mmskin_build.vqa.noun_phrases import (
    is_adjective,
    is_mass,
    is_plural,
    lower_first,
    phrase_start,
    upper_first,
    with_article,
)
from mmskin_build.vqa.word_lists import word_list

MIN_WORDS, MAX_WORDS = 2, 34
_BREAKS = word_list("phrase_breaks")
_ANY_CELLS = frozenset(
    {"tumour cells", "tumor cells", "neoplastic cells", "epithelial cells", "stromal cells",
     "small cells", "large cells", "the cells", "lesional cells"}
)  # fmt: skip
_AFTER_PLURAL = frozenset({"and", "or", "of", "with", "in", "within", "along", "on"})
_WORDLESS = GENERIC - {"tumour"}  # no answer even with adjectives
_FINDING = {
    Modality.CLINICAL: (Kind.LESION, "lesion"),
    Modality.DERMOSCOPY: (Kind.STRUCTURE, "structure"),
    Modality.PATHOLOGY: (Kind.HISTOLOGY, "histology"),
}
_STOP = re.compile(
    r"^(?:of|on|in|over|with|without|and|or|but|are|is|was|were|that|which|at|along|to|from|"
    r"within|between|around|above|below|has|have|by|as|for|into|through|under|about|near|after|"
    r"appear|appears|extend|extends|showing|surrounding|surrounded|lining|involving|containing)$",
    re.I,
)
_ABSENT = re.compile(
    r"\b(?:no|without|absence of|lacking|lacks|lack of|devoid of|free of)\s(?:any\s|visible\s)?$",
    re.I,
)
_THERE = re.compile(
    r"^(?:(?:photo)?micrograph\w*|histology|histopatholog\w*"
    r"|(?:the )?(?:section|biopsy|specimen|view)s?)"
    r"\b[^.;,]{0,40}?\b(?:shows?|demonstrates?|reveals?|displays?)\s|"
    r"^(?:(?:there (?:is|are)|we see|one sees|the (?:image|picture) shows)(?: also)?(?: an?)?\s)",
    re.I,
)
_PRONOUN = re.compile(
    r"^(?:it|they|their|its|he|she|his|her|one|another|others?|such|both|here|in this|in these|"
    r"some|"
    r"also|then|but|however|although|as|so|when|if|because|which|compare|observe|and|or|this|these|"
    r"instead|rather|to|at least|unlike|during|once|since|until|"
    r"those|that|most|many of|similar|at this|at higher|at low\w*|at high\w*|scanning|\w+ly,)\b",
    re.I,
)
_VERB = re.compile(
    r"\b(?:is|are|has|have|shows?|extends?|forms?|contains?|lines?|infiltrates?|pushe?s?|encircles?|"
    r"discharges?|ascends?|leaves?|overl(?:ies|ay|ie)|appears?|surrounds?|involves?|fills?|covers?|"
    r"occup(?:y|ies)|replaces?|present|blends?|lie|lies|arranged|displays?|exhibits?|demonstrates?|"
    r"reveals?|consists?|binds?|matting|spreads?|invades?|penetrates?|projects?|radiates?|merges?)\b",
    re.I,
)
#: 'Immunostaining for p63' tells what was done, not what is seen
_STAIN_ONLY = re.compile(
    r"(?:immuno\w+|[\w–-]+ (?:stain|staining|expression))(?: (?:stain|staining))?"
    r"(?: (?:for|with|of) [\w –-]{1,25})?",
    re.I,
)
_FEELING_START = re.compile(
    r"^(?:(?:exquisitely|very|extremely|intensely|mildly)\s)?(?:painful|painless|tender|itchy|"
    r"pruritic|asymptomatic|firm|soft|warm|hot|mobile|rubbery|palpable|persistent|chronic|"
    r"recurrent|acute|early|late|healing|old|rapidly growing|slowly growing|enlarging)"
    r"(?:,?\sand\s|,\s|\s)",
    re.I,
)


def finding_candidates(picture: Picture) -> Iterator[Candidate]:
    """Yield the main finding, a finding that is absent or present, and the description."""
    reading = picture.reading
    described = None if picture.modality is Modality.OTHER else _description(picture)
    if picture.modality in _FINDING:
        kind, family = _FINDING[picture.modality]
        found = _phrase_candidate(picture, kind, family)
        if found is not None:
            yield found
            if described and described.slots["Clause"] == found.slots["Phrase"]:
                described = None
        yield from _absences(reading, kind)
    if described:
        yield described


def _phrase_candidate(picture: Picture, kind: Kind, family: str) -> Candidate | None:
    reading = picture.reading
    for fact in reading.of(kind):
        if fact.term.name in _WORDLESS or _names_picture(picture, fact):
            continue
        span = _phrase_span(reading, fact)
        if span is None:
            continue
        start, end, head = span
        lead = _FEELING_START.match(reading.text[start:end])
        start += lead.end() if lead else 0
        phrase = without_asides(reading.text[start:end])
        bare = kind is not Kind.LESION or fact.term.name in GENERIC
        if not _readable(phrase) or (bare and _too_bare(phrase, fact)):
            continue
        small = lower_first(phrase)
        slots = both_cases("phrase", phrase) | {"a_phrase": with_article(small, head)}
        return Candidate(family, ("open",), slots, start, end, phrase, phrase)
    return None


def _names_picture(picture: Picture, fact: Fact) -> bool:
    """Tell whether a fact is part of the diagnosis rather than a finding."""
    diagnosis = picture.diagnosis
    in_title = diagnosis is not None and picture.reading.clauses[fact.clause].title
    return in_title or _part_of_disease(picture.reading, fact)


def _too_bare(phrase: str, fact: Fact) -> bool:
    """Tell whether a phrase says too little: 'nests', 'vessels', 'such cells'."""
    return (" " not in phrase and not fact.term.mass) or phrase.lower() in _ANY_CELLS


def _part_of_disease(reading: Reading, fact: Fact) -> bool:
    return any(
        f.term.kind is Kind.DISEASE
        and f.start <= fact.start
        and fact.end <= f.end
        and f != fact
        and (f.start, f.end) != (fact.start, fact.end)
        for f in reading.facts
    )


def _phrase_span(reading: Reading, fact: Fact) -> tuple[int, int, str] | None:
    """Return start, end and head noun of the noun phrase a fact stands in."""
    clause = reading.clauses[fact.clause]
    floor, top = reading.word_range(clause.start, clause.end)
    first, past = reading.word_range(fact.start, fact.end)
    if past == 0:
        return None
    begin = phrase_start(reading.text, reading.words, first, floor)
    last = _extend_right(reading, past - 1, top, fact)
    head = reading.words[last].text
    start, end = reading.words[begin].start, reading.words[last].end
    start, end, _ = _joined(reading, fact, (start, end, head), floor)
    end = _with_of(reading, end, clause.end)
    return None if _cut_short(reading.text[end : clause.end]) else (start, end, head)


def _cut_short(rest: str) -> bool:
    """Tell whether a noun goes on after the phrase: 'endothelial cell | markers'."""
    word = re.match(r"\s([\w-]+)", rest)
    if word is None:
        return rest[:1] in ("-", "–", "/")
    text = word.group(1)
    known = _STOP.match(text) or _VERB.fullmatch(text) or text.lower() in _BREAKS
    return not (known or (re.search(r"(?:ly|ed|ing)$", text) and not is_mass(text)))


_OF = re.compile(
    r"\sof\s(?:[\w-]+(?:,)?\s){0,5}?[\w-]+(?=[.,;:)]|\s(?:with|in|on|within|and|or|at|is|are"
    r"|that|which|between|around|surrounded|have|has|show|form|can)\b|$)"
)


def _with_of(reading: Reading, end: int, limit: int) -> int:
    """Take in 'of …' behind cell groups: 'nests of basaloid cells'."""
    match = _OF.match(reading.text, end, limit)
    return match.end() if match else end


def _extend_right(reading: Reading, last: int, top: int, fact: Fact) -> int:
    """Move to the noun when the term itself ends in an adjective: 'structureless … area'."""
    if not is_adjective(reading.words[last].text) or is_mass(reading.words[last].text):
        return last
    if fact.term.kind is Kind.LESION or is_plural(reading.words[last].text):
        return last
    at = last
    while at + 1 < top and at - last < 3:
        gap = reading.text[reading.words[at].end : reading.words[at + 1].start]
        if gap not in (" ", "-", "–") or _STOP.match(reading.words[at + 1].text):
            break
        at += 1
        if not is_adjective(reading.words[at].text):
            break
    return at


def _joined(
    reading: Reading, fact: Fact, span: tuple[int, int, str], floor: int
) -> tuple[int, int, str]:
    """Take in a second finding joined by 'and' or a comma: 'erythema and fine scale'."""
    start, end, head = span
    kept = (end, head)
    same = [
        f
        for f in reading.facts
        if f.term.kind is fact.term.kind and f.clause == fact.clause and f.start > end and f.holds
    ]
    for other in same:
        index, past = reading.word_range(other.start, other.end)
        begin = phrase_start(reading.text, reading.words, index, floor)
        between = reading.text[end : reading.words[begin].start]
        joins = between in (" and ", ", ", ", and ", " and a ", " and an ")
        if not joins or (is_adjective(reading.words[past - 1].text) and not is_plural(other.text)):
            break
        end, head = other.end, other.text.split()[-1]
        if between == ", ":
            continue
        kept = (end, head)
    if end != kept[0] and reading.text[end : end + 5].startswith((" and ", ", and")):
        end, head = kept  # a list whose last member is unknown is not cut in the middle
    return start, end, head


def _begins_clause(word: str, after: str) -> bool:
    """Tell whether a plural is followed by what must be its verb: 'openings discharge'."""
    return is_plural(word) and not is_adjective(word) and after not in _AFTER_PLURAL


def _readable(phrase: str) -> bool:
    words = phrase.split()
    if words[0].lower() in ("such", "other", "another", "same", "similar", "further"):
        return False
    if any(_begins_clause(a, b) for a, b in pairwise(words)):
        return False
    return len(words) <= 12 and phrase.count("(") == phrase.count(")")


def _absences(reading: Reading, kind: Kind) -> Iterator[Candidate]:
    """Yield a yes-no question on a finding the caption denies, or else on one it states."""
    facts = [f for f in reading.facts if f.term.kind is kind and reading.seen[f.clause]]
    for fact in facts:
        lead = reading.text[max(0, fact.start - 24) : fact.start]
        if fact.denied and not fact.doubted and _ABSENT.search(lead):
            yield _presence(reading, fact, "no")
            return
    for fact in facts:
        noun = fact.text.split()[-1]
        countable = is_plural(noun) or is_mass(noun) or fact.term.mass
        if fact.holds and countable and fact.term.name not in GENERIC and not is_adjective(noun):
            yield _presence(reading, fact, "yes")
            return


def _presence(reading: Reading, fact: Fact, polarity: str) -> Candidate:
    clause = reading.clauses[fact.clause]
    said = without_asides(clause.text)
    slots = both_cases("finding", fact.text) | both_cases("phrase", said)
    span = (clause.start, clause.end)
    return Candidate("absence", ("closed",), slots, *span, clause.text, polarity=polarity)


def _description(picture: Picture) -> Candidate | None:
    reading = picture.reading
    diagnosis = picture.diagnosis
    kind, _ = _FINDING[picture.modality]
    telling = {f.clause for f in reading.of(kind) if f.term.name not in GENERIC}
    order = sorted(
        enumerate(reading.clauses), key=lambda item: (item[1].title, item[0] not in telling)
    )
    for number, clause in order:
        if not reading.seen[number] or (clause.title and diagnosis is not None):
            continue
        text = without_asides(clause.text)
        lead = _FEELING_START.match(text)
        text = _THERE.sub("", text[lead.end() :] if lead else text)
        if _PRONOUN.match(text) or _STAIN_ONLY.fullmatch(text):
            continue
        if all(f.denied for f in reading.facts if f.clause == number and f.term.kind in VISIBLE):
            continue
        if not MIN_WORDS <= len(text.split()) <= MAX_WORDS or _names_disease(reading, number):
            continue
        slots = {"Clause": upper_first(text)}
        if not _VERB.search(text):
            slots["clause"] = lower_first(text)
        return Candidate(
            "describe", ("open",), slots, clause.start, clause.end, clause.text, clause.text
        )
    return None


def _names_disease(reading: Reading, clause: int) -> bool:
    """Tell whether a clause names a disease in words that are not also a finding."""
    findings = {
        (f.start, f.end) for f in reading.facts if f.term.kind in (Kind.LESION, Kind.HISTOLOGY)
    }
    return any(
        f.term.kind is Kind.DISEASE and f.clause == clause and (f.start, f.end) not in findings
        for f in reading.facts
    )
