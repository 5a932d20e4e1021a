"""What a caption says of its picture: facts with places in the clean caption."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mmskin_build.records import Modality
from mmskin_build.vqa.clauses import IN_WHOM, Clause, split_clauses
from mmskin_build.vqa.cues import denied, doubted, load_cues
from mmskin_build.vqa.lexicon_files import VISIBLE, Kind, Match, Term, load_lexicon
from mmskin_build.vqa.noun_phrases import is_adjective, repair_articles
from mmskin_build.vqa.words import Word, words_of

GENERIC = frozenset({"lesion", "rash", "tumour"})  # words that describe nothing yet


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a caption says.

    Attributes:
        term: the lexicon entry.
        start: character offset in the caption.
        end: character offset after it.
        text: the words as printed.
        clause: number of the clause it stands in.
        denied: the caption says it is absent.
        doubted: a hedge or a comparison: no fact, but its words were said.
    """

    term: Term
    start: int
    end: int
    text: str
    clause: int
    denied: bool = False
    doubted: bool = False

    @property
    def holds(self) -> bool:
        """Tell whether the caption states it plainly."""
        return not self.denied and not self.doubted


@dataclass(frozen=True, slots=True)
class Reading:
    """A caption read into words, clauses and facts.

    Attributes:
        text: the clean caption.
        words: its words.
        clauses: its clauses, title first.
        seen: for each clause, whether it tells only what a picture can show.
        facts: all lexicon facts, in order.
    """

    text: str
    words: list[Word]
    clauses: list[Clause]
    seen: tuple[bool, ...]
    facts: tuple[Fact, ...]

    def of(self, *kinds: Kind, seen: bool = True) -> list[Fact]:
        """Return plain facts of some kinds; ``seen``: only from clauses a picture can show."""
        return [
            f
            for f in self.facts
            if f.term.kind in kinds and f.holds and (not seen or self.seen[f.clause])
        ]

    def word_range(self, start: int, end: int) -> tuple[int, int]:
        """Return the indexes of the first and past the last word within a span."""
        inside = [i for i, w in enumerate(self.words) if w.start >= start and w.end <= end]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)


def read_facts(text: str, modality: Modality) -> Reading:
    """Read a clean caption into facts."""
    words = words_of(text)
    clauses = split_clauses(text)
    facts: list[Fact] = []
    for match in load_lexicon().matchers[modality].find(words):
        facts += _facts_of(text, words, clauses, match)
    seen = tuple(
        is_seen(clause, n, facts)
        and not text[clause.end :].startswith("?")
        and not _continues_lesson(text, clauses, n)
        for n, clause in enumerate(clauses)
    )
    return Reading(text, words, clauses, seen, tuple(facts))


def _facts_of(text: str, words: list[Word], clauses: list[Clause], match: Match) -> list[Fact]:
    start, end = words[match.first].start, words[match.last].end
    number = next((i for i, c in enumerate(clauses) if c.start <= start and end <= c.end), -1)
    if number < 0 or (match.first > 0 and _inside_name(text, words, match)):
        return []
    fact = Fact(match.terms[0], start, end, text[start:end], number)
    fact = replace(fact, denied=denied(text, start), doubted=doubted(text, start, end))
    return [replace(fact, term=term) for term in match.terms]


def _inside_name(text: str, words: list[Word], match: Match) -> bool:
    """Tell whether the match is one side of a hyphened word: the 'back' of 'back-to-back'."""
    start, end = words[match.first].start, words[match.last].end
    tail, lead = text[end : end + 4], text[max(0, start - 4) : start]
    return bool(re.match(r"-to-", tail) or lead.endswith(("-to-", "non-")))


def is_seen(clause: Clause, number: int, facts: list[Fact]) -> bool:
    """Tell whether a clause describes what a picture can show, and nothing else."""
    here = [f for f in facts if f.clause == number]
    visible = [f for f in here if f.term.kind in VISIBLE and f.term.name not in GENERIC]
    if not visible or BROKEN_LIGATURE.search(clause.text):
        return False
    said, cues = without_asides(clause.text), load_cues()
    return cues.unseen.search(said) is None and cues.hedge.search(said) is None


