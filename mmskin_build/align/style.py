"""The caption style of a book, learned from its own pages."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mmskin_build.align.contents import is_list
from mmskin_build.align.labels import LOWER_WORDS, Label, parse_label, reads_like_mention
from mmskin_build.align.layout import PageContent, Style, running_key, style_of
from mmskin_build.align.profile import BookProfile
from mmskin_build.align.prose import Vocabulary
from mmskin_build.geometry import Box, area, height, overlap_area, union, width
from mmskin_build.records import Graphic, TextLine

GAP_EM = 0.55  # white space above a line that starts something new, in type sizes
SMALLEST_DEVICE_PT = 6.0
SMALL_SHARE = 0.015  # of the page: an ornament between paragraphs
BAND_SHARE = 0.3  # of the page: a coloured band across the head of a slide
MARGIN_SHARE = 0.1  # outer strip of the page where bars and thumb indexes stand
_CLOSE_OVERLAP = 0.3
BARE_REACH_EM = 2.2
LABEL_BELOW_EM = 1.2
FREE_REACH_EM = 4.5  # with nothing but white space between
RAGGED = 3.0
BARE_PICTURE_PT = 40.0
PROFILE_SIZE_SLACK_PT = 0.3
ART_REACH_EM = 3.5
FINISHED_DOUBT = 2.0  # captions that must be seen before their ends are taken for a habit

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
    pitch_em: float = 0.0  # distance of baselines in a double-spaced book, in type sizes
    number_styles: frozenset[Style] = frozenset()  # of labels that are a number without word
    numbers: frozenset[str] = frozenset()
    label_words: tuple[str, ...] = ()  # beside the known ones: of the profile and learned
    misread: dict[str, str] = field(default_factory=dict)  # label words as OCR read and as meant
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
        bare = label.word.rstrip(".")
        if bare in self.misread:
            label = replace(label, word=label.word.replace(bare, self.misread[bare]))
        return self.forms[form_of(label, line)] / total if total else 0.0

    def word_counts(self) -> Counter[str]:
        """Return how often each label word, without its full stop, was seen among the seeds."""
        counts: Counter[str] = Counter()
        for form, n in self.forms.items():
            counts[form.split("|")[0].rstrip(".")] += n
        return counts

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
        if self.pitch_em:
            content.close_up(self.pitch_em)
        content.text_styles = self.text_styles
        content.running = frozenset(
            line.line for line in content.lines if running_key(line, content) in self.running
        )

    def is_furniture(self, graphic: Graphic, content: PageContent) -> bool:
        """Tell whether a picture is a logo or ornament repeated over pages."""
        return place_of(graphic) in self.furniture and (
            graphic.kind != "vector" or is_device(graphic, content)
        )


def form_of(label: Label, line: TextLine) -> str:
    """Return how a label is printed: word, delimiter, weight and colour."""
    return f"{label.form}|{int(line.lead_bold)}|{line.lead_color:06x}"


def is_device(graphic: Graphic, content: PageContent) -> bool:
    """Tell whether a drawing may be an ornament: a small one, or one outside the text."""
    if graphic.kind != "vector":
        return False
    x0, y0, x1, y1 = graphic.bbox
    page = content.page
    small = area(graphic.bbox) < SMALL_SHARE * area(content.box)
    if small and min(x1 - x0, y1 - y0) > SMALLEST_DEVICE_PT:
        return True
    at_edge = y0 < 1 or y1 > page.height_pt - 1
    if at_edge and x1 - x0 > 0.95 * page.width_pt and y1 - y0 < BAND_SHARE * page.height_pt:
        return True
    aside = x1 < MARGIN_SHARE * page.width_pt or x0 > (1 - MARGIN_SHARE) * page.width_pt
    return aside or y1 < MARGIN_SHARE * page.height_pt or y0 > (1 - MARGIN_SHARE) * page.height_pt


def place_of(graphic: Graphic) -> tuple[str, int, int]:
    """Return what repeats of a picture that is furniture."""
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
    wide = content.extra_em
    if gap > (GAP_EM + wide) * line.size_pt or not style_of(line).like(style_of(above)):
        return True
    if wide and line.block != above.block:
        return True
    return line.block != above.block and line.lead_bold and not (line.bold and above.lead_bold)


def _line_above(line: TextLine, content: PageContent) -> TextLine | None:
    x0, y0, x1, _ = line.bbox
    best: TextLine | None = None
    start = bisect_left(content.tops, y0 - 0.1 * line.size_pt)
    for other in reversed(content.upright[:start]):
        ox0, oy0, ox1, oy1 = other.bbox
        if best is not None and oy0 + content.tallest < best.bbox[3]:
            break  # no line from here on reaches as far down
        overlap = min(x1, ox1) - max(x0, ox0)
        if overlap <= _CLOSE_OVERLAP * min(x1 - x0, ox1 - ox0) or oy1 >= y0 + 0.6 * line.size_pt:
            continue
        if best is None or oy1 >= best.bbox[3]:
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
    z += _W_AT_ART * at_art(line.bbox, line.size_pt, content)
    z += _W_CAPITAL * label.rest[:1].isupper()
    z += _W_LOWER * (label.rest[:1].islower() and not label.mark)
    if learned:
        share, form = book.caption_share(style), book.form_share(label, line)
        z += _W_STYLE * min(1.0, 2 * share) + _W_FORM * min(1.0, 2 * form)
        z += _W_STRANGER * (share < 0.05 and form < 0.05)
    return 1 / (1 + math.exp(-z))


def at_art(box: Box, size: float, content: PageContent) -> bool:
    """Tell whether a picture or drawing of some extent stands next to a text or around it."""
    reach = ART_REACH_EM * size
    x0, y0, x1, y1 = box
    for art in [*(g.bbox for g in content.graphics), *(r.bbox for r in content.regions)]:
        if min(width(art), height(art)) < BARE_PICTURE_PT:
            continue
        if min(x1, art[2]) > max(x0, art[0]) and y0 - reach < art[3] and art[1] < y1 + reach:
            return True
        if min(y1, art[3]) > max(y0, art[1]) and x0 - reach < art[2] and art[0] < x1 + reach:
            return True
    return False


def block_under(line: TextLine, content: PageContent) -> Box:
    """Return the box around a line and what follows it in its block."""
    return union(
        other.bbox
        for other in content.blocks[line.block]
        if other is line or other.bbox[1] > line.bbox[1] + 0.5 * line.size_pt
    )


def labelled_lines(
    content: PageContent, words: tuple[str, ...] = ()
) -> list[tuple[TextLine, Label]]:
    """Return the lines of a page that start with a printed label, but no list of figures."""
    found = []
    also = (*LOWER_WORDS, *words)
    for line in content.upright:
        if line.text[:1].isupper() or line.text[:1].isdigit() or line.text.startswith(also):
            label = parse_label(line.text, words)
            if label is not None:
                found.append((line, label))
    return [] if is_list([line for line, _ in found], content) else found


def meets_label(box: Box, size: float, content: PageContent, words: tuple[str, ...]) -> bool:
    """Tell whether a printed label follows right under a block: the block is a credit over it."""
    reach = LABEL_BELOW_EM * size
    start, end = bisect_right(content.tops, box[1]), bisect_left(content.tops, box[3] + reach)
    below = nearest_below(box, content.upright[start:end], reach)
    label = parse_label(below.text, words) if below is not None else None
    return label is not None and label.kind == "figure"


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


def stands_free_at(line: TextLine, picture: Box, content: PageContent) -> bool:
    """Tell whether only white space parts a line from the picture over or under it.

    The line may be wider than the picture, which may be one panel of several.
    """
    x0, y0, x1, y1 = line.bbox
    under, over = y0 - picture[3], picture[1] - y1
    shared = min(x1, picture[2]) - max(x0, picture[0])
    if not -2 < max(under, over) < FREE_REACH_EM * line.size_pt:
        return False
    if shared < 0.5 * min(x1 - x0, width(picture)):
        return False
    gap = (x0, picture[3], x1, y0) if under > over else (x0, y1, x1, picture[1])
    return gap[3] <= gap[1] or not any(
        overlap_area(other.bbox, gap) > 0 for other in content.upright
    )


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
