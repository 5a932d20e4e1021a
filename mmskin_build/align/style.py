"""The caption style of a book, learned from its own pages."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from mmskin_build.align.label_words import LabelWords
from mmskin_build.align.labels import Label, parse_label, reads_like_mention
from mmskin_build.align.layout import PageContent, Style, running_key, style_of
from mmskin_build.align.profile import BookProfile
from mmskin_build.align.prose import Vocabulary
from mmskin_build.geometry import Box, area, height, width
from mmskin_build.records import Graphic, TextLine

GAP_EM = 0.55  # white space above a line that starts something new, in type sizes
REPEATED_PAGES = 3  # a picture on this many pages at one place is furniture, not a figure
RUNNING_PAGES = 3  # a line in the page's edge on this many pages is a running head
SMALLEST_DEVICE_PT = 6.0
SMALL_SHARE = 0.015  # of the page: an ornament between paragraphs
MARGIN_SHARE = 0.1  # outer strip of the page where bars and thumb indexes stand
REPEATED_SHARE = 0.08  # and on this share of the pages
SEED_BELIEF = 0.75
_CLOSE_OVERLAP = 0.3
BARE_LEAST = 3  # blocks at pictures that make a style one of captions without label
BARE_SHARE = 0.6  # and the share of all blocks in that style that stand at a picture
BARE_REACH_EM = 2.2
RAGGED = 3.0
BARE_PICTURE_PT = 40.0
BARE_MEAN_CHARS = 22.0  # captions say something; 'Aqueous extract' is a label
BARE_STRICT = 6  # blocks needed in a book without any printed label
TEXT_STYLE_SHARE = 0.04  # of the running text
PROFILE_SIDE_VOTES = 200
PROFILE_SIZE_SLACK_PT = 0.3
ART_REACH_EM = 3.5
FINISHED_DOUBT = 2.0  # captions that must be seen before their ends are taken for a habit
BODY_LEAST = 500  # characters of running text needed to know what is not a caption

# Logistic weights of a caption start; see docs of `caption_belief`.
_W_BIAS = -3.2
_W_STARTS = 1.9
_W_MARK = 1.6
_W_ALONE = 1.4
_W_LEAD = 1.5
_W_NOT_BODY = 1.3
_W_STYLE = 1.8
_W_FORM = 1.6
_W_MENTION = -3.4
_W_LOWER = -1.2
_W_STRANGER = -1.6
_W_AT_ART = 1.3
_W_CAPITAL = 0.5


NO_STYLE = Style("", 10.0, 0)
NO_PROFILE = BookProfile()


@dataclass
class BookStyle:
    """What captions of one book look like; shares lie between 0 and 1."""

    body: Style = NO_STYLE
    body_chars: Counter[Style] = field(default_factory=Counter)
    captions: Counter[Style] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    sides: Counter[str] = field(default_factory=Counter)
    text_styles: frozenset[Style] = frozenset()
    bare: frozenset[Style] = frozenset()
    numbers: frozenset[str] = frozenset()
    label_words: tuple[str, ...] = ()  # beside the known ones: of the profile and learned
    running: frozenset[tuple[str, int]] = frozenset()
    furniture: frozenset[tuple[str, int, int]] = frozenset()
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    pages: int = 0
    finished: int = 0  # captions so far that end with a full stop
    unfinished: int = 0
    profile: BookProfile = NO_PROFILE

    def caption_share(self, style: Style) -> float:
        """Return which share of the seed captions is set in a style."""
        total = sum(self.captions.values())
        if not total:
            return 0.0
        body = self.is_body(style)  # body type is no caption's where captions are slanted or bold
        alike = (
            n for s, n in self.captions.items() if s.like(style) and (not body or self.is_body(s))
        )
        return sum(alike) / total

    def form_share(self, label: Label, line: TextLine) -> float:
        """Return which share of the seed labels is printed like this one."""
        total = sum(self.forms.values())
        return self.forms[form_of(label, line)] / total if total else 0.0

    @property
    def finished_share(self) -> float:
        """Return which share of the captions so far ends as a sentence does; 0 at the start."""
        return self.finished / (self.finished + self.unfinished + FINISHED_DOUBT)

    def uses_mark(self, mark: str) -> bool:
        """Tell whether the book's labels end with this delimiter."""
        return bool(mark) and any(form.split("|")[1] == mark for form in self.forms)

    def is_body(self, style: Style) -> bool:
        """Tell whether a style is that of running text."""
        body = self.body
        same_face = (body.family, body.italic, body.bold) == (
            style.family,
            style.italic,
            style.bold,
        )
        return same_face and body.like(style)

    def is_bare_caption(self, line: TextLine) -> bool:
        """Tell whether a line is set like the captions this book prints without a label."""
        profile = self.profile
        if profile.unlabelled_font and profile.unlabelled_font.lower() in line.font.lower():
            size = profile.unlabelled_size_pt
            return size == 0 or abs(size - line.size_pt) < PROFILE_SIZE_SLACK_PT
        return style_of(line) in self.bare

    def is_chapter(self, number: str) -> bool:
        """Tell whether a number is only the first part of others: 'Plate 12' over 12.1 to 12.6."""
        return any(other.startswith((f"{number}.", f"{number}-")) for other in self.numbers)

    def prepare(self, content: PageContent) -> None:
        """Tell a page what the book taught: the styles of its text and its running heads."""
        content.text_styles = self.text_styles
        content.running = frozenset(
            line.line for line in content.lines if running_key(line, content) in self.running
        )

    def is_furniture(self, graphic: Graphic, content: PageContent) -> bool:
        """Tell whether a picture is a logo or ornament repeated over pages."""
        return _place(graphic) in self.furniture and (
            graphic.kind != "vector" or _is_device(graphic, content)
        )


