"""The rows of every table, in the order the stages write them. Read this file first.

Each record type is a table, ``build/tables/<table>.parquet``, with one writer, never edited in
place: a later judgement sits in a table of its own, joined by ``pair_id``. ``source_id`` leads.
Boxes are PDF points ``(x0, y0, x1, y1)`` of the displayed page from its top left; pages from 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from mmskin_build.geometry import Box


class Modality(StrEnum):
    """What kind of picture it is."""

    CLINICAL = "clinical"
    DERMOSCOPY = "dermoscopy"
    PATHOLOGY = "pathology"
    OTHER = "other"


class Sex(StrEnum):
    """Sex of the depicted patient as the caption states it; '' in tables when not stated."""

    MALE = "male"
    FEMALE = "female"
    MIXED = "mixed"


class Split(StrEnum):
    """Where a group of related rows goes."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Redistribute(StrEnum):
    """What the owner of a source allows a public release to contain."""

    NONE = "none"
    TEXT = "text"
    IMAGES = "images"


@dataclass(frozen=True, slots=True)
class Source:
    """One book, as ``manifests/sources.csv`` vouches for it (or as found by ``--pdfs``)."""

    source_id: str
    path: str
    sha256: str
    title: str = ""
    edition: str = ""
    year: str = ""
    publisher: str = ""
    identifier: str = ""
    licence: str = "LicenseRef-unknown"
    redistribute: Redistribute = Redistribute.NONE
    profile: str = ""
    notes: str = ""
    # only an owner of the file can make it; keys the row digests; out of logs, manifests, receipts
    owner_key: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """Base of all table rows."""

    table: ClassVar[str] = ""

    source_id: str


@dataclass(frozen=True, slots=True)
class Reject(Record):
    """A record that was dropped, and why. ``record_id`` is the source_id for a whole source."""

    table: ClassVar[str] = "rejects"

    record_id: str
    reason: str
    detail: str = ""


# --- extract, ocr ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EmbeddedPage(Record):
    """A page as the PDF file gives it, before any OCR."""

    table: ClassVar[str] = "embedded_pages"

    page: int
    width_pt: float
    height_pt: float
    rotation: int
    text_problem: str  # '' (text layer is usable), 'none', 'garbled', 'poor' or 'unreadable'
    raster_cover: float  # share of the page under its largest raster image, 0 to 1


@dataclass(frozen=True, slots=True)
class TextLine(Record):
    """One line of text on a page, in reading order; ``block`` numbers paragraphs on the page."""

    table: ClassVar[str] = "text_lines"

    page: int
    line: int
    block: int
    bbox: Box
    text: str
    font: str
    size_pt: float
    bold: bool
    italic: bool
    color: int  # sRGB, 0xRRGGBB
    lead_bold: bool  # the first words are bold even if the whole line is not
    lead_color: int
    angle: int  # writing direction in degrees, 0 for ordinary lines
    origin: str  # 'embedded' or 'ocr'
    confidence: float  # of OCR, 0 to 1; 1 for embedded text
    lead_font: str = ""  # font of the first words; '' when unknown


@dataclass(frozen=True, slots=True)
class EmbeddedLine(TextLine):
    """A text line of the PDF's own text layer, before any OCR."""

    table: ClassVar[str] = "embedded_lines"


@dataclass(frozen=True, slots=True)
class Graphic(Record):
    """A raster image or a cluster of vector drawing on a page."""

    table: ClassVar[str] = "graphics"

    page: int
    bbox: Box
    kind: str  # 'raster' or 'vector'
    digest: str  # of the image's stored bytes; '' for vectors
    width_px: int
    height_px: int
    xref: int  # the image's object number in the file; 0 for vectors and inline images
    has_mask: bool
    paths: int = 0  # how many drawn paths a vector cluster holds; 0 for rasters
    filled: bool = False  # a vector cluster with a tint or fill behind most of it