def _continues_lesson(text: str, clauses: list[Clause], number: int) -> bool:
    """Tell whether a clause goes on from a definition: 'X is a condition | with red patches'."""
    if number == 0:
        return bool(_DEFINES.search(clauses[0].text))
    before = clauses[number - 1]
    same_sentence = "." not in text[before.end : clauses[number].start]
    return before.title and same_sentence and bool(_DEFINES.search(before.text))


def without_asides(text: str) -> str:
    """Return a clause without parentheses, adjectives of feeling and 'in a toddler'."""
    text = re.sub(r"\s*[(\[][^()\[\]]*[)\]]?", "", text)
    text = IN_WHOM.sub("", _WHEN.sub("", text))
    text = _HOW_TAKEN.sub("", text)
    plain = _FEELING.sub(_unfelt, text)
    text = plain if plain == text else repair_articles(plain)
    return re.sub(r"\s+([,.;])", r"\1", re.sub(r"\s{2,}", " ", text)).strip(" ,;.:–—-")


def felt(text: str) -> str:
    """Return the first adjective of feeling or course in a text ('firm', 'tender'), or ''."""
    match = _FEELING.search(text)
    return match.group().strip(" ,") if match else ""


def _unfelt(match: re.Match[str]) -> str:
    """Return what stays between the words around an adjective of feeling."""
    before, after = match.groups()
    if not before:
        return ""
    words = match.string[: match.start()].split()
    if not words or not is_adjective(words[-1]):
        return str(before)  # it joins things: 'bullae and early necrosis'
    return ", " if after.startswith(",") else " "  # 'raised, tender erythema': 'raised erythema'


_DEFINES = re.compile(
    r"\b(?:is|are)\s(?:(?:a|an|the|one)\s(?:[\w-]+,?\s){0,6}?(?:condition|disease|disorder|type|form|"
    r"tumou?r|cancer|infection|variant|syndrome|dermatosis|manifestation)s?\b|characteri[sz]ed$)",
    re.I,
)
#: 'magni fi cation': a ligature that lost its word cannot be quoted
BROKEN_LIGATURE = re.compile(r"(?:(?<=[^\W\d_] )|^)(?:fi|fl|ff|ffi|ffl)(?= [a-z])")
_WHEN = re.compile(
    r",?\s(?:before|after|prior to|following)\s(?:[\w-]+\s){0,4}?(?:treatment|therapy|surgery|"
    r"excision|debridement|removal|laser|rubbing|shave|biopsy|washing|cleansing|shaving)\b.*$",
    re.I,
)
_HOW_TAKEN = re.compile(
    r",?\s(?:under|in|with|using|on|at|by)\s(?:(?:non-?|cross-)?polari[sz]ed light|"
    r"(?:non-?contact |"
    r"contact )?dermoscopy|dermatoscopy|(?:low|high|higher|medium|scanning|close)[ -]"
    r"(?:power|magnification|up)(?: view)?|(?:(?:x|×)\s?\d+))(?=[,.;]|\s|$)",
    re.I,
)
_FEELING = re.compile(
    r"(,\s(?:and\s)?|\sand\s)?(?<!\bis )(?<!\bare )(?<!\bvery )(?<!\bmildly )(?<!\bslightly )"
    r"(?<!\bsomewhat )\b"
    r"(?:(?:exquisitely|very|extremely|mildly|slightly|intensely|severely)\s)?"
    r"(?:painful|painless|non-?tender|tender|itchy|itching|pruritic|asymptomatic|firm|soft|warm|hot"
    r"|mobile|rubbery|stony[ -]hard|rock-hard|palpable|non-blanching|persistent|chronic|recurrent"
    r"|typical(?! network| pigment)"
    r"|classical?|characteristic|acute|extremely|early|late|healing|old"
    r"|rapidly growing"
    r"|slowly growing|enlarging|slow-growing|long-standing|longstanding|fluctuant)"
    r"(,\s|\s(?:and|but)\s|\s)(?=[\w-]+)",
    re.I,
)
