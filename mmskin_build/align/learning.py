"""What the caption style of a book is learned from: its own pages, seen one by one."""

from __future__ import annotations

from collections import Counter

from mmskin_build.align.label_words import LabelWords, start_of
from mmskin_build.align.labels import Label, parse_label
from mmskin_build.align.layout import PageContent, Style, running_key, style_of
from mmskin_build.align.misread_labels import MisreadLabels
from mmskin_build.align.profile import BookProfile
from mmskin_build.align.regions import picture_tiles
from mmskin_build.align.spacing import wide_pitch
from mmskin_build.align.style import (
    BARE_PICTURE_PT,
    BookStyle,
    at_art,
    block_under,
    caption_belief,
    form_of,
    is_device,
    labelled_lines,
    meets_label,
    nearest_below,
    place_of,
    stands_at,
    stands_free_at,
    starts_something,
)
from mmskin_build.geometry import Box, height, width
from mmskin_build.records import TextLine

WIDE_SHARE = 0.25  # of the pages of a manuscript are double-spaced text; pictures fill the others
REPEATED_PAGES = 3  # a picture on this many pages at one place is furniture, not a figure
RUNNING_PAGES = 3  # a line in the page's edge on this many pages is a running head
REPEATED_SHARE = 0.08  # and on this share of the pages
SEED_BELIEF = 0.75
BARE_LEAST = 3  # blocks at pictures that make a style one of captions without label
BARE_SHARE = 0.6  # and the share of all blocks in that style that stand at a picture
BARE_MEAN_CHARS = 22.0  # captions say something; 'Aqueous extract' is a label
BARE_STRICT = 6  # blocks needed in a book without any printed label
KNOWN_WORDS = 10.0  # labels with a word of the list for one with a new word: the same
WORDED = 3.0  # labels with a word for one without: then that one is no label
TEXT_STYLE_SHARE = 0.04  # of the running text
PROFILE_SIDE_VOTES = 200
BODY_LEAST = 500  # characters of running text needed to know what is not a caption


_Set = tuple[Style, tuple[str, int] | None]  # a style, and what would repeat in a running head
_Stand = tuple[Style, int]  # a style, and a height on the page


