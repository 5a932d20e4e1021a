"""Captions of one book to clean text, age and sex: the book's words and body text help."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mmskin_build.captions import CleanCaption, Vocabulary, clean_caption
from mmskin_build.demographics.reader import Span, Stated, read_demographics
from mmskin_build.demographics.settings import DemographicsSettings
from mmskin_build.records import CaptionText, Demographics, Page, Pair, Record, TextLine

_SEE_TEXT = re.compile(r"\b(?:see|described\s+in|discussed\s+in)\s+(?:the\s+)?text\b", re.I)
_SAME_PATIENT = re.compile(
    r"\bsame\s+(?:patient|case|person|child)\s+as\s+(?:in\s+)?(?:figs?\.?|figures?|plates?|images?)?"
    r"\s*([A-Z]?\d+(?:[.\-–·]\d+)*)",
    re.I,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])(?<!\b[Ff]ig\.\s)(?<!\b[Ff]igs\.\s)")


@dataclass(frozen=True, slots=True)
class _Row:
    pair: Pair
    clean: CleanCaption
    raw: str
    stated: Stated
    stated_in: str


def read_book(
    pairs: Iterable[Pair],
    lines: Callable[[], Iterable[TextLine]],
    pages: Iterable[Page],
    settings: DemographicsSettings,
) -> Iterator[Record]:
    """Yield one CaptionText and one Demographics row per pair, in the order of the pairs.

    ``lines`` may be called several times; it streams, so that a book's text is never held whole.
    """
    vocabulary = Vocabulary.of(line.text for line in lines())
    scanned = {p.page for p in pages if p.text_source == "ocr"} if settings.repair_ocr else set()
    rows = [_read(pair, vocabulary, pair.caption_page in scanned) for pair in pairs]
    if settings.use_body_text:
        rows = _with_body(rows, lines)
    if settings.follow_same_patient:
        rows = _with_same_patient(rows)
    for row in rows:
        yield _caption_row(row)
        yield _demographics_row(row)


def _read(pair: Pair, vocabulary: Vocabulary, ocr: bool) -> _Row:
    raw = pair.panel_caption or pair.caption
    clean = clean_caption(raw, vocabulary, ocr=ocr)
    stated = read_demographics(clean.text)
    if stated.is_empty and pair.caption != raw and not _tells_panels_apart(pair.caption):
        # 'A 42-year-old woman. (a) … (b) …' when the lead-in was not carried over to the panels
        shared = read_demographics(clean_caption(pair.caption, vocabulary, ocr=ocr).text)
        stated = dataclasses.replace(shared, age_span=None, sex_span=None)
    return _Row(pair, clean, raw, stated, "" if stated.is_empty else "caption")


def _tells_panels_apart(caption: str) -> bool:
    """Whether the caption's first panel mark stands before anybody is described."""
    mark = re.search(r"\(?\b[aA]\)", caption)
    lead = caption[: mark.start()] if mark else caption
    return read_demographics(lead).is_empty


def _with_body(rows: list[_Row], lines: Callable[[], Iterable[TextLine]]) -> list[_Row]:
    wanted = {r.pair.label for r in rows if r.stated.is_empty and r.pair.label and _sees_text(r)}
    if not wanted:
        return rows
    said = {label: read_demographics(text) for label, text in _discussed(lines(), wanted)}
    return [
        dataclasses.replace(
            r,
            stated=dataclasses.replace(said[r.pair.label], age_span=None, sex_span=None),
            stated_in="body",
        )
        if r.stated.is_empty and _sees_text(r) and not said.get(r.pair.label, r.stated).is_empty
        else r
        for r in rows
    ]


def _sees_text(row: _Row) -> bool:
    return _SEE_TEXT.search(row.raw) is not None


def _discussed(lines: Iterable[TextLine], labels: set[str]) -> Iterator[tuple[str, str]]:
    """Yield (label, sentence) for body sentences that name a figure, first mention last."""
    number = "|".join(sorted(map(re.escape, labels), key=len, reverse=True))
    mention = re.compile(rf"\b(?:figs?\.?|figures?|plates?|images?)\s*({number})(?![\d.]\d)", re.I)
    for text in _paragraphs(lines):
        for sentence in _SENTENCE_END.split(text):
            m = mention.search(sentence)
            if m and m.start() > 0:
                yield m[1], sentence


def _paragraphs(lines: Iterable[TextLine]) -> Iterator[str]:
    key, parts = None, list[str]()
    for line in lines:
        if (line.page, line.block) != key:
            if parts:
                yield " ".join(parts)
            key, parts = (line.page, line.block), []
        parts.append(line.text)
    if parts:
        yield " ".join(parts)


def _with_same_patient(rows: list[_Row]) -> list[_Row]:
    by_label: dict[str, Stated] = {}
    for row in rows:
        if row.pair.label and not row.stated.is_empty:
            by_label.setdefault(_plain(row.pair.label), row.stated)
    out = []
    for row in rows:
        m = _SAME_PATIENT.search(row.raw)
        known = by_label.get(_plain(m[1])) if m else None
        if known is not None and row.stated.is_empty:
            stated = dataclasses.replace(known, age_span=None, sex_span=None)
            row = dataclasses.replace(row, stated=stated, stated_in="same_patient")
        out.append(row)
    return out


def _plain(label: str) -> str:
    return re.sub(r"[.–·]", "-", label)


def _caption_row(row: _Row) -> CaptionText:
    clean = row.clean
    return CaptionText(
        source_id=row.pair.source_id,
        pair_id=row.pair.pair_id,
        text=clean.text,
        credit=clean.credit,
        continued_from=clean.continued_from,
        cross_references=clean.cross_references,
        panel_letters=clean.panel_letters,
        raw=row.raw,
        edits=clean.edits,
        label=clean.label,
    )


def _demographics_row(row: _Row) -> Demographics:
    stated, text = row.stated, row.clean.text
    return Demographics(
        source_id=row.pair.source_id,
        pair_id=row.pair.pair_id,
        age_years_low=stated.age_low,
        age_years_high=stated.age_high,
        age_group=stated.age_group,
        sex=stated.sex,
        age_text=_words(text, stated.age_span),
        sex_text=_words(text, stated.sex_span),
        spans=tuple(
            f"{name}:{span[0]}-{span[1]}"
            for name, span in (("age", stated.age_span), ("sex", stated.sex_span))
            if span
        ),
        gestational_weeks=stated.gestational_weeks,
        skin_type=stated.skin_type,
        stated_in=row.stated_in,
    )


def _words(text: str, span: Span | None) -> str:
    return text[span[0] : span[1]].strip() if span else ""
