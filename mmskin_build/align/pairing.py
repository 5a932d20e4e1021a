"""The flow over a book: learn its style, pair every page, then neighbouring pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from mmskin_build.align.assign import EdgesOf, Match, absorb, assign_page
from mmskin_build.align.bands import cut_beside
from mmskin_build.align.caption_blocks import CaptionBlock
from mmskin_build.align.captions import block_at_top, find_captions
from mmskin_build.align.continuations import at_column_foot, with_detached_text
from mmskin_build.align.hints import hinted
from mmskin_build.align.layout import PageContent, style_of
from mmskin_build.align.learning import StyleLearner
from mmskin_build.align.panels import is_panel_letter
from mmskin_build.align.profile import BookProfile
from mmskin_build.align.prose import is_finished
from mmskin_build.align.regions import Region, find_atoms, grow_tree, is_walled, separators
from mmskin_build.align.score import Edge, page_edge, side_shares
from mmskin_build.align.spread import Leftover, leftover_of, spread_edges
from mmskin_build.align.stacks import Stack, caption_stacks, with_ranks
from mmskin_build.align.style import BookStyle
from mmskin_build.align.sub_captions import sub_captions
from mmskin_build.align.titles import with_titles
from mmskin_build.align.turning import turn_back, turned, turned_angle
from mmskin_build.geometry import Box, covered, height, overlap_area, union, width
from mmskin_build.records import TextLine

LABEL_REACH_PT = 13.0  # axis labels and the like stand this close to line art
LABEL_CHARS = 60
RASTER_ONLY = 0.8  # a region covered this much by pictures is a photograph
MANY_LABELS = 4  # only this many labels beside a photograph belong to it
SIDE_PAGES = 2
RULE_PT = 2.0  # a drawing no thicker than this is a rule
TAIL_CHARS = 25
SPREAD_LEAST = 0.3


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its caption, before pictures are written; on a tilted scan as if level."""

    page: int
    box: Box
    region: Region
    caption: CaptionBlock
    edge: Edge
    content: PageContent  # turned when the figure lies on its side
    turn: int = 0  # direction of its text in degrees; its region and caption are seen turned


@dataclass
class PageResult:
    """What was decided on one page."""

    content: PageContent
    figures: list[Figure] = field(default_factory=list)
    captions: list[CaptionBlock] = field(default_factory=list)  # without figure
    regions: list[Region] = field(default_factory=list)  # without caption


def learn_style(pages: Iterable[PageContent], profile: BookProfile | None = None) -> BookStyle:
    """Return the caption style of a book from one pass over its pages."""
    learner = StyleLearner(profile or BookProfile())
    for content in pages:
        learner.see(content)
    return learner.finish()


def learn_sides(pages: Iterable[PageContent], book: BookStyle) -> None:
    """Pair the first pages with figures once, to know on which side captions stand."""
    seen = 0
    for content in pages:
        if _may_show_figure(content):
            seen += bool(pair_page(content, book).figures)
        if seen >= SIDE_PAGES:
            return


def _may_show_figure(content: PageContent) -> bool:
    """Tell whether there is more on a page than text and rules."""
    return bool(content.regions) or any(
        min(width(g.bbox), height(g.bbox)) > RULE_PT for g in content.graphics
    )


def pair_pages(pages: Iterable[PageContent], book: BookStyle) -> Iterator[PageResult]:
    """Yield the decisions page by page; a page waits until its neighbours have been seen."""
    previous: PageResult | None = None
    for content in pages:
        current = pair_page(content, book)
        if previous is not None:
            if _follows(previous.content, content):
                continue_over_page(previous, current, book)
                _pair_spread(previous, current)
            yield previous
        previous = current
    if previous is not None:
        yield previous


def _follows(previous: PageContent, content: PageContent) -> bool:
    """Tell neighbouring pages; the two book pages of one scan are neighbours as well."""
    return content.number - previous.number in (0, 1)