class StyleLearner:
    """Collects, page by page, what is needed to know the caption style of a book."""

    def __init__(self, profile: BookProfile) -> None:
        """Start with an empty book and what a person knows of it."""
        self.book = BookStyle(profile=profile, label_words=profile.label_words)
        self._words = LabelWords()
        self._misread = MisreadLabels()
        if profile.side:
            self.book.sides[profile.side] += PROFILE_SIDE_VOTES
        self._places: Counter[tuple[str, int, int]] = Counter()
        self._at_picture: Counter[_Set] = Counter()
        self._anywhere: Counter[_Set] = Counter()
        self._bare_chars: Counter[_Set] = Counter()
        self._running: Counter[tuple[str, int]] = Counter()
        self._stand: dict[tuple[str, int], set[_Stand]] = {}
        self._numbers: set[str] = set()
        self._pitches: Counter[float] = Counter()  # of double-spaced pages

    def see(self, content: PageContent) -> None:
        """Count the styles, words and repeated pictures of one page, then its caption seeds."""
        book = self.book
        book.pages += 1
        pitch = wide_pitch(content.lines)
        if pitch:
            self._pitches[pitch] += 1
            content = content.anew()  # whether the whole book is set so is not known yet
            content.close_up(pitch)
        for line in content.lines:
            if line.line in content.prose:
                book.body_chars[style_of(line)] += len(line.text)
        if book.body_chars:
            book.body = max(book.body_chars, key=lambda style: book.body_chars[style])
        self._see_edges(content)
        book.vocabulary.learn(line.text for line in content.lines)
        self._places.update(
            {place_of(g) for g in content.graphics if g.digest or is_device(g, content)}
        )
        self._see_seeds(content)
        self._see_words(content)
        self._see_bare(content)
        self._see_misread(content)

    def _see_edges(self, content: PageContent) -> None:
        """Note what may repeat at the head and foot of pages, and where it stands."""
        keys = set()
        for line in content.lines:
            key = running_key(line, content)
            if key is None or parse_label(line.text):
                continue
            keys.add(key)
            place = (style_of(line), round(line.bbox[1] / 2))
            self._stand.setdefault(key, set()).add(place)
        self._running.update(keys)

    def _running_heads(self) -> frozenset[tuple[str, int]]:
        """Return what repeats, and what else is set like it at the same height.

        Heads that name a short section stand on a page or two, but where the others do.
        """
        often = {key for key, n in self._running.items() if n >= RUNNING_PAGES}
        stands = {place for key in often for place in self._stand[key]}
        return frozenset(
            key for key, places in self._stand.items() if key in often or places <= stands
        )

    def _see_seeds(self, content: PageContent) -> None:
        for line, label in labelled_lines(content, self.book.label_words):
            if label.kind != "figure":
                continue
            if caption_belief(line, label, content, _fresh(self.book)) >= SEED_BELIEF:
                self._numbers.add(label.number)
                style = _text_style(line, label, content)
                if style is not None:
                    self.book.captions[style] += 1
                    self.book.forms[form_of(label, line)] += 1

    def _pictures(self, content: PageContent) -> list[Box]:
        """Return the pictures of a page, those made of strips or tiles as one."""
        rasters = [
            g
            for g in content.graphics
            if g.kind == "raster" and self._places[place_of(g)] < REPEATED_PAGES
        ]
        boxes = [atom.box for atom in picture_tiles(rasters)]
        return [box for box in boxes if min(width(box), height(box)) > BARE_PICTURE_PT]

    def _see_words(self, content: PageContent) -> None:
        """Note the lines that may begin with a label of a kind no list knows."""
        for line in content.lines:  # in reading order, in which numbers count up
            start = start_of(line.text) if line.angle == 0 else None
            if start is None or parse_label(line.text, self.book.label_words):
                continue
            if starts_something(line, content):
                block = block_under(line, content)
                close = at_art(block, line.size_pt, content)
                lonely = start.alone and block == line.bbox
                self._words.see(line, start, (close, lonely), _edge_key(line, content))

    def _see_misread(self, content: PageContent) -> None:
        """Note the recognised lines at pictures that may begin with a misread label."""
        for line in content.upright:
            if line.origin != "ocr" or parse_label(line.text, self.book.label_words):
                continue
            if starts_something(line, content):
                block = block_under(line, content)
                if at_art(block, line.size_pt, content):
                    self._misread.see(line)

    def _see_bare(self, content: PageContent) -> None:
        """Count short blocks by style, and those that stand right at a picture."""
        pictures = self._pictures(content)
        for line in content.upright if pictures else ():
            style = style_of(line)
            if self.book.is_body(style) or parse_label(line.text, self.book.label_words):
                continue
            if not starts_something(line, content):
                continue
            key = (style, _edge_key(line, content))
            self._anywhere[key] += 1
            block = block_under(line, content)
            if meets_label(block, line.size_pt, content, self.book.label_words):
                continue
            if any(stands_at(line, box) or stands_free_at(line, box, content) for box in pictures):
                self._at_picture[key] += 1
                self._bare_chars[key] += len(line.text)

    def finish(self) -> BookStyle:
        """Return the learned style."""
        least = max(REPEATED_PAGES, REPEATED_SHARE * self.book.pages)
        if sum(self._pitches.values()) > WIDE_SHARE * self.book.pages:
            self.book.pitch_em = max(self._pitches, key=lambda pitch: self._pitches[pitch])
        self.book.furniture = frozenset(p for p, n in self._places.items() if n >= least)
        self.book.running = self._running_heads()
        self.book.numbers = frozenset(self._numbers)
        running = sum(self.book.body_chars.values())
        self.book.text_styles = frozenset(
            style for style, n in self.book.body_chars.items() if n >= TEXT_STYLE_SHARE * running
        )
        self._learn_words()
        if running >= BODY_LEAST:
            self._learn_bare()
        return self.book

    def _learn_words(self) -> None:
        """Take up label words that no list knows, with the styles they are set in."""
        book, printed = self.book, len(self._numbers)
        for habit in self._words.found(book.body, book.running):
            if printed > (KNOWN_WORDS if habit.word else WORDED) * len(habit.numbers):
                continue  # a book that writes 'Figure' elsewhere counts something else
            if not habit.word:
                book.number_styles |= {habit.style}
            elif habit.word not in book.label_words:
                book.label_words += (habit.word,)
            book.captions[habit.style] += len(habit.numbers)
            book.numbers |= frozenset(habit.numbers)
        book.misread = self._misread.found(book.word_counts(), book.numbers)
        book.label_words += tuple(book.misread)

    def _learn_bare(self) -> None:
        """Take up the styles of captions without label."""
        anywhere, near, chars = (
            self._not_running(counts)
            for counts in (self._anywhere, self._at_picture, self._bare_chars)
        )
        least = BARE_LEAST if self._numbers else BARE_STRICT
        self.book.bare = frozenset(
            style
            for style, count in near.items()
            if count >= max(least, BARE_SHARE * anywhere[style])
            and chars[style] / count >= BARE_MEAN_CHARS
            and style.size <= self.book.body.size
            and not self.book.is_body(style)
        )

    def _not_running(self, counts: Counter[_Set]) -> Counter[Style]:
        """Return counts by style without the lines that turned out to be running heads."""
        kept: Counter[Style] = Counter()
        for (style, key), count in counts.items():
            if key is None or key not in self.book.running:
                kept[style] += count
        return kept


def _edge_key(line: TextLine, content: PageContent) -> tuple[str, int] | None:
    """Return what would repeat if a line in the page's edge were a running head."""
    return running_key(line, content) if content.in_page_edge(line.bbox) else None


def _fresh(book: BookStyle) -> BookStyle:
    """Return the book's body style alone, so that a seed never speaks for itself."""
    return BookStyle(body=book.body)


def _text_style(line: TextLine, label: Label, content: PageContent) -> Style | None:
    """Return the style of a caption's text; None when a label stands all alone.

    A label on its own line is followed by the text.
    """
    if label.rest:
        return style_of(line)
    below = nearest_below(line.bbox, content.upright, 1.6 * line.size_pt)
    return style_of(below) if below else None
