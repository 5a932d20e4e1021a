"""The units of one book: figures that show the same case or the same photograph."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mmskin_build.duplicates.components import group_of
from mmskin_build.records import CaptionText, Pair
from mmskin_build.splits.same_case import FigureCaption, same_case_links


@dataclass(frozen=True, slots=True)
class BookUnit:
    """Pairs of one book that are never divided.

    Attributes:
        key: the smallest figure id in it, its identity.
        source_id: the book.
        pair_ids: the kept pairs, sorted.
        modality: of most of its pairs.
        copies: pictures and links of its copied pictures (see ``copy_keys``); units that share
            one show the same photograph.
    """

    key: str
    source_id: str
    pair_ids: tuple[str, ...]
    modality: str
    copies: frozenset[str]


@dataclass(frozen=True, slots=True)
class Member:
    """One kept pair and what ties it to others."""

    pair: Pair
    modality: str = ""
    copies: frozenset[str] = frozenset()
    caption: CaptionText | None = None


def copy_keys(picture: str, links: Iterable[str]) -> frozenset[str]:
    """Return what a copied picture shares with each picture that was found to be the same.

    Its digest, shared with the same bytes elsewhere, and one key per link. Not its duplicate
    group: that grows with every book, and two old pictures may come to be in one group only
    because a new one shows parts of both. The new one must give way then, not the old ones.
    """
    ends = (sorted((picture, other)) for other in links)
    return frozenset((picture, *("~".join(e) for e in ends)))


def book_units(members: Sequence[Member]) -> list[BookUnit]:
    """Return the units of one book; depends on nothing outside the book."""
    figures = sorted({m.pair.figure_id for m in members})
    place = {figure: i for i, figure in enumerate(figures)}
    links = [(place[a], place[b]) for a, b in same_case_links(_figure_captions(members))]
    links += _copy_links(members, place)
    roots = group_of(len(figures), links)
    grouped: dict[int, list[Member]] = defaultdict(list)
    for member in members:
        grouped[roots[place[member.pair.figure_id]]].append(member)
    return [_unit(figures[root], grouped[root]) for root in sorted(grouped)]


def _unit(key: str, members: Iterable[Member]) -> BookUnit:
    members = list(members)
    counts = Counter(m.modality for m in members)
    return BookUnit(
        key=key,
        source_id=members[0].pair.source_id,
        pair_ids=tuple(sorted(m.pair.pair_id for m in members)),
        modality=min(counts, key=lambda name: (-counts[name], name)),
        copies=frozenset(c for m in members for c in m.copies),
    )


def _copy_links(members: Sequence[Member], place: Mapping[str, int]) -> list[tuple[int, int]]:
    first: dict[str, int] = {}
    links = []
    for member in members:
        here = place[member.pair.figure_id]
        links += [(first.setdefault(copy, here), here) for copy in sorted(member.copies)]
    return links


def _figure_captions(members: Sequence[Member]) -> list[FigureCaption]:
    """Return the book's figures in reading order with everything their captions say."""
    by_figure: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        by_figure[member.pair.figure_id].append(member)
    figures = [_figure_caption(figure_id, rows) for figure_id, rows in by_figure.items()]
    top = {f: min(m.pair.bbox[1] for m in rows) for f, rows in by_figure.items()}
    return sorted(figures, key=lambda f: (f.page, top[f.figure_id], f.figure_id))


def _figure_caption(figure_id: str, members: Sequence[Member]) -> FigureCaption:
    texts: dict[str, None] = {}
    for member in members:
        texts[member.pair.caption] = None
        if member.caption is not None:
            texts.update(dict.fromkeys((member.caption.text, *member.caption.cross_references)))
    return FigureCaption(
        figure_id=figure_id,
        page=min(m.pair.page for m in members),
        label=members[0].pair.label,
        texts=tuple(texts),
        continued=any(m.caption is not None and m.caption.continued_from for m in members),
    )
