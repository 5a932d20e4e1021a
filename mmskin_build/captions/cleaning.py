"""Clean a caption by recorded, reversible edits; credits, marks and references become fields."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from mmskin_build.captions.patterns import (
    CONTINUED,
    CREDIT,
    LABEL,
    PANEL,
    REFERENCE,
    may_be_continued,
    may_credit,
    may_have_panels,
    may_refer,
)
from mmskin_build.captions.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class CleanCaption:
    """A clean caption, what was taken out of it, and the edits that lead back to the raw text."""

    text: str
    label: str
    panel_letters: tuple[str, ...]
    credit: str
    continued_from: str
    cross_references: tuple[str, ...]
    edits: tuple[str, ...]


def clean_caption(
    raw: str, vocabulary: Vocabulary | None = None, *, ocr: bool = False
) -> CleanCaption:
    """Return the caption as a reader would transcribe it.

    Args:
        raw: the caption as extracted.
        vocabulary: the book's own words; they decide hyphens and (with ``ocr``) slips.
        ocr: the text was read by OCR, so that slips may be repaired.

    ``restore(clean.text, clean.edits)`` gives ``raw`` back.
    """
    draft = _Draft(raw)
    words = vocabulary or _NO_WORDS
    _normalise(draft)
    _join_hyphens(draft, words)
    if ocr:
        _repair_slips(draft, words)
    label = draft.take("label", LABEL)
    low = draft.text.lower()
    continued = draft.take("continued", CONTINUED) if may_be_continued(low) else []
    credits = draft.take_all("credit", CREDIT) if may_credit(low) else []
    references = draft.take("cross_reference", REFERENCE) if may_refer(low) else []
    letters = draft.take("panel", PANEL) if may_have_panels(draft.text) else []
    _tidy(draft)
    return CleanCaption(
        text=draft.text,
        label="".join(label).strip(" .:|"),
        panel_letters=tuple(_letters_of(mark) for mark in letters),
        credit=" ".join(part.strip(" ().;,") for part in credits),
        continued_from="".join(continued[:1]).strip(" ()[].:"),
        cross_references=tuple(part.strip(" ()[].;,") for part in references),
        edits=tuple(draft.edits),
    )


_NO_WORDS = Vocabulary()


def restore(text: str, edits: tuple[str, ...]) -> str:
    """Return the raw caption from the clean one by undoing its edits, last first."""
    for edit in reversed(edits):
        _, at, old, new = json.loads(edit)
        if text[at : at + len(new)] != new:
            raise ValueError(f"edit {edit} does not belong to this text")
        text = text[:at] + old + text[at + len(new) :]
    return text


class _Draft:
    """A text under edit that writes down each change."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.edits: list[str] = []

    def replace(
        self, rule: str, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]
    ) -> None:
        """Replace every match; ``new`` may return the match itself to leave it."""
        position = 0
        while (m := pattern.search(self.text, position)) is not None:
            old, text = m.group(), new(m)
            position = m.start() + len(text) + (not old)
            if text != old:
                self.edits.append(json.dumps([rule, m.start(), old, text], ensure_ascii=False))
                self.text = self.text[: m.start()] + text + self.text[m.end() :]
            else:
                position = m.end() + (not old)

    def take(self, rule: str, pattern: re.Pattern[str]) -> list[str]:
        """Remove every match and return what was removed."""
        taken: list[str] = []

        def remove(m: re.Match[str]) -> str:
            taken.append(m.group())
            return " "

        self.replace(rule, pattern, remove)
        return taken

    def take_all(self, rule: str, pattern: re.Pattern[str]) -> list[str]:
        """Remove matches until none is left: one credit sentence may stand behind another."""
        taken: list[str] = []
        while found := self.take(rule, pattern):
            taken.extend(found)
            self.replace("tidy", _SPACES, lambda m: " ")
        return taken


_LIGATURES = {
    "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
    "\u00ad": "", "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "",
    "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\u202f": " ", "\t": " ",
    "μ": "µ", "\u2010": "-", "\u2011": "-", "\u2012": "–", "\u2015": "—", "\uf0b4": "×",
    "✕": "×", "⨯": "×",
}  # fmt: skip
_SIGNS = re.compile("|".join(re.escape(sign) for sign in _LIGATURES))
_TIMES = re.compile(
    r"(?<=\d)\s?[xX]\s?(?=\d)|(?<![\w])[xX]\s?(?=\d{2,4}(?!\w))|(?<=\d)\s?[xX](?=[\s,.;)]|$)"
)
_X_BEFORE, _X_AFTER = re.compile(r"[xX]\s?\d"), re.compile(r"\d\s?[xX]")
_BREAKS = re.compile(r"[ \t]*\n[ \t\n]*")
_SPACES = re.compile(r" {2,}")


