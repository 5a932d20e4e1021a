"""What the title of a figure says it shows, and which factor, quantity or comparison it names.

Read from the first sentence of the caption, by word patterns: 'Effect of X on Y', 'Inhibition of Y
by X', 'Y as a function of X', 'Comparison of A and B'. A title that is a sentence ('X lowers Y')
makes a claim rather than naming what is drawn, and is not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mmskin_build.vqa.clauses import PANEL_MARK, sentences
from mmskin_build.vqa.cues import load_cues
from mmskin_build.vqa.figure_kinds import FigureKind
from mmskin_build.vqa.word_lists import word_list
from mmskin_build.vqa.words import words_of

MIN_WORDS, MAX_WORDS = 2, 26
IMAGING = frozenset({"radiology", "electron", "fluorescence", "tomography", "photo"})
KEPT_KINDS = frozenset({"pathway diagram", "phylogenetic tree"})  # part of what is shown
_FOREIGN = word_list("foreign_function_words")
_ENGLISH = frozenset({"the", "of", "and", "in", "with", "by", "for", "to", "on", "is", "are"})
_SAYS_NOTHING = word_list("titles_that_say_nothing")
_VERBS = word_list("statement_verbs")
_QUANTITIES = "|".join(sorted((re.escape(q) for q in word_list("quantities")), key=len)[::-1])
_SHOWS = (
    r"(?:shows?|showing|depicts?|depicting|illustrates?|illustrating|presents?|presenting|displays?|"
    r"displaying|demonstrat(?:es?|ing)|represent(?:s|ing)?|describes?|describing|summari[sz]es?)"
)
_LEAD = re.compile(
    r"^(?:(?:the|this|these)\s)?(?:(?:above|following|present)\s)?(?:[\w-]+\s){0,2}?"
    r"(?:figures?|diagrams?|graphs?|images?|pictures?|plots?|charts?|illustrations?|photographs?"
    rf"|schem(?:e|a)s?|map)\s(?:above\s|below\s)?{_SHOWS}\s(?!that\b|how\b|where\b)",
    re.I,
)
_AFTER_KIND = re.compile(
    rf"\s(?:(?:images?|pictures?|micrographs?|views?)\s)?(?:(of|for)|{_SHOWS})\s", re.I
)
_BARE_SHOWING = re.compile(rf"^{_SHOWS}\s", re.I)
#: where a title says how or whence, no longer what
_CUT = re.compile(
    r",?\s\((?:modified|modification|adapted|taken|redrawn|source|from|after|see|courtesy|n\b)[^()]*\)"
    r"|\s?\[\d[\d,–-]*\]|,\sas\s|\sas\s(?:shown|seen|determined|measured|implemented|estimated|"
    r"assessed|described|indicated|evaluated)\b|\s(?:\()?(?:see|cf\.?)\s|\s?\(n\s?[=;]|"
    r",\s(?:respectively|data|values|mean|n\s?=|p\s?[<=,])",
    re.I,
)
_SHORTEN = re.compile(
    r"\s(?:by|using|after|during|under|measured|determined|based|following|with|for|from|in)\s"
)
_PANEL_IN_IT = re.compile(
    r"\([a-hA-H]\)|\s[b-h]\s|\b[A-H]\s?[,:]\s|\b(?:figs?|figures?|text|chapter)\b"
)
_LOOSE_END = word_list("function_words") | word_list("phrase_breaks")


@dataclass(frozen=True, slots=True)
class Named:
    """A part of a caption that answers a question of one family."""

    family: str
    start: int
    end: int


def read_subject(text: str, kind: FigureKind | None) -> Named | None:
    """Return what the title says the figure shows, as a span, or None."""
    if is_foreign(text):
        return None
    for number, (start, end) in enumerate(sentences(text)[:2]):
        if number and not (kind and kind.of_class in IMAGING):
            return None  # what follows the title of a chart explains rather than names
        start, end = _without_kind(text, *_title(text, start, end, kind), kind)
        cut = _CUT.search(text, start, end)
        end = _shorten(text, start, _trim(text, start, cut.start() if cut else end))
        if _only_kind(text, start, end, kind):
            continue
        fits = _is_noun_phrase(text[start:end]) and not _tells_more(text[start:end], kind)
        return Named("subject", start, end) if fits else None
    return None


def _tells_more(title: str, kind: FigureKind | None) -> bool:
    """Tell whether the title of a scan holds what none can show: history, treatment, causes."""
    if kind is None or kind.of_class not in IMAGING:
        return False
    return load_cues().unseen.search(re.sub(r"\([^()]*\)", " ", title)) is not None


def _only_kind(text: str, start: int, end: int, kind: FigureKind | None) -> bool:
    """Tell whether a title says no more than the kind: 'Transmission electron micrograph (TEM)'."""
    if kind is None or not start <= kind.start < end:
        return False
    rest = re.sub(r"\([^()]*\)", " ", text[start : kind.start] + " " + text[kind.end : end])
    return all(w.key in _SAYS_NOTHING or w.text.lower() in _LOOSE_END for w in words_of(rest))


def is_foreign(text: str) -> bool:
    """Tell whether a caption is not in English, by its small words."""
    words = [w.text.lower() for w in words_of(text)]
    foreign = sum(word in _FOREIGN for word in words)
    return foreign > min(sum(word in _ENGLISH for word in words), max(1, len(words) // 12))


def _title(text: str, start: int, end: int, kind: FigureKind | None) -> tuple[int, int]:
    """Return a sentence without its panel mark and what stands on the lesser side of a colon."""
    mark = PANEL_MARK.match(text, start, end)
    start = mark.end() if mark else start
    colon = re.compile(r":\s").search(text, start, end)
    if colon is None:
        return start, end
    only_kind = kind is not None and start <= kind.start and colon.start() - kind.end <= 1
    if only_kind and text[colon.end() : end].strip():
        return colon.end(), end
    return start, colon.start()


def _without_kind(text: str, start: int, end: int, kind: FigureKind | None) -> tuple[int, int]:
    """Return the span behind 'The graph shows', 'Flow chart of', 'SEM image showing'."""
    while start < end and text[start] in " .,;–—-":
        start += 1
    lead = _LEAD.match(text[start:end])
    start += lead.end() if lead else 0
    if kind and start <= kind.start < end and kind.name not in KEPT_KINDS:
        after = _AFTER_KIND.match(text[kind.end : end])
        bare = not re.sub(
            r"\b(?:the|an?|simplified)\b|\W", "", text[start : kind.start], flags=re.I
        )
        if after and (bare or not after.group(1)):
            return kind.end + after.end(), end
    showing = _BARE_SHOWING.match(text[start:end])
    return (start + showing.end(), end) if showing else (start, end)


def _trim(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in " .,;:–—-":
        end -= 1
    return end


def _shorten(text: str, start: int, end: int) -> int:
    """Return where a long title may end early: before 'by', 'using', a comma."""
    words = words_of(text[start:end])
    if len(words) <= MAX_WORDS:
        return end
    low, high = start + words[4].start, start + words[MAX_WORDS - 1].end
    cuts = [
        m.start() for m in _SHORTEN.finditer(text, low, high) if _closed(text[start : m.start()])
    ]
    end = cuts[-1] if cuts else start
    dangling = re.search(r",\s[\w-]+$", text[start:end])  # 'a tear, indicated' by …
    return start + dangling.start() if dangling else end


def _closed(text: str) -> bool:
    return text.count("(") == text.count(")")


def _is_noun_phrase(phrase: str) -> bool:
    words = words_of(phrase)
    if not MIN_WORDS <= len(words) <= MAX_WORDS:
        return False
    if words[-1].text.lower() in _LOOSE_END or words[0].text.lower() in _LOOSE_END - {
        "the",
        "a",
        "an",
        "some",
    }:
        return False
    if not _closed(phrase) or _PANEL_IN_IT.search(phrase) or "?" in phrase:
        return False
    if all(w.key in _SAYS_NOTHING or w.text.lower() in _LOOSE_END for w in words):
        return False
    said = {w.text.lower() for w in words}
    return not said & _VERBS and load_cues().hedge.search(phrase) is None


_MEASURING = (
    r"(?:identification|determination|estimation|comparison|analysis|measurement|evaluation|assessment|"
    r"quantification|detection)"
)
_MEASURABLE = re.compile(
    rf"\b(?:{_QUANTITIES}|parameters?|\w{{3,}}(?:ation|ction|ition|sis|ment|ence|ance))\b", re.I
)
_RELATIONS = (
    re.compile(
        r"^(?:the\s)?(?:[\w-]+\s){0,2}?(?:effects?|impact|influence)\sof\s(?P<factor>.+?)\son\s"
        r"(?P<outcome>.+)$", re.I,
    ),
    re.compile(
        r"^(?P<outcome>(?:the\s)?(?:inhibition|reduction|suppression|stimulation|induction|"
        rf"prevention|activation)\sof\s(?=.*?\b(?:{_QUANTITIES})\b)(?:(?!\sby\s).)+?)"
        r"\s(?:by|with)\s(?P<factor>.+)$", re.I,
    ),
    re.compile(
        r"^(?P<outcome>.+?)\s(?:as\sa\sfunction\sof|versus|vs\.?|plotted\sagainst|depending\son)\s"
        r"(?P<factor>.+)$", re.I,
    ),
    re.compile(r"^(?:a\s)?comparison\s(?:of|between)\s(?P<compared>.+)$", re.I),
    re.compile(
        rf"^(?:the\s)?(?:{_MEASURING}\sof\s(?:the\s)?)?(?P<outcome>(?:[\w()/–’'%-]+\s){{0,5}}?(?:{_QUANTITIES})"
        r"(?:\sof\s(?:(?!\s(?:in|on|for|by|with|from|after|during|against|using|at|under|between|and)\s).)+)?)"
        r"(?:\s(?:in|on|for|by|with|from|after|during|against|using|at|under|between)\s.*)?$", re.I,
    ),
)  # fmt: skip


def read_relations(text: str, subject: Named) -> Iterator[Named]:
    """Yield the factor, the quantity or the comparison a title names; none is the title itself."""
    title = text[subject.start : subject.end]
    for pattern in _RELATIONS:
        match = pattern.match(title)
        if match is None:
            continue
        for family, part in match.groupdict().items():
            start, end = (subject.start + at for at in match.span(family))
            if family == "outcome" and not (part and _MEASURABLE.search(part)):
                continue
            if part and part != title and _is_part(part):
                yield Named(family, start, end)
        return


def _is_part(part: str) -> bool:
    """Tell whether a part of a title stands on its own: 'aspirin', not 'the' or 'X and'."""
    words = words_of(part)
    generic = len(words) == 1 and words[0].text.lower() in word_list("quantities")
    if not words or generic or len(words) > MAX_WORDS or words[-1].text.lower() in _LOOSE_END:
        return False
    if not _closed(part):
        return False
    return any(w.key not in _SAYS_NOTHING and w.text.lower() not in _LOOSE_END for w in words)
