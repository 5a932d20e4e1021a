"""Panels of a compound figure and what its caption says of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from mmskin_build.align.layout import PageContent
from mmskin_build.align.regions import Atom, Region
from mmskin_build.align.sub_captions import SubCaption, sub_captions
from mmskin_build.geometry import Box, area, covered, height, overlap_area, union, width

PANEL_SHARE = 0.06  # a panel covers at least this share of its figure
PANEL_SIDE_PT = 30.0
LETTER_REACH_PT = 18.0
MAX_PANELS = 26
SIMILAR_SIZE = 6.0  # the largest panel is at most this many times the median

_LETTER = re.compile(r"^[(\[]?(?P<letter>[a-zA-Z]|[ivx]{2,4}|[IVX]{2,4})[)\].:]?$")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_ROMAN_MARKS = (
    re.compile(r"\((?P<names>[ivx]+|[IVX]+)\)"),
    re.compile(r"(?:^|(?<=[.;:,]\s))(?P<names>[ivx]+|[IVX]+)(?:[:.)]\s|,\s)"),
)
_POSITIONS = (
    re.compile(r"(?i:\((?P<names>left|right)\)|(?:^|(?<=[.;]\s))(?P<bare>left|right):\s)"),
    re.compile(r"(?i:\((?P<names>top|bottom)\)|(?:^|(?<=[.;]\s))(?P<bare>top|bottom):\s)"),
)
_MARKS = (
    re.compile(r"\((?P<names>[a-z](?:\s?(?:[,&–-]|and)\s?[a-z])*)\)"),
    re.compile(r"\((?P<names>[A-Z](?:\s?(?:[,&–-]|and)\s?[A-Z])*)\)"),
    re.compile(r"(?:^|(?<=[.;:]\s))(?P<names>[A-Z](?:[,&–-]\s?[A-Z])*)(?:[,:.)]\s|\s(?=[A-Z]))"),
    re.compile(r"(?:^|(?<=[.;:,]\s))(?P<names>[a-z](?:[,&–-]\s?[a-z])*)(?:[:.)]\s|,\s)"),
)


def is_panel_letter(text: str, bare: bool = True) -> bool:
    """Tell whether a line is nothing but a panel letter: '(b)', and when ``bare`` 'a' or 'C'."""
    return _LETTER.match(text) is not None and (bare or not text.isalpha())


@dataclass(frozen=True, slots=True)
class CaptionPart:
    """What a caption says of one panel."""

    letter: str
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of a figure."""

    letter: str
    box: Box
    atoms: tuple[Atom, ...]
    caption: str


@dataclass(frozen=True, slots=True)
class PanelSplit:
    """The panels of a figure; ``compound`` when there are several that stay together."""

    panels: tuple[Panel, ...]
    compound: bool
    evidence: tuple[str, ...] = ()


def caption_parts(caption: str) -> tuple[str, list[CaptionPart]]:
    """Return the shared lead-in and the part of each lettered panel, in order."""
    best: list[re.Match[str]] = []
    for pattern in _MARKS:
        found = _in_sequence(list(pattern.finditer(caption)))
        if len(_letters(found)) > len(_letters(best)):
            best = found
    if len(_letters(best)) < 2:
        return _position_parts(caption)
    if _marks_follow(caption, best):
        return _parts_before(caption, best, expand)
    return _parts_after(caption, best, expand)


def roman_parts(caption: str) -> tuple[str, list[CaptionPart]]:
    """Return lead-in and parts of '(i) ... (ii) ...'; a plain list in a caption reads the same.

    So these count as panels only where the figure agrees: see :func:`split_panels`.
    """
    for pattern in _ROMAN_MARKS:
        marks: list[re.Match[str]] = []
        for match in pattern.finditer(caption):
            if len(marks) < len(_ROMAN) and match["names"].lower() == _ROMAN[len(marks)]:
                marks.append(match)
        if len(marks) >= 2:
            split = _parts_before if _marks_follow(caption, marks) else _parts_after
            return split(caption, marks, lambda name: [name.lower()])
    return caption, []


def _position_parts(caption: str) -> tuple[str, list[CaptionPart]]:
    """Return the parts of '(left) ... (right) ...', named by their place."""
    for pattern in _POSITIONS:
        marks = list(pattern.finditer(caption))
        names = [(match["names"] or match["bare"]).lower() for match in marks]
        if len(names) != 2 or len(set(names)) != 2 or _marks_follow(caption, marks):
            continue
        texts = [caption[marks[0].end() : marks[1].start()], caption[marks[1].end() :]]
        parts = [
            CaptionPart(name, text.strip(" ;,")) for name, text in zip(names, texts, strict=True)
        ]
        first = names[0] in ("left", "top")
        return caption[: marks[0].start()].strip(), parts if first else parts[::-1]
    return caption, []


