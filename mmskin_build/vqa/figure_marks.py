"""What the marks of a figure stand for and what stands on its sides, as the caption explains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mmskin_build.vqa.cues import load_cues
from mmskin_build.vqa.noun_phrases import is_plural, lower_first
from mmskin_build.vqa.word_lists import word_list
from mmskin_build.vqa.words import words_of

_COLOUR_NAMES = r"red|blue|green|yellow|orange|purple|violet|pink|brown|magenta|cyan|turquoise"
COLOURS = frozenset([*_COLOUR_NAMES.split("|"), "coloured", "colored"])
_SHADES = r"black|white|gr[ae]y"
_LOOK = (
    rf"(?:{_SHADES}|{_COLOUR_NAMES}|colou?red|dark|light|open|closed|filled|solid|dashed|dotted|"
    r"hollow|thick|thin|small|large|bold|shaded|hatched|striped|horizontal|vertical|scale|error|"
    r"node|long|short|broken|continuous|double|single|dash-dotted)"
)
_PLAIN = (
    r"(?:arrows?|arrowheads?|asterisks?|scale\sbars?|error\sbars?|lines?|bars?|dots?|whiskers?)"
)
_NEEDS_LOOK = (
    r"(?:circles?|squares?|triangles?|diamonds?|stars?|columns?|box(?:es)?|curves?|symbols?|bands?|"
    r"cross(?:es)?|areas?|regions?|shading|rectangles?|ellipses?|points?|nodes?|outlines?|frames?|"
    r"blocks?)"
)
_EACH = r"each\s(?:point|dot|bar|line|column|circle|node|box|symbol|row)"
MARK = rf"(?:(?:{_LOOK}\s){{0,2}}{_PLAIN}|(?:{_LOOK}[\s-]){{1,3}}{_NEEDS_LOOK}|{_EACH})"
_MEANS = (
    r"(?:indicates?|represents?|denotes?|marks?|specif(?:y|ies)|corresponds?\sto|stands?\sfor|"
    r"signif(?:y|ies)|depicts?|delineates?|shows?)"
)
_DIRECT = re.compile(
    rf"(?:^|[.;:(]\s?|,\s|\bthe\s)(?P<mark>(?:the\s)?{MARK})\s{_MEANS}\s"
    r"(?P<meaning>(?!that\b|how\b|where\b)[^.;:(),]{3,120})",
    re.I,
)
_EQUALS = re.compile(
    rf"(?:^|[.;:,(]\s?)(?P<mark>(?:{_LOOK}\s){{1,2}}(?:{_PLAIN}|{_NEEDS_LOOK}))\s?[=:]\s?"
    r"(?P<meaning>[^.;,:=()]{3,60})",
    re.I,
)
_LANE = re.compile(r"\b(?P<mark>lane\s?\d+)[,:=]\s?(?P<meaning>[^.;:=()]{4,80})(?=[.;])", re.I)
_MARKED = re.compile(
    r"(?:^|[.;:]\s)(?P<meaning>[^.;:(),]{3,90}?)\s(?P<is>is|are)\s(?:indicated|shown|marked|denoted|"
    r"represented|labell?ed|outlined|highlighted|depicted|drawn|circled|displayed|encircled)\s"
    rf"(?P<mark>(?:by|with|in|as|using)\s(?:an?\s|the\s)?(?:{MARK}|{_COLOUR_NAMES}|{_SHADES}|bold))"
    r"(?=[.;,)]|\sand\b|$)",
    re.I,
)
_SIDES = r"left|right|top|bottom"
_SIDE_BEHIND = re.compile(
    rf"(?:^|[,;:.]\s|\sand\s|\sof\s)(?P<thing>(?:(?!(?:and|of|or)\b)[\w-]+\s){{0,5}}(?!(?:and|of|or)\b)[\w-]+)\s\((?P<side>{_SIDES})\)",
    re.I,
)
_SIDE_BEFORE = re.compile(
    rf"\b(?P<side>{_SIDES})(?:\spanel)?:\s(?P<thing>[^,;.:()]{{3,60}})(?=[,;.]|$)", re.I
)
_STOPS = re.compile(
    r"\s(?:for which|in which|which|that|where|while|whereas|as|so|because|and the)\s"
)
_VERBS = word_list("statement_verbs")
_LOOSE_END = word_list("function_words") | word_list("phrase_breaks")
MAX_WORDS = 14


@dataclass(frozen=True, slots=True)
class Explained:
    """A mark and its meaning, or a side and what stands there.

    Attributes:
        family: 'legend' asks for the meaning, 'marking' for the mark, 'side' for the thing.
        asked: the words the question names.
        answer: the words that answer it.
        start: first character of the proof in the caption.
        end: character after it.
        plural: the thing the question names is a plural.
    """

    family: str
    asked: str
    answer: str
    start: int
    end: int
    plural: bool


def read_marks(text: str, grey: bool) -> Iterator[Explained]:
    """Yield what a caption explains; a picture printed grey shows no coloured mark."""
    for found in (*_meanings(text), *_marked(text), *_sides(text)):
        coloured = COLOURS & {w.text.lower() for w in words_of(f"{found.asked} {found.answer}")}
        if (
            not (grey and coloured)
            and load_cues().hedge.search(text[found.start : found.end]) is None
        ):
            yield found


def _meanings(text: str) -> Iterator[Explained]:
    for pattern in (_DIRECT, _EQUALS, _LANE):
        for match in pattern.finditer(text):
            meaning = _phrase(match.group("meaning"))
            if _goes_on(text[match.start("meaning") + len(meaning) :]) or meaning[:1].isdigit():
                continue
            mark = re.sub(r"^the\s", "", lower_first(match.group("mark")), flags=re.I)
            if meaning:
                own = mark.split()[0] in ("each", "lane")
                plural = is_plural(mark.split()[-1])
                end = match.start("meaning") + len(meaning)
                asked = mark if own else f"the {mark}"
                yield Explained("legend", asked, meaning, match.start("meaning"), end, plural)


def _marked(text: str) -> Iterator[Explained]:
    for match in _MARKED.finditer(text):
        meaning = match.group("meaning").strip()
        words = {w.text.lower() for w in words_of(meaning)}
        if (
            words & _VERBS
            or not _phrase(meaning)
            or meaning.lower().startswith(("and ", "as ", "in "))
        ):
            continue
        asked = lower_first(meaning)
        plural = match.group("is").lower() == "are"
        mark = match.group("mark")
        yield Explained("marking", asked, mark, match.start("mark"), match.end("mark"), plural)


def _goes_on(rest: str) -> bool:
    """Tell whether a phrase was cut before parentheses in its middle: 'lateral | (L) view'."""
    return bool(re.match(r"\s\([^()]*\)\s\w", rest))


def _sides(text: str) -> Iterator[Explained]:
    """Yield what stands on both sides; '(right)' alone may be the patient's."""
    named = {m.group().lower() for m in re.finditer(rf"\b(?:{_SIDES})\b", text, re.I)}
    if not ({"left", "right"} <= named or {"top", "bottom"} <= named):
        return
    for pattern in (_SIDE_BEHIND, _SIDE_BEFORE):
        for match in pattern.finditer(text):
            thing = _phrase(match.group("thing"))
            if thing and len(text[: match.start("thing")]) + len(thing) <= match.end("thing"):
                start = match.start("thing")
                side = match.group("side").lower()
                yield Explained("side", side, thing, start, start + len(thing), False)


def _phrase(text: str) -> str:
    """Return a meaning cut before a relative clause, or '' when it is none."""
    cut = _STOPS.search(text)
    phrase = (text[: cut.start()] if cut else text).rstrip()
    words = [w.text.lower() for w in words_of(phrase)]
    cut_off = not words or (len(words[-1]) == 1 and words[-1].islower())  # '0 mg/kg b' of 'b.w.'
    if cut_off or len(words) > MAX_WORDS or words[-1] in _LOOSE_END or set(words) & _VERBS:
        return ""
    return phrase
