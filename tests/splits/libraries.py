"""Small made-up libraries: books of pairs that are tied by figures, copies and cases."""

from __future__ import annotations

from hypothesis import strategies as st

from mmskin_build.records import CaptionText, Pair
from mmskin_build.splits.units import Member

MODALITIES = ("clinical", "dermoscopy", "pathology")
Book = list[Member]


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


@st.composite
def books(draw: st.DrawFn, source_id: str) -> Book:
    """A book of up to 12 figures; some share photographs 'd0' to 'd3' with other books."""
    members = []
    for figure in range(draw(st.integers(0, 12))):
        modality = draw(st.sampled_from(MODALITIES))
        for panel in draw(st.sampled_from(("", "ab"))) or ("",):
            copy = draw(st.sampled_from(("", "", "", "d0", "d1", "d2", "d3")))
            members.append(Member(pair(source_id, figure, panel), modality, copy))
    return members


@st.composite
def libraries(draw: st.DrawFn) -> dict[str, Book]:
    """Up to four books with ids in random order of the alphabet."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4, unique=True))
    return {name: draw(books(name)) for name in names}