def expand(names: str) -> list[str]:
    """Return single letters of 'a', 'a, b' or 'a–c', in lower case."""
    letters = re.findall(r"[a-zA-Z](?![a-z])", names.replace("and", ","))
    if len(letters) == 2 and re.search(r"[–-]", names):
        first, last = ord(letters[0].lower()), ord(letters[1].lower())
        return [chr(code) for code in range(first, last + 1)]
    return [letter.lower() for letter in letters]


def _letters(matches: list[re.Match[str]]) -> list[str]:
    return [letter for match in matches for letter in expand(match["names"])]


def _in_sequence(matches: list[re.Match[str]]) -> list[re.Match[str]]:
    """Keep the marks that continue a, b, c ...; the rest are references or initials."""
    kept: list[re.Match[str]] = []
    wanted = ord("a")
    for match in matches:
        letters = expand(match["names"])
        if letters and ord(letters[0]) == wanted:
            kept.append(match)
            wanted = ord(letters[-1]) + 1
    return kept


def _marks_follow(caption: str, marks: list[re.Match[str]]) -> bool:
    """Tell whether each mark stands behind its text: 'a plaque (a) and scale (b)'."""
    after = [caption[match.end() : match.end() + 1] for match in marks]
    before = caption[: marks[0].start()].rstrip()
    closed = sum(mark in {".", ",", ";"} for mark in after)
    return bool(before) and before[-1] not in ".:;" and closed * 2 >= len(marks)


def _parts_after(
    caption: str, marks: list[re.Match[str]], names: Callable[[str], list[str]]
) -> tuple[str, list[CaptionPart]]:
    ends = [match.start() for match in marks[1:]] + [len(caption)]
    parts = []
    for match, end in zip(marks, ends, strict=True):
        text = caption[match.end() : end].strip(" ;,")
        parts += [CaptionPart(name, text) for name in names(match["names"])]
    return caption[: marks[0].start()].strip(), parts


def _parts_before(
    caption: str, marks: list[re.Match[str]], names: Callable[[str], list[str]]
) -> tuple[str, list[CaptionPart]]:
    first = caption[: marks[0].start()]
    stop = max(first.rfind(". "), first.rfind(": "))
    cut = stop + 2 if stop >= 0 else 0
    lead, start, parts = caption[:cut].strip(), cut, []
    for match in marks:
        text = re.sub(r"^[\s,;.]*(?:and\s)?", "", caption[start : match.start()]).strip()
        parts += [CaptionPart(name, text) for name in names(match["names"])]
        start = match.end()
    return lead, parts


def split_panels(region: Region, content: PageContent, caption: str) -> PanelSplit:
    """Return one panel per clearly separate picture, with its letter and caption part."""
    lead, parts = caption_parts(caption)
    boxes = _panel_boxes(region)
    whole = Panel("", region.box, region.atoms, caption)
    if len(boxes) < 2:
        return PanelSplit((whole,), compound=len(parts) >= 2)
    letters = _letters_at(boxes, content)
    notes = {} if letters else _notes_under(boxes, content)
    letters = letters or {index: note.letter for index, note in notes.items()}
    if not parts:
        lead, parts = _agreeing_roman_parts(caption, len(boxes), letters)
    evidence = []
    if notes:
        evidence.append("texts printed under the panels")
    elif letters:
        evidence.append("letters printed at the panels")
    elif len(parts) == len(boxes):
        letters = dict(enumerate(part.letter for part in parts))
        evidence.append("as many caption parts as panels")
    # Pictures that neither page nor caption tells apart stay together: no letter is invented.
    if not letters or len(boxes) > MAX_PANELS:
        return PanelSplit((whole,), compound=True)
    said = {part.letter: part.text for part in parts}
    panels = []
    for index, (box, atoms) in enumerate(boxes):
        letter = letters.get(index, "")
        text = f"{lead} {said[letter]}".strip() if letter in said else caption
        if index in notes:
            stop = "" if text.endswith((".", ":", ";", "!", "?")) else "."
            text = f"{text}{stop} {notes[index].text}".strip()
        panels.append(Panel(letter, box, atoms, text))
    return PanelSplit(tuple(panels), compound=False, evidence=tuple(evidence))


