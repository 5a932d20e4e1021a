"""From decisions to table rows: ids, scores, evidence and rejects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mmskin_build.align.confidence import pair_score
from mmskin_build.align.layout import PageContent
from mmskin_build.align.levelling import tilted
from mmskin_build.align.pairing import Figure, PageResult
from mmskin_build.align.panels import split_panels
from mmskin_build.align.pictures import Wanted
from mmskin_build.align.regions import Atom
from mmskin_build.align.settings import AlignSettings
from mmskin_build.align.style import BookStyle
from mmskin_build.align.turning import turn_back
from mmskin_build.geometry import Box, area, height, rounded, width
from mmskin_build.records import Pair, Reject
from mmskin_build.reject_reasons import RejectReason

ID_DIGITS = 6
MIN_UNPAIRED_PT2 = 2500.0  # smaller art without caption is decoration, not worth a reject


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row whose picture is still to be stored."""

    pair: Pair
    wanted: Wanted
    page: int


def figure_id(source_id: str, figure: Figure) -> str:
    """Return an id from content and position: the same figure always gets the same one."""
    key = f"{figure.page}|{_place(place_of(figure))}|{figure.caption.number}"
    digest = hashlib.sha256(key.encode()).hexdigest()[:ID_DIGITS]
    return f"{source_id}-p{figure.page:04d}-{digest}"


def displayed(box: Box, figure: Figure) -> Box:
    """Return a box of a figure, level and upright, as it lies on the page as displayed."""
    page = figure.content.page
    if figure.turn == 0:
        return tilted(box, page)
    upright = replace(page, width_pt=page.height_pt, height_pt=page.width_pt)
    return tilted(turn_back(box, figure.turn, (page.height_pt, page.width_pt)), upright)


def place_of(figure: Figure) -> Box:
    """Return the box of a whole figure as it lies on the page as displayed."""
    page = figure.content.page
    if figure.turn:
        page = replace(page, width_pt=page.height_pt, height_pt=page.width_pt)
    return tilted(figure.box, page)


def evidence_of(figure: Figure) -> tuple[str, ...]:
    """Return what speaks for the pair, in words."""
    edge, caption = figure.edge, figure.caption
    facts = [f"caption {edge.side}", f"gap {edge.gap:g} pt", f"caption belief {caption.belief:.2f}"]
    if caption.label is None:
        facts.append("no printed label: recognised by its style")
    if edge.hint:
        facts.append(f"position words fit {edge.hint:+.2f}")
    if edge.walled:
        facts.append("text between caption and figure")
    return tuple(facts)


def rows_of(
    source_id: str, result: PageResult, book: BookStyle, settings: AlignSettings
) -> Iterator[PlannedRow | Reject]:
    """Yield the rows of one page without pictures, and its rejects."""
    for figure in sorted(result.figures, key=lambda f: f.box):
        yield from _figure_rows(source_id, figure, (result, book), settings)
    page = result.content.number
    for caption in result.captions:
        if caption.label is not None:
            record = f"{source_id}:p{page}:{caption.label.word} {caption.number}"
            text = caption.text(book.vocabulary)[:120]
            yield Reject(source_id, record, RejectReason.CAPTION_WITHOUT_FIGURE, text)
    for region in result.regions:
        if _worth_reporting(region.box, result.content, settings):
            box = tilted(region.box, result.content.page)
            record = f"{source_id}:p{page}:{_place(box)}"
            kind = "line art" if region.has_vector else "picture"
            detail = f"{kind} {width(region.box):.0f} x {height(region.box):.0f} pt"
            yield Reject(source_id, record, RejectReason.FIGURE_WITHOUT_CAPTION, detail)


def _place(box: Box) -> str:
    return ",".join(f"{value:.0f}" for value in box)


def _worth_reporting(box: Box, content: PageContent, settings: AlignSettings) -> bool:
    return (
        min(width(box), height(box)) >= settings.min_side_pt
        and area(box) >= MIN_UNPAIRED_PT2
        and not content.in_page_edge(box)
    )


def _figure_rows(
    source_id: str, figure: Figure, seen: tuple[PageResult, BookStyle], settings: AlignSettings
) -> Iterator[PlannedRow | Reject]:
    result, book = seen
    caption = figure.caption.text(book.vocabulary)
    score = pair_score(figure, result, caption, book)
    identity = figure_id(source_id, figure)
    if min(width(figure.box), height(figure.box)) < settings.min_side_pt:
        return
    if score < settings.min_score:
        detail = f"score {score:.2f}; {'; '.join(evidence_of(figure))}"
        record = f"{source_id}:p{figure.page}:{identity}"
        yield Reject(source_id, record, RejectReason.AMBIGUOUS_PAIR, detail)
        return
    split = split_panels(figure.region, figure.content, caption)
    single = len(split.panels) == 1
    for index, panel in enumerate(split.panels):
        box = place_of(figure) if single else displayed(panel.box, figure)
        suffix = "" if single else f"-{panel.letter or index + 1}"
        yield PlannedRow(
            Pair(
                source_id=source_id,
                pair_id=f"{identity}{suffix}",
                figure_id=identity,
                panel="" if single else panel.letter,
                page=figure.page,
                bbox=rounded(place_of(figure)),
                label=figure.caption.number,
                caption=caption,
                panel_caption=panel.caption,
                caption_page=figure.caption.page,
                caption_bbox=rounded(displayed(figure.caption.box, figure)),
                panel_bbox=rounded(box),
                image_digest="",
                width_px=0,
                height_px=0,
                compound=split.compound,
                score=score,
                evidence=evidence_of(figure) + split.evidence,
            ),
            Wanted(box, _on_page(panel.atoms, figure)),
            figure.page,
        )


def _on_page(atoms: tuple[Atom, ...], figure: Figure) -> tuple[Atom, ...]:
    if figure.turn == 0 and not figure.content.page.skew_deg:
        return atoms
    return tuple(
        Atom(
            displayed(atom.box, figure),
            atom.kind,
            tuple(replace(g, bbox=displayed(g.bbox, figure)) for g in atom.graphics),
        )
        for atom in atoms
    )