def pair_page(content: PageContent, book: BookStyle) -> PageResult:
    """Return what one page holds by itself; landscape matter is read turned."""
    book.prepare(content)
    angle = turned_angle(content)
    if angle == 0:
        return _pair_upright(content, book)
    view = turned(content, angle)
    book.prepare(view)
    lying, upright = _pair_upright(view, book), _pair_upright(content, book)
    size = (content.page.width_pt, content.page.height_pt)
    figures = [
        replace(f, box=turn_back(f.box, angle, size), turn=angle)
        for f in lying.figures
        if f.caption.label is not None
    ]
    taken = [f.box for f in figures]
    kept = [f for f in upright.figures if not any(overlap_area(f.box, box) for box in taken)]
    free = [r for r in upright.regions if not any(overlap_area(r.box, box) for box in taken)]
    return PageResult(content, kept + figures, upright.captions, free)


def _pair_upright(content: PageContent, book: BookStyle) -> PageResult:
    notes = sub_captions(content)
    captions = find_captions(content, book, notes)
    notes = notes if any(caption.label for caption in captions) else []
    atoms = find_atoms(content, book, captions)
    if not atoms and not captions:
        return PageResult(content)
    walls = separators(content, captions, notes)
    regions = cut_beside(grow_tree(atoms, walls, [note.box for note in notes]), captions)
    shares = side_shares(book.sides)

    stacks = caption_stacks(captions, [atom.box for atom in atoms])
    outcome = assign_page(captions, regions, page_edges(walls, shares, stacks))
    matches, loose = absorb(
        outcome.matches, outcome.regions, lambda hull: is_walled(hull, content, walls)
    )
    matches, spare = with_titles(matches, outcome.captions)
    result = PageResult(content)
    for match in matches:
        if match.caption.kind == "figure":
            result.figures.append(_figure(match, content, (captions, matches, book)))
            book.sides[match.edge.side] += 1
            if is_finished(match.caption.lines[-1].text):
                book.finished += 1
            else:
                book.unfinished += 1
    result.captions = [c for c in spare if c.kind == "figure"]
    result.regions = loose
    return result


def page_edges(walls: Sequence[Box], shares: dict[str, float], stacks: Sequence[Stack]) -> EdgesOf:
    """Return what relates the captions of a page to regions, however those are split."""
    known: dict[tuple[int, int], tuple[Region, Edge]] = {}
    own_walls: dict[int, list[Box]] = {}

    def edge_of(caption: CaptionBlock, region: Region) -> Edge:
        key = (id(caption), id(region))
        if key not in known:
            if id(caption) not in own_walls:
                own = {line.bbox for line in caption.lines}
                own_walls[id(caption)] = [wall for wall in walls if wall not in own]
            edge = page_edge(caption, region, shares, own_walls[id(caption)])
            known[key] = (region, edge)  # holding the region keeps its id from being used again
        return known[key][1]

    def edges_of(captions: Sequence[CaptionBlock], regions: Sequence[Region]) -> list[list[Edge]]:
        table = [[edge_of(caption, region) for region in regions] for caption in captions]
        table = hinted(captions, regions, table)
        with_ranks(table, captions, regions, stacks)
        return table

    return edges_of


def _figure(
    match: Match,
    content: PageContent,
    around: tuple[Sequence[CaptionBlock], Sequence[Match], BookStyle],
) -> Figure:
    box = with_labels(match.region, content, around[:2])
    caption = with_detached_text(match.caption, match.region.box, content, around[2])
    return Figure(content.number, box, match.region, caption, match.edge, content)


def with_labels(
    region: Region,
    content: PageContent,
    around: tuple[Sequence[CaptionBlock], Sequence[Match]],
) -> Box:
    """Return the region's box with the axis labels and legends around its line art."""
    captions, matches = around
    used = {line.line for caption in captions for line in caption.lines} | content.prose
    others = [m.region.box for m in matches if m.region is not region]
    photographic = not region.has_vector or region.raster_share > RASTER_ONLY
    box, free = region.box, [line for line in content.lines if line.line not in used]
    for step in range(3):
        near = [line.bbox for line in free if _is_label(line, box, (content, photographic))]
        # A picture with so many labels is a chart; the name of its axis stands behind them.
        if photographic and step == 0 and len(near) < MANY_LABELS:
            break
        grown = union([box, *near])
        if any(overlap_area(grown, other) > overlap_area(box, other) for other in others):
            break
        if any(overlap_area(grown, c.box) > overlap_area(box, c.box) for c in captions):
            break
        if grown == box:
            break
        box = grown
    return box