def form_of(label: Label, line: TextLine) -> str:
    """Return how a label is printed: word, delimiter, weight and colour."""
    return f"{label.form}|{int(line.lead_bold)}|{line.lead_color:06x}"


def _is_device(graphic: Graphic, content: PageContent) -> bool:
    """Tell whether a drawing may be an ornament: a small one, or one outside the text."""
    if graphic.kind != "vector":
        return False
    x0, y0, x1, y1 = graphic.bbox
    page = content.page
    small = area(graphic.bbox) < SMALL_SHARE * area(content.box)
    if small and min(x1 - x0, y1 - y0) > SMALLEST_DEVICE_PT:
        return True
    aside = x1 < MARGIN_SHARE * page.width_pt or x0 > (1 - MARGIN_SHARE) * page.width_pt
    return aside or y1 < MARGIN_SHARE * page.height_pt or y0 > (1 - MARGIN_SHARE) * page.height_pt


def _place(graphic: Graphic) -> tuple[str, int, int]:
    x0, y0, x1, y1 = graphic.bbox
    wide, high = round((x1 - x0) / 4), round((y1 - y0) / 4)
    if graphic.kind == "vector":
        return (f"{graphic.paths}|{graphic.filled}", wide, high)
    # Mirrored margins move a logo sideways and turned pages lay it down: only its size counts.
    return (graphic.digest, min(wide, high), max(wide, high))


def starts_something(line: TextLine, content: PageContent) -> bool:
    """Tell whether a line opens a paragraph: nothing in its style ends right above it."""
    above = _line_above(line, content)
    if above is None:
        return True
    gap = line.bbox[1] - above.bbox[3]
    if gap > GAP_EM * line.size_pt or not style_of(line).like(style_of(above)):
        return True
    return line.block != above.block and (line.lead_bold and not above.lead_bold)


def _line_above(line: TextLine, content: PageContent) -> TextLine | None:
    x0, y0, x1, _ = line.bbox
    best: TextLine | None = None
    for other in content.upright:
        ox0, oy0, ox1, oy1 = other.bbox
        if oy0 >= y0 - 0.1 * line.size_pt:
            break
        overlap = min(x1, ox1) - max(x0, ox0)
        if overlap <= _CLOSE_OVERLAP * min(x1 - x0, ox1 - ox0) or oy1 >= y0 + 0.6 * line.size_pt:
            continue
        if best is None or oy1 > best.bbox[3]:
            best = other
    return best


