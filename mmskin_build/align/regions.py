"""Figure regions: pictures and line art grouped at growing distances, text as separator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mmskin_build.align.caption_blocks import CaptionBlock
from mmskin_build.align.labels import parse_label
from mmskin_build.align.layout import PageContent
from mmskin_build.align.style import BARE_PICTURE_PT, BookStyle
from mmskin_build.align.sub_captions import SubCaption, net_gap
from mmskin_build.geometry import Box, area, covered, height, overlap_area, union, width
from mmskin_build.records import Graphic, TextLine

TILE_GAP_PT = 1.6  # closer than this, pictures touch
REACH_PT = 36.0  # parts farther apart are different figures
SAME_GAP_PT = 1.0  # gaps this alike are closed at once
PAPER_COVER = 0.85  # a picture this large under other pictures is the paper they lie on
RULE_PT = 3.0  # thinner line art is a rule
FRAMED_SHARE = 0.1  # a frame is one when pictures fill this share of it
CELL_SHARE = 0.5  # the cell of a picture beside its caption: so much of it is the picture
TIGHT_SHARE = 0.7  # and of a border around picture and caption; wider ones are part of the figure
BAR_HEIGHT_EM = 2.6
MIN_ATOM_PT = 7.0
TEXT_COVER = 0.3  # line art with this share of its area under running text is a box
BOX_CHARS = 120
BOX_LINE_CHARS = 16  # mean length of the lines in a box of text; labels in a drawing are shorter
FRAME_PATHS = 6  # a plain box has no more paths
MAX_ATOMS = 160  # on busier pages the smallest parts are joined first
TILE_ALIGN_PT = 2.0


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest thing that can be a figure or a panel."""

    box: Box
    kind: str  # 'raster', 'vector' or 'scan'
    graphics: tuple[Graphic, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """A group of atoms, with the smaller groups it was made of."""

    box: Box
    atoms: tuple[Atom, ...]
    children: tuple[Region, ...] = ()

    @property
    def has_vector(self) -> bool:
        """Tell whether line art takes part."""
        return any(atom.kind == "vector" for atom in self.atoms)

    @property
    def raster_share(self) -> float:
        """Return which share of the region its pictures cover."""
        rasters = sum(area(a.box) for a in self.atoms if a.kind != "vector")
        return min(1.0, rasters / area(self.box)) if area(self.box) else 0.0


def is_scanned(content: PageContent) -> bool:
    """Tell whether the page is the image of a printed page."""
    return bool(content.regions) or content.page.text_source == "ocr"


def find_atoms(
    content: PageContent, book: BookStyle, captions: Sequence[CaptionBlock]
) -> list[Atom]:
    """Return the parts of a page that may belong to figures."""
    if is_scanned(content):
        return [Atom(region.bbox, "scan") for region in content.regions]
    rasters = [
        g for g in content.graphics if g.kind == "raster" and not book.is_furniture(g, content)
    ]
    rasters = [g for g in rasters if not _backdrop(g, rasters, content)]
    atoms = picture_tiles(rasters)
    prose = _prose_lines(content, captions)
    for graphic in content.graphics:
        if book.is_furniture(graphic, content) or graphic.kind != "vector":
            continue
        if _is_art(graphic, content, prose):
            atoms.append(Atom(graphic.bbox, "vector", (graphic,)))
    atoms = _without_frames(atoms, captions)
    return [a for a in atoms if max(width(a.box), height(a.box)) >= MIN_ATOM_PT
            and (a.kind == "vector" or min(width(a.box), height(a.box)) >= RULE_PT)]  # fmt: skip


def _without_frames(atoms: list[Atom], captions: Sequence[CaptionBlock]) -> list[Atom]:
    """Drop tints behind a figure and its caption; cut the caption off borders and drawings."""
    kept = []
    for atom in atoms:
        inside = [c for c in captions if covered(c.box, atom.box) > 0.9]
        if atom.kind != "vector" or not inside:
            kept.append(atom)
            continue
        contents = [a for a in atoms if a is not atom and covered(a.box, atom.box) > 0.9]
        tint = any(g.filled or g.paths <= FRAME_PATHS for g in atom.graphics)
        if tint and sum(area(a.box) for a in contents) >= FRAMED_SHARE * area(atom.box):
            continue
        rest = _cell_beside(atom.box, inside[0].box, [a.box for a in contents])
        least = CELL_SHARE
        if rest is None:
            rest, least = _rest_of(atom.box, inside[0].box), TIGHT_SHARE
        if not any(covered(rest, a.box) > least for a in contents if a.kind == "raster"):
            kept.append(Atom(rest, atom.kind, atom.graphics))
    return kept


def _cell_beside(frame: Box, caption: Box, contents: Sequence[Box]) -> Box | None:
    """Return the part of a frame left or right of its caption if all its contents stand there."""
    left = (frame[0], frame[1], caption[0], frame[3])
    right = (caption[2], frame[1], frame[2], frame[3])
    for side in (left, right):
        if contents and all(covered(box, side) > 0.9 for box in contents):
            return side
    return None


def _rest_of(frame: Box, caption: Box) -> Box:
    """Return the larger part of a frame above or below the caption in it."""
    above = (frame[0], frame[1], frame[2], caption[1])
    below = (frame[0], caption[3], frame[2], frame[3])
    return max(above, below, key=area)


def _prose_lines(content: PageContent, captions: Sequence[CaptionBlock]) -> list[TextLine]:
    numbers = {line.line for caption in captions for line in caption.lines} | content.prose
    return [line for line in content.lines if line.line in numbers]


def _backdrop(picture: Graphic, rasters: Sequence[Graphic], content: PageContent) -> bool:
    """Tell whether a picture lies under the text or the other pictures of the page."""
    box = picture.bbox
    cover = covered(content.box, box)
    if cover <= 0.5:
        return False
    if cover > PAPER_COVER and any(
        min(width(g.bbox), height(g.bbox)) > BARE_PICTURE_PT and 3 * area(g.bbox) < area(box)
        for g in rasters
    ):
        return True
    inside = sum(len(line.text) for line in content.lines if covered(line.bbox, box) > 0.8)
    return inside > 4 * BOX_CHARS


def _is_art(graphic: Graphic, content: PageContent, prose: Sequence[TextLine]) -> bool:
    box = graphic.bbox
    if min(width(box), height(box)) < RULE_PT and graphic.paths <= 2:
        return False
    if content.in_page_edge(box) and height(box) < 40:
        return False
    if any(_is_bar(box, line) for line in content.lines):
        return False
    if _is_text_box(graphic, content):
        return False
    inside = [line for line in prose if covered(line.bbox, box) > 0.6]
    under = sum(area(line.bbox) for line in inside)
    chars = sum(len(line.text) for line in inside)
    return not (chars > BOX_CHARS and under > TEXT_COVER * 0.5 * area(box)) and chars < 600


def _is_text_box(graphic: Graphic, content: PageContent) -> bool:
    """Tell a tinted box of text: a note or a list of key points, set unlike the running text."""
    if not graphic.filled or graphic.paths > FRAME_PATHS:
        return False
    inside = [line for line in content.lines if covered(line.bbox, graphic.bbox) > 0.9]
    chars = sum(len(line.text) for line in inside)
    if chars <= BOX_CHARS or chars < BOX_LINE_CHARS * len(inside):
        return False
    pictures = (g for g in content.graphics if g.kind == "raster")
    return not any(
        overlap_area(g.bbox, graphic.bbox) > 0.5 * area(g.bbox) for g in pictures
    ) and sum(area(line.bbox) for line in inside) > TEXT_COVER * area(graphic.bbox)


def _is_bar(box: Box, line: TextLine) -> bool:
    """Tell whether line art is the coloured bar behind a printed label."""
    if box[3] - box[1] >= BAR_HEIGHT_EM * line.size_pt or covered(line.bbox, box) < 0.7:
        return False
    return parse_label(line.text) is not None


def picture_tiles(rasters: Sequence[Graphic]) -> list[Atom]:
    """Join pictures that touch along a whole edge or overlap: strips and tiles of one picture."""
    groups = _group([(g.bbox, (g,)) for g in rasters], lambda a, b: _is_tile(a, b))
    return [Atom(box, "raster", tuple(parts)) for box, parts in groups]


def _is_tile(a: Box, b: Box) -> bool:
    if overlap_area(a, b) > 0.1 * min(area(a), area(b)):
        return True
    level = abs(a[1] - b[1]) < TILE_ALIGN_PT and abs(a[3] - b[3]) < TILE_ALIGN_PT
    plumb = abs(a[0] - b[0]) < TILE_ALIGN_PT and abs(a[2] - b[2]) < TILE_ALIGN_PT
    if level:
        return _gap(a, b) < TILE_GAP_PT
    return plumb and _gap(a, b) < TILE_GAP_PT


def _group(
    items: list[tuple[Box, tuple[Graphic, ...]]], joined: Callable[[Box, Box], bool]
) -> list[tuple[Box, list[Graphic]]]:
    """Join items transitively, comparing the joined boxes again until nothing changes."""
    groups = [(box, list(parts)) for box, parts in items]
    changed = True
    while changed:
        changed = False
        result: list[tuple[Box, list[Graphic]]] = []
        for box, parts in groups:
            for index, (other, members) in enumerate(result):
                if joined(box, other):
                    result[index] = (union((box, other)), members + parts)
                    changed = True
                    break
            else:
                result.append((box, parts))
        groups = result
    return groups


def _gap(a: Box, b: Box) -> float:
    """Return the distance of two boxes; a diagonal neighbour is farther than a straight one."""
    dx = max(0.0, a[0] - b[2], b[0] - a[2])
    dy = max(0.0, a[1] - b[3], b[1] - a[3])
    return dx + dy


def separators(
    content: PageContent, captions: Sequence[CaptionBlock], notes: Sequence[SubCaption] = ()
) -> list[Box]:
    """Return the boxes of lines that no figure crosses: captions and running text."""
    inside = {line.line for note in notes for line in note.lines}
    return [line.bbox for line in _prose_lines(content, captions) if line.line not in inside]


def grow_tree(
    atoms: Sequence[Atom], walls: Sequence[Box], notes: Sequence[Box] = ()
) -> list[Region]:
    """Group atoms at growing distances; every region keeps the regions it was made of.

    Args:
        atoms: what may belong to figures.
        walls: boxes of lines that no figure crosses.
        notes: boxes of the texts under panels, which part them less than white space would.
    """
    regions = [Region(atom.box, (atom,)) for atom in _thinned(atoms)]
    regions = _absorb_inner(regions)
    while True:
        gaps = _open_gaps(regions, walls, notes)
        if not gaps:
            return sorted(regions, key=lambda region: region.box)
        level = min(gap for gap, _, _ in gaps) + SAME_GAP_PT
        regions = _join(regions, [(i, j) for gap, i, j in gaps if gap <= level])


def _open_gaps(
    regions: Sequence[Region], walls: Sequence[Box], notes: Sequence[Box]
) -> list[tuple[float, int, int]]:
    """Return distance and indices of neighbours with no separator between them."""
    found = []
    boxes = [region.box for region in regions]
    for i in range(len(boxes)):
        for j in range(i):
            gap = _gap(boxes[i], boxes[j])
            near = gap <= REACH_PT or (notes and net_gap(boxes[i], boxes[j], notes) <= REACH_PT)
            if near and not _walled(boxes[i], boxes[j], walls):
                found.append((gap, i, j))
    return found


def _thinned(atoms: Sequence[Atom]) -> list[Atom]:
    if len(atoms) <= MAX_ATOMS:
        return list(atoms)
    return sorted(atoms, key=lambda atom: -area(atom.box))[:MAX_ATOMS]


def _absorb_inner(regions: list[Region]) -> list[Region]:
    """Put art that lies on a larger part into it: arrows, inset curves, axes around bars."""
    ordered = sorted(regions, key=lambda region: -area(region.box))
    kept: list[Region] = []
    for region in ordered:
        for index, outer in enumerate(kept):
            if covered(region.box, outer.box) > 0.5:
                box = union((outer.box, region.box)) if region.has_vector else outer.box
                kept[index] = Region(box, outer.atoms + region.atoms)
                break
        else:
            kept.append(region)
    return kept


def _join(regions: list[Region], links: Sequence[tuple[int, int]]) -> list[Region]:
    parent = list(range(len(regions)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in links:
        parent[root(i)] = root(j)
    groups: dict[int, list[Region]] = {}
    for index, region in enumerate(regions):
        groups.setdefault(root(index), []).append(region)
    return [_merge(group) for group in groups.values()]


def _merge(group: list[Region]) -> Region:
    if len(group) == 1:
        return group[0]
    atoms = tuple(atom for region in group for atom in region.atoms)
    return Region(union(r.box for r in group), atoms, tuple(group))


def is_walled(hull: Box, content: PageContent, walls: Sequence[Box]) -> bool:
    """Tell whether a box holds running text, a caption or reaches into the page's edges."""
    return any(overlap_area(hull, wall) > 0.3 * area(wall) for wall in walls) or not covered(
        hull, content.box
    )


def _walled(a: Box, b: Box, walls: Iterable[Box]) -> bool:
    """Tell whether a separator line stands between two boxes or inside their union."""
    x0, y0, x1, y1 = union((a, b))
    for wall in walls:
        if wall[0] >= x1 or wall[2] <= x0 or wall[1] >= y1 or wall[3] <= y0:
            continue
        if overlap_area((x0, y0, x1, y1), wall) <= 0.3 * area(wall):
            continue
        if covered(wall, a) > 0.5 or covered(wall, b) > 0.5:
            continue  # lies on one of the pictures
        return True
    return False
