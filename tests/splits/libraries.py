"""Small made-up libraries: books of pairs that are tied by figures, copies and cases."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from mmskin_build.records import CaptionText, Pair
from mmskin_build.splits.units import Member, copy_keys

MODALITIES = ("clinical", "dermoscopy", "pathology")


def pair(source_id: str, figure: int, panel: str = "", caption: str = "Psoriasis.") -> Pair:
    box = (0.0, 0.0, 10.0, 10.0)
    return Pair(
        source_id=source_id,
        pair_id=f"{source_id}-f{figure:03d}{panel}",
        figure_id=f"{source_id}-f{figure:03d}",
        panel=panel,
        page=figure + 1,
        bbox=box,
        label=f"1.{figure}",
        caption=caption,
        panel_caption=caption,
        caption_page=figure + 1,
        caption_bbox=None,
        panel_bbox=box,
        image_digest=f"{source_id}{figure}{panel}",
        width_px=300,
        height_px=300,
        compound=False,
        score=0.9,
        evidence=(),
    )


def caption_of(pair: Pair, text: str, references: tuple[str, ...] = ()) -> CaptionText:
    return CaptionText(
        source_id=pair.source_id,
        pair_id=pair.pair_id,
        text=text,
        credit="",
        continued_from="",
        cross_references=references,
        panel_letters=(),
        raw=text,
        edits=(),
    )


@dataclass(frozen=True)
class Shown:
    """A figure of a made-up book: its pair, and which parts of which photographs it shows."""

    pair: Pair
    modality: str
    parts: frozenset[str]
    caption: CaptionText


Library = dict[str, list[Shown]]


@st.composite
def books(draw: st.DrawFn, source_id: str) -> list[Shown]:
    """A book of up to 12 figures.

    Some show parts of three photographs that other books may show, too: two crops that share
    nothing are tied only once a picture with parts of both comes along. Some captions say that
    they show the patient of another figure.
    """
    figures = []
    for figure in range(draw(st.integers(0, 12))):
        modality = draw(st.sampled_from(MODALITIES))
        other = draw(st.sampled_from((None, None, None, 0, 1, 5)))
        text = "Psoriasis." if other is None else f"Same patient as in Fig. 1.{other}."
        for panel in draw(st.sampled_from(("", "ab"))) or ("",):
            photo = draw(st.sampled_from(("", "", "", "p", "q", "r")))
            parts = draw(st.sets(st.sampled_from("012"), min_size=1)) if photo else set()
            row = pair(source_id, figure, panel, text)
            shown = frozenset(photo + part for part in parts)
            figures.append(Shown(row, modality, shown, caption_of(row, text)))
    return figures


@st.composite
def libraries(draw: st.DrawFn) -> Library:
    """Up to four books with ids in random order of the alphabet."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4, unique=True))
    return {name: draw(books(name)) for name in names}


def members(library: Library) -> dict[str, list[Member]]:
    """What the split stage sees: copies are the pictures that have a part in common."""
    pictures = [shown for book in library.values() for shown in book]
    return {name: [_member(shown, pictures) for shown in book] for name, book in library.items()}


def _member(shown: Shown, pictures: list[Shown]) -> Member:
    own = shown.pair.image_digest
    links = {o.pair.image_digest for o in pictures if o.parts & shown.parts} - {own}
    copies = copy_keys(own, links) if links else frozenset[str]()
    return Member(shown.pair, shown.modality, copies, shown.caption)