@dataclass(frozen=True, slots=True)
class Page(Record):
    """A page with the text it was finally read from."""

    table: ClassVar[str] = "pages"

    page: int
    width_pt: float
    height_pt: float
    rotation: int
    text_source: str  # 'embedded', 'ocr' or 'none'
    ocr_confidence: float | None  # mean word confidence, 0 to 1; None when not read by OCR
    skew_deg: float  # of a scanned page; 0 otherwise
    gutter_pt: float | None = None  # x of the fold on a scan of two book pages; None otherwise


@dataclass(frozen=True, slots=True)
class ScanRegion(Record):
    """A picture region found in the raster of a scanned page."""

    table: ClassVar[str] = "scan_regions"

    page: int
    bbox: Box
    confidence: float


# --- align -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair(Record):
    """A figure, or one panel of it, with its caption. Rows of one figure share ``figure_id``."""

    table: ClassVar[str] = "pairs"

    pair_id: str
    figure_id: str
    panel: str  # panel letter, '' for the whole figure
    page: int
    bbox: Box  # the whole figure region
    label: str  # the printed number: '3.12', '4-17', 'A2'; '' when unnumbered
    caption: str  # as a reader would transcribe it, without the label
    panel_caption: str  # what the caption says of this panel; the caption when not split
    caption_page: int
    caption_bbox: Box | None
    panel_bbox: Box  # the panel; equals bbox for a whole figure
    image_digest: str
    width_px: int
    height_px: int
    compound: bool  # several panels that could not be told apart
    score: float  # fitted probability that the pair is right, 0 to 1
    evidence: tuple[str, ...]


# --- modality, label ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModalityVote(Record):
    """What one voter ('image' or 'caption') says of one pair; probabilities sum to 1."""

    table: ClassVar[str] = "modality_votes"

    pair_id: str
    voter: str
    label: str  # '' when the voter abstains
    p_clinical: float
    p_dermoscopy: float
    p_pathology: float
    p_other: float
    evidence: str  # the caption words that told
    sketch: str = ""  # base64, the picture's measurements in brief: reviews teach through it
    strangeness: float = 0.0  # of a picture; above 1 it is unlike all the model was trained on


@dataclass(frozen=True, slots=True)
class ModalityLabel(Record):
    """The final modality of one pair and who decided it."""

    table: ClassVar[str] = "modality_labels"

    pair_id: str
    label: str
    decided_by: str  # 'image', 'caption', 'both' or 'reviewer'
    probability: float
    second_label: str
    second_probability: float
    needs_review: bool
    review_reason: str
    excluded: bool  # a reviewer said: leave this picture out
    voted_label: str = ""  # what the voters say, whatever a reviewer said
    audited: bool = False  # the voters were sure, and it was drawn to measure their error rate


# --- demographics ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaptionText(Record):
    """The clean caption of a pair and what was taken out of it; ``raw`` plus ``edits`` restore."""

    table: ClassVar[str] = "captions"

    pair_id: str
    text: str
    credit: str  # 'Courtesy of …', '© …', taken out of the text
    continued_from: str  # the mark of a continued figure: 'continued', 'continued from p. 12'
    cross_references: tuple[str, ...]  # 'see Fig. 3', 'same patient as in Fig. 2'
    panel_letters: tuple[str, ...]  # panel marks taken out of the text: 'a', 'b–d'
    raw: str
    edits: tuple[str, ...]  # JSON [rule, position, old, new], in the order they were made
    label: str = ""  # a printed label that stood in the caption itself: 'Fig. 3.4'


@dataclass(frozen=True, slots=True)
class Demographics(Record):
    """Age and sex of the depicted patient as stated, with the proof in the caption."""

    table: ClassVar[str] = "demographics"

    pair_id: str
    age_years_low: float | None
    age_years_high: float | None
    age_group: str  # neonate, infant, child, ... in words; '' when not stated
    sex: str
    age_text: str
    sex_text: str
    spans: tuple[str, ...]  # 'age:12-26', character offsets into the clean caption
    gestational_weeks: float | None  # of an unborn or premature child; never an age
    skin_type: str  # Fitzpatrick 'I' … 'VI' when stated
    stated_in: str  # 'caption', 'body' (the sentence about the figure), 'same_patient' or ''