def caption_belief(line: TextLine, label: Label, content: PageContent, book: BookStyle) -> float:
    """Return how surely a labelled line starts a caption and not a sentence, 0 to 1."""
    style = style_of(line)
    not_body = not book.is_body(style)
    lead = line.lead_color != line.color or (line.lead_bold and not line.bold)
    lead = lead or (line.lead_font not in ("", line.font) and len(line.text) > 25)
    learned = sum(book.captions.values()) >= 3 and label.kind == "figure"
    z = _W_BIAS
    z += _W_STARTS * starts_something(line, content)
    z += _W_MARK * bool(label.mark)
    z += _W_ALONE * (not label.rest)
    z += _W_LEAD * (lead or (line.bold and not label.rest))
    z += _W_NOT_BODY * not_body
    z += _W_MENTION * reads_like_mention(label)
    z += _W_AT_ART * _at_art(line, content)
    z += _W_CAPITAL * label.rest[:1].isupper()
    z += _W_LOWER * (label.rest[:1].islower() and not label.mark)
    if learned:
        share, form = book.caption_share(style), book.form_share(label, line)
        z += _W_STYLE * min(1.0, 2 * share) + _W_FORM * min(1.0, 2 * form)
        z += _W_STRANGER * (share < 0.05 and form < 0.05)
    return 1 / (1 + math.exp(-z))


def _at_art(line: TextLine, content: PageContent) -> bool:
    """Tell whether a picture or drawing of some size stands next to a line or around it."""
    reach = ART_REACH_EM * line.size_pt
    x0, y0, x1, y1 = line.bbox
    for box in [*(g.bbox for g in content.graphics), *(r.bbox for r in content.regions)]:
        if min(width(box), height(box)) < BARE_PICTURE_PT:
            continue
        if min(x1, box[2]) > max(x0, box[0]) and y0 - reach < box[3] and box[1] < y1 + reach:
            return True
    return False


def labelled_lines(
    content: PageContent, words: tuple[str, ...] = ()
) -> list[tuple[TextLine, Label]]:
    """Return the lines of a page that start with a printed label."""
    found = []
    for line in content.upright:
        if line.text[:1].isupper() or line.text[:1].isdigit() or line.text.startswith(words):
            label = parse_label(line.text, words)
            if label is not None:
                found.append((line, label))
    return found


