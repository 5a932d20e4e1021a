"""The body site of a picture, worded as the caption words it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mmskin_build.vqa.diagnosis import teaches
from mmskin_build.vqa.facts import Fact, Reading
from mmskin_build.vqa.lexicon_files import Kind
from mmskin_build.vqa.noun_phrases import phrase_start
from mmskin_build.vqa.word_lists import word_list

_OWN_PREPOSITIONS = word_list("site_prepositions")
_NEXT_TO = frozenset({"above", "below", "between", "behind", "around", "under", "beneath"})
_PART_OF = re.compile(
    r"(?:\b(?:radial|ulnar|both|the|left|right|upper|lower|inner|outer|lateral|medial|dorsal|ventral|anterior|"
    r"posterior|flexor|extensor)\s)*\b(?:backs?|dors(?:um|a)|sides?|tips?|edges?|roots?|angle|ala|bridge|"
    r"flexures?|surfaces?|aspects?|region|area|skin|margins?|webs?|pulps?|soles?|palms?|nape|corners?"
    r"|rim|base|folds?|creases?|side|pole|half|parts?|third|centre|front)"
    r"\sof\s(?:both\s|the\s)?$",
    re.I,
)
#: words before a site that belong to its name
_LOCATES = re.compile(
    r"radial|ulnar|both|all|either|each|one|two|three|four|five|several|many|most|left|right|upper|lower|inner|"
    r"outer|medial|lateral|dorsal|ventral|volar|plantar|palmar|flexor|extensor|flexural|anterior|"
    r"posterior|proximal|distal|mid|middle|central|frontal|parietal|occipital|temporal|vertex|"
    r"index|ring|little|great|big|second|third|fourth|fifth|first|hard|soft|labial|buccal|oral|"
    r"nasal|scrotal|genital|perianal|the|an?|his|her|hairy|bald|whole|entire|antero\w*|postero\w*|"
    r"sun-exposed|exposed|photo-?exposed|intertriginous|weight-bearing|glabrous|bony|bearded|"
    r"(?:inter|intra|sub|supra|infra|peri|retro|pre|post)[a-z]{3,}",
    re.I,
)
_AILMENT = re.compile(
    r"^\s(?:pain|ache|disease|failure|injury|trauma|surgery|symptoms?|cancer)\b", re.I
)
_BOTH = re.compile(r"\b(?:both|all|either)\s$", re.I)
_BARE = re.compile(
    r"^(?:both|all|each|most|one|two|three|four|several|her|his|many|either)\b", re.I
)
_SIDE = re.compile(r"(?:\b(?:left|right|upper|lower|dorsal|inner|outer|proximal|distal)\s)+$")
_JOIN = re.compile(r"^(?:,\s|\s(?:and|or|&)\s|,\sand\s)(?:(?:the|both|a|on the|on)\s)?$", re.I)


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the body, with its place in the caption."""

    text: str  # 'the lower lip', 'both legs'
    with_preposition: str  # 'on the lower lip'
    start: int
    end: int
    regions: frozenset[str]  # all regions the caption names, for what cannot be in view


def read_place(reading: Reading) -> Place | None:
    """Return the body site a caption locates its picture at, or None."""
    facts = [f for f in reading.facts if f.term.kind is Kind.SITE]
    usable = [f for f in facts if f.holds and (reading.seen[f.clause] or _located(reading, f))]
    if not usable:
        return None
    first = next((f for f in usable if reading.seen[f.clause]), usable[0])
    if re.search(r"['’]s$", first.text):  # 'the toe's …' is about something else
        return None
    start, end = _extent(reading, first, facts)
    regions = frozenset(f.term.group for f in facts)
    return _worded(reading, first, start, end, regions)


def _located(reading: Reading, fact: Fact) -> bool:
    """Tell whether a site stands in a title that names the picture, not in a lesson."""
    clause = reading.clauses[fact.clause]
    aches = _AILMENT.match(reading.text[fact.end : clause.end])
    return clause.title and not aches and not teaches(clause.text)


def _extent(reading: Reading, first: Fact, facts: list[Fact]) -> tuple[int, int]:
    """Return the span of the site with its modifiers and what it is joined to by 'and'."""
    clause = reading.clauses[first.clause]
    floor, _ = reading.word_range(clause.start, clause.end)
    head, _ = reading.word_range(first.start, first.end)
    begin = phrase_start(reading.text, reading.words, head, floor)
    while begin < head and not _LOCATES.fullmatch(reading.words[begin].text):
        begin += 1
    start, end = reading.words[begin].start, first.end
    for before in (_PART_OF, _BOTH):
        part = before.search(reading.text[clause.start : start])
        start = clause.start + part.start() if part else start
    for fact in facts:
        if fact.clause == first.clause and fact.start > end and fact.holds:
            between = reading.text[end : fact.start]
            lead = re.sub(
                r"(?:\b(?:left|right|upper|lower|dorsal|inner|outer|proximal|distal)\s)+$",
                "",
                between,
            )
            if not _JOIN.match(lead):
                break
            end = fact.end
    return start, end


def _worded(reading: Reading, first: Fact, start: int, end: int, regions: frozenset[str]) -> Place:
    text = reading.text[start:end]
    before = re.search(r"([a-z]+)\s(?:the\s|an?\s)?$", reading.text[max(0, start - 20) : start])
    own = before.group(1) if before and before.group(1) in _OWN_PREPOSITIONS else ""
    bare = re.sub(r"^(?:the|an?|my|your|our|their|this|that|patient['’]s)\s", "", text, flags=re.I)
    bare = bare[0].lower() + bare[1:]
    noun = bare if _BARE.match(bare) else f"the {bare}"
    preposition = own or first.term.preposition
    located = re.match(r"(behind|around|between|below|above|under)\s", bare)
    if located:  # 'behind the ears' brings its own preposition
        return Place(f"the area {bare}", bare, start, end, regions)
    if before and own in _NEXT_TO:  # the answer says it, so that the proof holds it too
        start = max(0, start - 20) + before.start(1)
    area = f"the area {own} {noun}" if own in _NEXT_TO else noun
    return Place(area, f"{preposition} {noun}", start, end, regions)