# --- screen, filter ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImageCheck(Record):
    """Scores of one pair's image that need its pixels; computed once, judged by filter."""

    table: ClassVar[str] = "image_checks"

    pair_id: str
    image_digest: str
    annotated_score: float  # marks drawn on the picture, 0 to 1
    annotation_kinds: tuple[str, ...]  # arrow, box, drawing, letter, mark, scale_bar, text
    face_score: float  # recognisable face, 0 to 1
    eye_bar_score: float  # a bar drawn over a pair of eyes, 0 to 1
    perceptual_hash: str  # hex, for near-duplicates
    shape_hash: str  # hex, a second and different measure
    local_features: str  # base64, key points by which crops and rescans are found
    grey: bool = False  # printed without colours
    burnt_in: tuple[str, ...] = ()  # personal data in it: name, number, birth, date, unread
    burnt_in_boxes: tuple[str, ...] = ()  # 'x0 y0 x1 y1' in pixels, of all that was read


@dataclass(frozen=True, slots=True)
class WantedEdit(Record):
    """A pair of which a copy without marks is wanted: by the settings, or by a person's word."""

    table: ClassVar[str] = "wanted_edits"

    pair_id: str
    method: str  # 'mask' (paint over) or 'crop' (cut edges off)


@dataclass(frozen=True, slots=True)
class MaskedImage(Record):
    """A copy of a pair's image without the marks drawn on it; filter says whether it is used."""

    table: ClassVar[str] = "masked_images"

    pair_id: str
    image_digest: str  # of the original
    method: str  # 'mask' (painted over) or 'crop' (edges cut off)
    masked_digest: str  # of the copy in the image store; '' when it could not be made
    width_px: int  # of the copy
    height_px: int
    boxes: tuple[str, ...]  # 'x0 y0 x1 y1' in pixels of the original: painted over, or left by crop
    annotated_score: float  # of the copy, 0 to 1
    burnt_in: tuple[str, ...]  # personal data still read in the copy
    problem: str  # why there is no copy; '' when there is one


@dataclass(frozen=True, slots=True)
class Verdict(Record):
    """Keep or drop, with every reason that speaks against the pair ('; ' between them)."""

    table: ClassVar[str] = "verdicts"

    pair_id: str
    keep: bool
    reason: str
    detail: str
    masked_digest: str = ""  # the copy without marks that stands for the image; '' for the image


@dataclass(frozen=True, slots=True)
class DuplicateGroup(Record):
    """Pairs whose images show the same picture share ``group_id``; singletons have no row."""

    table: ClassVar[str] = "duplicate_groups"

    pair_id: str
    group_id: str
    method: str  # 'exact', 'perceptual', 'mirrored', 'crop'
    distance: float
    links: tuple[str, ...] = ()  # digests of the pictures of other bytes found to be the same


# --- vqa, split --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Qa(Record):
    """One question and answer about one pair's image, with its grounding."""

    table: ClassVar[str] = "qa"

    qa_id: str
    pair_id: str
    question: str
    answer: str
    kind: str  # 'open', 'closed' or 'choice'
    template_id: str
    answer_span: str  # 'start-end' in the clean caption; '' when from another table
    evidence: str
    visual_dependency: str  # 'needs_image', 'partly' or 'caption_only'
    names_diagnosis: bool
    generator: str
    hedge: bool = False  # the caption doubts what the answer says ('possible', '?')
    modality: str = ""  # label of the picture asked about; 'other' rows are kept apart


@dataclass(frozen=True, slots=True)
class SplitRow(Record):
    """Which split a pair belongs to; a group is never divided."""

    table: ClassVar[str] = "splits"

    pair_id: str
    group_id: str
    split: str
    decided_by: str  # 'hash', 'lock', 'merge' (joins a locked group) or 'spread' (tiny library)