class StyleLearner:
    """Collects, page by page, what is needed to know the caption style of a book."""

    def __init__(self, profile: BookProfile) -> None:
        """Start with an empty book and what a person knows of it."""
        self.book = BookStyle(profile=profile, label_words=profile.label_words)
        self._words = LabelWords()
        if profile.side:
            self.book.sides[profile.side] += PROFILE_SIDE_VOTES
        self._places: Counter[tuple[str, int, int]] = Counter()
        self._at_picture: Counter[Style] = Counter()
        self._anywhere: Counter[Style] = Counter()
        self._bare_chars: Counter[Style] = Counter()
        self._running: Counter[tuple[str, int]] = Counter()
        self._numbers: set[str] = set()

    def see(self, content: PageContent) -> None:
        """Count the styles, words and repeated pictures of one page, then its caption seeds."""
        book = self.book
        book.pages += 1
        for line in content.lines:
            if line.line in content.prose:
                book.body_chars[style_of(line)] += len(line.text)
        if book.body_chars:
            book.body = max(book.body_chars, key=lambda style: book.body_chars[style])
        keys = {running_key(line, content) for line in content.lines if not parse_label(line.text)}
        self._running.update(key for key in keys if key is not None)
        book.vocabulary.learn(line.text for line in content.lines)
        self._places.update(
            {_place(g) for g in content.graphics if g.digest or _is_device(g, content)}
        )
        self._see_seeds(content)
        self._see_bare(content)

    def _see_seeds(self, content: PageContent) -> None:
        for line, label in labelled_lines(content, self.book.label_words):
            if label.kind != "figure":
                continue
            if caption_belief(line, label, content, _fresh(self.book)) >= SEED_BELIEF:
                self.book.captions[_text_style(line, label, content)] += 1
                self.book.forms[form_of(label, line)] += 1
                self._numbers.add(label.number)

    def _see_bare(self, content: PageContent) -> None:
        """Count short blocks by style, and those that stand right at a picture."""
        pictures = [
            g.bbox
            for g in content.graphics
            if g.kind == "raster" and min(width(g.bbox), height(g.bbox)) > BARE_PICTURE_PT
        ]
        for line in content.upright if pictures else ():
            if content.is_running(line) or parse_label(line.text, self.book.label_words):
                continue
            if not starts_something(line, content):
                continue
            self._words.see(line, _at_art(line, content))
            if self.book.is_body(style_of(line)):
                continue
            key = style_of(line)
            self._anywhere[key] += 1
            if any(stands_at(line, box) for box in pictures):
                self._at_picture[key] += 1
                self._bare_chars[key] += len(line.text)

    def finish(self) -> BookStyle:
        """Return the learned style."""
        least = max(REPEATED_PAGES, REPEATED_SHARE * self.book.pages)
        self.book.furniture = frozenset(p for p, n in self._places.items() if n >= least)
        self.book.running = frozenset(k for k, n in self._running.items() if n >= RUNNING_PAGES)
        self.book.numbers = frozenset(self._numbers)
        running = sum(self.book.body_chars.values())
        self.book.text_styles = frozenset(
            style for style, n in self.book.body_chars.items() if n >= TEXT_STYLE_SHARE * running
        )
        self._learn_words()
        if running >= BODY_LEAST:
            self.book.bare = frozenset(key for key in self._at_picture if self._is_bare(key))
        return self.book

    def _learn_words(self) -> None:
        """Take up label words that no list knows, with the styles they are set in."""
        book = self.book
        for word, style, numbers in self._words.found(book.body):
            book.label_words += (word,) if word and word not in book.label_words else ()
            book.captions[style] += len(numbers)
            book.numbers |= frozenset(numbers)

    def _is_bare(self, key: Style) -> bool:
        near = self._at_picture[key]
        least = BARE_LEAST if self._numbers else BARE_STRICT
        return (
            near >= max(least, BARE_SHARE * self._anywhere[key])
            and self._bare_chars[key] / near >= BARE_MEAN_CHARS
            and key.size <= self.book.body.size
            and not self.book.is_body(key)
        )


def stands_at(line: TextLine, picture: Box) -> bool:
    """Tell whether a line stands right under, over or beside a picture, within its extent."""
    reach = BARE_REACH_EM * line.size_pt
    x0, y0, x1, y1 = line.bbox
    slack = 0.15 * width(picture)
    if -2 < y0 - picture[3] < reach or -2 < picture[1] - y1 < reach:
        return x0 > picture[0] - slack and x1 < picture[2] + slack
    # Ragged lines left of a picture end well before it.
    beside = -2 < x0 - picture[2] < reach or -2 < picture[0] - x1 < RAGGED * reach
    return beside and y0 > picture[1] - reach and y1 < picture[3] + reach


def _fresh(book: BookStyle) -> BookStyle:
    """Return the book's body style alone, so that a seed never speaks for itself."""
    return BookStyle(body=book.body)


def _text_style(line: TextLine, label: Label, content: PageContent) -> Style:
    """Return the style of a caption's text; a label on its own line is followed by it."""
    if label.rest:
        return style_of(line)
    below = nearest_below(line.bbox, content.upright, 1.6 * line.size_pt)
    return style_of(below) if below else style_of(line)


def nearest_below(box: Box, lines: Iterable[TextLine], reach: float) -> TextLine | None:
    """Return the closest line under a box that overlaps it sideways."""
    best: TextLine | None = None
    for line in lines:
        gap = line.bbox[1] - box[3]
        beside = min(box[2], line.bbox[2]) - max(box[0], line.bbox[0])
        if not -0.4 * line.size_pt < gap < reach or beside <= 0 or line.bbox[1] <= box[1]:
            continue
        if best is None or line.bbox[1] < best.bbox[1]:
            best = line
    return best
