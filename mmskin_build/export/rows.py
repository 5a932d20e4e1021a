"""The rows of a release, one dataclass per table; ``docs/data-format.md`` explains each column.

Text and pictures a public release may not hold are None; everything else always stands.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, ClassVar

from mmskin_build.export.entries import Entry
from mmskin_build.geometry import Box
from mmskin_build.records import Qa, Source


@dataclass(frozen=True, slots=True)
class PictureCell:
    """An encoded picture and its file name, as Hugging Face's Image feature stores them."""

    bytes: bytes
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow:
    """Columns that every table of a release has."""

    config: ClassVar[str] = ""
    about: ClassVar[str] = ""

    image: PictureCell | None
    pair_id: str
    figure_id: str
    panel: str
    source_id: str
    license_id: str
    page: int
    bbox: Box
    figure_bbox: Box
    label: str
    group_id: str
    split: str
    image_digest: str
    image_edit: str
    original_digest: str
    width_px: int
    height_px: int
    modality: str
    modality_decided_by: str
    modality_probability: float
    text_digest: str
    row_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionRow(ReleaseRow):
    """MM-Skin-C: an image and its caption."""

    config: ClassVar[str] = "captions"
    about: ClassVar[str] = "image and caption (MM-Skin-C)"

    caption: str | None
    pair_score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VqaRow(ReleaseRow):
    """MM-Skin-O: an image, a question and its answer."""

    config: ClassVar[str] = "vqa"
    about: ClassVar[str] = "image of skin, question and answer that needs the image (MM-Skin-O)"

    qa_id: str
    question: str | None
    answer: str | None
    kind: str
    template_id: str
    answer_span: str
    evidence: str | None
    visual_dependency: str
    names_diagnosis: bool
    generator: str
    hedge: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VqaTextRow(VqaRow):
    """Questions the caption alone answers; kept apart from MM-Skin-O."""

    config: ClassVar[str] = "vqa_text"
    about: ClassVar[str] = "questions that the caption alone can answer; not part of MM-Skin-O"


@dataclass(frozen=True, slots=True, kw_only=True)
class VqaOtherRow(VqaRow):
    """Questions on pictures that show no skin (modality ``other``); kept apart from MM-Skin-O."""

    config: ClassVar[str] = "vqa_other"
    about: ClassVar[str] = "questions on charts, drawings and scans; not part of MM-Skin-O"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemographicsRow(ReleaseRow):
    """MM-Skin-D: age and sex as the caption states them; rows that state neither are absent."""

    config: ClassVar[str] = "demographics"
    about: ClassVar[str] = "image with age and sex as stated (MM-Skin-D)"

    caption: str | None
    age_years_low: float | None
    age_years_high: float | None
    age_group: str
    sex: str
    age_text: str | None
    sex_text: str | None
    spans: tuple[str, ...]
    skin_type: str
    stated_in: str


ROW_TYPES: tuple[type[ReleaseRow], ...] = (
    CaptionRow,
    VqaRow,
    VqaTextRow,
    VqaOtherRow,
    DemographicsRow,
)


def keyed_digest(source: Source, *values: object) -> str:
    """Return 32 digits that only who has the book can make or check.

    A plain hash of a short answer would give it away to whoever tries "yes" and "no". The key is
    ``Source.owner_key``; the digest is the same in private and public releases.
    """
    message = repr(values).encode("utf-8", "surrogatepass")
    return hmac.new(source.owner_key.encode(), message, hashlib.sha256).hexdigest()[:32]


def rows_of(kind: type[ReleaseRow], entry: Entry, image: PictureCell | None) -> list[ReleaseRow]:
    """Return the rows of one table that an entry gives."""
    if kind is CaptionRow:
        return [_caption_row(entry, image)]
    if kind is VqaRow:
        return [_vqa_row(VqaRow, entry, q, image) for q in entry.visual_qa]
    if kind is VqaTextRow:
        return [_vqa_row(VqaTextRow, entry, q, image) for q in entry.text_qa]
    if kind is VqaOtherRow:
        return [_vqa_row(VqaOtherRow, entry, q, image) for q in entry.other_qa]
    return [_demographics_row(entry, image)] if entry.has_demographics else []


def _caption_row(entry: Entry, image: PictureCell | None) -> CaptionRow:
    pair = entry.pair
    return CaptionRow(
        **_shared(entry, image, pair.pair_id, (entry.caption,)),
        caption=entry.caption if entry.permit.text else None,
        pair_score=pair.score,
    )


def _vqa_row(kind: type[VqaRow], entry: Entry, q: Qa, image: PictureCell | None) -> VqaRow:
    text = entry.permit.text
    return kind(
        **_shared(entry, image, q.qa_id, (q.question, q.answer)),
        qa_id=q.qa_id,
        question=q.question if text else None,
        answer=q.answer if text else None,
        kind=q.kind,
        template_id=q.template_id,
        answer_span=q.answer_span,
        evidence=q.evidence if text else None,
        visual_dependency=q.visual_dependency,
        names_diagnosis=q.names_diagnosis,
        generator=q.generator,
        hedge=q.hedge,
    )


def _demographics_row(entry: Entry, image: PictureCell | None) -> DemographicsRow:
    d, text = entry.demographics, entry.permit.text
    assert d is not None  # rows_of asks has_demographics first
    stated = (d.age_years_low, d.age_years_high, d.age_group, d.sex)
    words = (entry.caption, d.age_text, d.sex_text)
    return DemographicsRow(
        **_shared(entry, image, entry.pair.pair_id, (*stated, *words)),
        caption=entry.caption if text else None,
        age_years_low=d.age_years_low,
        age_years_high=d.age_years_high,
        age_group=d.age_group,
        sex=d.sex,
        age_text=d.age_text if text else None,
        sex_text=d.sex_text if text else None,
        spans=d.spans,
        skin_type=d.skin_type,
        stated_in=d.stated_in,
    )


def _shared(
    entry: Entry, image: PictureCell | None, row_id: str, text: tuple[object, ...]
) -> dict[str, Any]:
    """Return the common columns of the row called ``row_id``, whose own words are ``text``."""
    pair, label = entry.pair, entry.modality
    return {
        "image": image if entry.permit.images else None,
        "pair_id": pair.pair_id,
        "figure_id": pair.figure_id,
        "panel": pair.panel,
        "source_id": pair.source_id,
        "license_id": entry.source.licence,
        "page": pair.page,
        "bbox": entry.box,
        "figure_bbox": pair.bbox,
        "label": pair.label,
        "group_id": entry.group_id,
        "split": entry.split.value,
        "image_digest": pair.image_digest,
        "image_edit": entry.masked.method if entry.masked else "",
        "original_digest": entry.masked.image_digest if entry.masked else pair.image_digest,
        "width_px": pair.width_px,
        "height_px": pair.height_px,
        "modality": label.label,
        "modality_decided_by": label.decided_by,
        "modality_probability": label.probability,
        "text_digest": keyed_digest(entry.source, "text", *text),
        "row_digest": keyed_digest(entry.source, "row", row_id, pair.image_digest, *text),
    }