def _normalise(draft: _Draft) -> None:
    if not draft.text.isascii() or "\t" in draft.text:
        draft.replace("unicode", _SIGNS, lambda m: _LIGATURES[m.group()])
    if _X_BEFORE.search(draft.text) or _X_AFTER.search(draft.text):
        draft.replace("times", _TIMES, lambda m: m.group().replace("x", "×").replace("X", "×"))
    if "\n" in draft.text:
        draft.replace("line_break", _BREAKS, lambda m: " ")
    if "  " in draft.text:
        draft.replace("space", _SPACES, lambda m: " ")


_BROKEN = re.compile(r"(?P<a>[^\W\d_]{2,})-\s+(?P<b>[^\W\d_]{2,})")
_SPLIT_LIGATURE = re.compile(r"\b(?P<a>[^\W\d_]*(?:ffi|ffl|ff|fi|fl))\s(?P<b>[a-z]{2,})\b")
_SUSPENDED = {"and", "or", "to", "und", "oder", "et", "ou", "y", "o"}


def _join_hyphens(draft: _Draft, words: Vocabulary) -> None:
    """Close words broken at a line end: the book's own use decides on the hyphen."""

    def close(m: re.Match[str]) -> str:
        a, b = m["a"], m["b"]
        if b in _SUSPENDED:
            return m.group()  # 'pre- and postoperative'
        joined, hyphenated = words.count(a + b), words.count(f"{a}-{b}")
        if joined != hyphenated:
            return a + b if joined > hyphenated else f"{a}-{b}"
        return a + b if b[0].islower() else f"{a}-{b}"

    def rejoin(m: re.Match[str]) -> str:
        whole = m["a"] + m["b"]
        known = words.count(whole) > max(words.count(m["b"]), 1)
        return whole if known and not words.count(m["a"]) > words.count(whole) else m.group()

    if "- " in draft.text:
        draft.replace("hyphen", _BROKEN, close)
    if "fi " in draft.text or "fl " in draft.text or "ff " in draft.text:
        draft.replace("ligature_gap", _SPLIT_LIGATURE, rejoin)


_TOKEN = re.compile(r"[^\W_]{3,}")
_SLIP_PAIRS = "rn>m m>rn 0>o 1>l l>i I>l vv>w cl>d c>e e>c 5>s li>h h>li ii>n"
_SLIPS = tuple(pair.split(">") for pair in _SLIP_PAIRS.split())
PROOF = 3  # how often the book must have the repaired word


def _repair_slips(draft: _Draft, words: Vocabulary) -> None:
    """Repair a word read wrongly, only when the book has the right one and not the wrong one."""

    def repair(m: re.Match[str]) -> str:
        word = m.group()
        if word.isdigit() or words.count(word) > 1:
            return word
        options = {
            word[:i] + right + word[i + len(wrong) :]
            for wrong, right in _SLIPS
            for i in range(len(word))
            if word.startswith(wrong, i)
        }
        proven = sorted(o for o in options if words.count(o) >= PROOF)
        return proven[0] if len(proven) == 1 else word

    draft.replace("ocr_slip", _TOKEN, repair)


def _letters_of(mark: str) -> str:
    return mark.strip(" ():.,")


_BEFORE_POINT = re.compile(r"\s+(?=[.,;:)\]])(?!\.\d)")
_AFTER_OPEN = re.compile(r"(?<=[(\[])\s+")
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")
_DOUBLED = re.compile(r"([.;:,])(?:\s*\1)+(?!\.)|[,;:](?=\s*\.(?:\s|$))")
_LOOSE = re.compile(r"[(\[]\s|\s[.,;:)\]]")
_TWO_POINTS = re.compile(r"[.;:,]\s*[.;:,]")
_EDGE_SIGNS = ".,;:|–—-"
_EDGES = re.compile(r"^[\s.,;:|–—-]+|\s+$")


def _tidy(draft: _Draft) -> None:
    """Mend what the removals left behind: doubled stops, empty brackets, loose spaces."""
    if "(" in draft.text or "[" in draft.text:
        draft.replace("tidy", _EMPTY, lambda m: "")
    if "  " in draft.text:
        draft.replace("tidy", _SPACES, lambda m: " ")
    if _LOOSE.search(draft.text):
        draft.replace("tidy", _BEFORE_POINT, lambda m: "")
        draft.replace("tidy", _AFTER_OPEN, lambda m: "")
    if _TWO_POINTS.search(draft.text):
        draft.replace("tidy", _DOUBLED, lambda m: m.group(1) or "")
    if draft.text and (draft.text[0] in _EDGE_SIGNS or draft.text.strip() != draft.text):
        draft.replace("tidy", _EDGES, lambda m: "")