def _is_label(line: TextLine, box: Box, seen: tuple[PageContent, bool]) -> bool:
    content, photographic = seen
    if len(line.text) > LABEL_CHARS or covered(line.bbox, box) > 0.95:
        return False
    if is_panel_letter(line.text, bare=photographic) or content.is_running(line):
        return False
    x0, y0, x1, y1 = line.bbox
    dx, dy = max(0.0, box[0] - x1, x0 - box[2]), max(0.0, box[1] - y1, y0 - box[3])
    if dx + dy > LABEL_REACH_PT:
        return False
    along_x = min(x1, box[2]) - max(x0, box[0])
    along_y = min(y1, box[3]) - max(y0, box[1])
    return along_x > 0.5 * width(line.bbox) or along_y > 0.5 * height(line.bbox)


def continue_over_page(left: PageResult, right: PageResult, book: BookStyle) -> None:
    """Append the caption block at the top of a page to the caption at the foot of the last."""
    feet = [
        index
        for index, figure in enumerate(left.figures)
        if figure.caption.page == left.content.number and _at_foot(figure.caption, left.content)
    ]
    known = [f.caption for f in right.figures] + right.captions
    tail = block_at_top(right.content, book, known) if feet else None
    if tail is None or sum(len(line.text) for line in tail.lines) < TAIL_CHARS:
        return
    own = {line.line for f in right.figures for line in f.caption.lines}
    paired = any(line.line in own for line in tail.lines)
    for index in feet:
        figure = left.figures[index]
        if paired and is_finished(figure.caption.lines[-1].text):
            continue  # the caption of a picture there
        if style_of(figure.caption.lines[-1]).like(style_of(tail.lines[0])):
            caption = replace(figure.caption, tail=figure.caption.tail + tail.lines)
            left.figures[index] = replace(figure, caption=caption)
            return


def _at_foot(caption: CaptionBlock, content: PageContent) -> bool:
    """Tell whether a caption is the last text of its page: no column stands right of it."""
    edge = caption.box[2]
    return at_column_foot(caption, content) and not any(
        line.bbox[0] > edge and not content.is_running(line) for line in content.upright
    )


def _pair_spread(left: PageResult, right: PageResult) -> None:
    """Pair what is left over on two neighbouring pages, in both directions."""
    for words, figures in ((right, left), (left, right)):
        if not words.captions or not figures.regions:
            continue
        pages = (_leftover(words), _leftover(figures))
        _pair_left(words, figures, pages)


def _leftover(result: PageResult) -> Leftover:
    return leftover_of(result.content, tuple(result.captions), tuple(result.regions))


def _pair_left(words: PageResult, figures: PageResult, pages: tuple[Leftover, Leftover]) -> None:
    outcome = assign_page(
        pages[0].captions, pages[1].regions, lambda c, r: spread_edges(c, r, pages)
    )
    chosen = [m for m in outcome.matches if m.edge.weight >= SPREAD_LEAST]
    if not chosen:
        return
    for match in chosen:
        box = with_labels(match.region, figures.content, ((), ()))
        page = figures.content.number
        figures.figures.append(
            Figure(page, box, match.region, match.caption, match.edge, figures.content)
        )
    used = {id(match.caption) for match in chosen}
    words.captions = [c for c in words.captions if id(c) not in used]
    small = [r for r in figures.regions if r not in pages[1].regions]
    kept = {id(match.region) for match in chosen}
    figures.regions = small + [r for r in outcome.regions if id(r) not in kept]