def _agreeing_roman_parts(
    caption: str, panels: int, printed: dict[int, str]
) -> tuple[str, list[CaptionPart]]:
    """Return the parts named by roman numbers if the panels carry them or are as many."""
    lead, parts = roman_parts(caption)
    names = {part.letter for part in parts}
    agree = names >= set(printed.values()) if printed else len(parts) == panels
    return (lead, parts) if agree else (caption, [])


def _panel_boxes(region: Region) -> list[tuple[Box, tuple[Atom, ...]]]:
    """Return pictures of comparable size, in reading order; small art joins the one it is on."""
    least = PANEL_SHARE * area(region.box)
    large = [a for a in region.atoms if a.kind != "vector" and area(a.box) >= least
             and min(width(a.box), height(a.box)) >= PANEL_SIDE_PT]  # fmt: skip
    if len(large) < 2:
        return []
    usual = median(area(atom.box) for atom in large)
    if max(area(atom.box) for atom in large) > SIMILAR_SIZE * usual:
        return []
    outside = sum(area(a.box) for a in region.atoms if a not in large and not _on_any(a, large))
    if outside > 0.25 * area(region.box):
        return []
    ordered = reading_order([atom.box for atom in large])
    return [(large[i].box, (large[i],)) for i in ordered]


def _on_any(atom: Atom, large: list[Atom]) -> bool:
    return any(covered(atom.box, other.box) > 0.5 for other in large)


def reading_order(boxes: list[Box]) -> list[int]:
    """Return indices row by row, left to right; boxes that share half their height are a row."""
    left = sorted(range(len(boxes)), key=lambda i: (boxes[i][1], boxes[i][0]))
    order: list[int] = []
    while left:
        lead = boxes[left[0]]
        row = [i for i in left if _level(boxes[i], lead)]
        order += sorted(row, key=lambda i: boxes[i][0])
        left = [i for i in left if i not in row]
    return order


def _level(box: Box, lead: Box) -> bool:
    shared = min(box[3], lead[3]) - max(box[1], lead[1])
    return shared > 0.4 * min(height(box), height(lead))


def _letters_at(boxes: list[tuple[Box, tuple[Atom, ...]]], content: PageContent) -> dict[int, str]:
    """Return the letter typeset at each panel; empty unless every panel has its own.

    Letters beside the panels are looked for only where those on, above or below do not suffice.
    """
    hull = union(box for box, _ in boxes)
    reach = (hull[0] - 30, hull[1] - 20, hull[2] + 30, hull[3] + 20)
    lines = [line for line in content.lines if overlap_area(line.bbox, reach)]
    for owner in (_owner, _owner_beside):
        found: dict[int, str] = {}
        for line in lines:
            match = _LETTER.match(line.text)
            index = owner(line.bbox, [box for box, _ in boxes]) if match else None
            if match and index is not None:
                found.setdefault(index, match["letter"].lower())
        if len(found) == len(boxes) and len(set(found.values())) == len(boxes):
            return found
    return {}


def _notes_under(
    boxes: list[tuple[Box, tuple[Atom, ...]]], content: PageContent
) -> dict[int, SubCaption]:
    """Return the text under each panel; empty unless every panel has its own."""
    found: dict[int, SubCaption] = {}
    for note in sub_captions(content):
        index = _owner(note.lines[0].bbox, [box for box, _ in boxes])
        if index is not None:
            found.setdefault(index, note)
    return found if len(found) == len(boxes) else {}


def _owner(letter: Box, boxes: list[Box]) -> int | None:
    """Return the panel a letter belongs to: the one it lies on, else the nearest over or under."""
    best, best_cost = None, float("inf")
    for index, box in enumerate(boxes):
        if covered(letter, box) > 0.5:
            return index
        middle = (letter[0] + letter[2]) / 2
        aside = max(0.0, box[0] - middle, middle - box[2])
        gap = letter[1] - box[3] if letter[1] >= box[3] - 3 else box[1] - letter[3] + 2
        if aside <= 12 and -4 <= gap < LETTER_REACH_PT and gap + aside < best_cost:
            best, best_cost = index, gap + aside
    return best


def _owner_beside(letter: Box, boxes: list[Box]) -> int | None:
    """Return the panel whose upper left corner a letter stands beside."""
    best, best_gap = None, LETTER_REACH_PT
    for index, box in enumerate(boxes):
        gap = box[0] - letter[2]
        if -3 <= gap < best_gap and abs(letter[1] - box[1]) < LETTER_REACH_PT:
            best, best_gap = index, gap
    return best
