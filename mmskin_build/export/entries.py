"""Join the tables of a build into what a release is made of: one entry per exported pair."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from mmskin_build.errors import LeakageError, SourceError, StageError
from mmskin_build.export.decisions import Decision, decide
from mmskin_build.export.licences import Permit
from mmskin_build.geometry import Box
from mmskin_build.records import (
    CaptionText,
    Demographics,
    MaskedImage,
    Modality,
    ModalityLabel,
    Pair,
    Qa,
    Source,
    Split,
    SplitRow,
    Verdict,
)
from mmskin_build.stage import StageContext

T = TypeVar("T", Verdict, SplitRow, ModalityLabel, CaptionText, Demographics)
CAPTION_ONLY = "caption_only"


@dataclass(frozen=True, slots=True)
class Entry:
    """One pair that goes into the release, with all that is known of it."""

    pair: Pair
    source: Source
    book_number: int  # 1-based, in the order of source ids
    number_on_page: int
    caption: str
    modality: ModalityLabel
    demographics: Demographics | None
    group_id: str
    split: Split
    permit: Permit
    qa: tuple[Qa, ...]
    masked: MaskedImage | None = None  # how the released picture differs from the book's

    @property
    def box(self) -> Box:
        """Where the picture stands on its page."""
        return self.pair.panel_bbox

    @property
    def visual_qa(self) -> tuple[Qa, ...]:
        """Questions on skin that need the image, at least in part."""
        return () if self.is_other else self._needing_image

    @property
    def other_qa(self) -> tuple[Qa, ...]:
        """Questions on a chart, a drawing or another picture without skin; kept apart."""
        return self._needing_image if self.is_other else ()

    @property
    def is_other(self) -> bool:
        """Whether the picture is neither clinical, dermoscopy nor pathology."""
        return self.modality.label in ("", Modality.OTHER)

    @property
    def _needing_image(self) -> tuple[Qa, ...]:
        return tuple(q for q in self.qa if q.visual_dependency != CAPTION_ONLY)

    @property
    def text_qa(self) -> tuple[Qa, ...]:
        """Questions the caption alone answers; kept apart."""
        return tuple(q for q in self.qa if q.visual_dependency == CAPTION_ONLY)

    @property
    def has_demographics(self) -> bool:
        """Whether the caption states an age or a sex."""
        d = self.demographics
        return d is not None and bool(d.age_text or d.sex_text or d.age_group or d.sex)


@dataclass(frozen=True, slots=True)
class Library:
    """Everything the exporters read: entries in stored order, and what was left out."""

    entries: tuple[Entry, ...]
    sources: tuple[Source, ...]
    pairs: int
    pairs_by_source: dict[str, int]
    dropped: dict[str, int]  # reason, pairs
    reviewed: int
    needs_review: int
    audited: int  # sure pairs of the audit's draw that a person has labelled
    audit_errors: int  # of these: the person gave another label
    withheld: int  # kept, but without a split
    decisions: tuple[Decision, ...]  # on every pair found

    def of_split(self, split: Split) -> Iterator[Entry]:
        """Stream the entries of one split."""
        return (e for e in self.entries if e.split == split)


def gather(ctx: StageContext, permits: dict[str, Permit]) -> Library:
    """Join the tables; only pairs that were kept and placed in a split become entries.

    Raises:
        StageError: a kept pair without its modality or caption row, an unknown split.
        LeakageError: a group or a picture in two splits.
        SourceError: a book whose file was never seen since its digests are keyed.
    """
    tables = _Tables.read(ctx)
    counts = _Counts()
    entries: list[Entry] = []
    decisions: list[Decision] = []
    for pair in ctx.rows(Pair):
        verdict = tables.verdicts.get(pair.pair_id)
        counts.seen(pair, verdict)
        decisions.append(tables.decision(pair))
        if verdict is None or not verdict.keep:
            continue
        if pair.pair_id not in tables.splits:
            counts.withheld += 1
            continue
        number = counts.number_on_page(pair)
        entries.append(tables.entry(pair, number, permits[pair.source_id]))
    _refuse_leaks(entries)
    _refuse_keyless(entries)
    reviewed = [r for r in tables.labels.values() if r.decided_by == "reviewer"]
    audited = [r for r in reviewed if r.audited and not r.excluded]
    return Library(
        entries=tuple(entries),
        sources=tuple(tables.sources.values()),
        pairs=sum(counts.by_source.values()),
        pairs_by_source=counts.by_source,
        dropped=counts.dropped,
        reviewed=len(reviewed),
        needs_review=sum(r.needs_review for r in tables.labels.values()),
        audited=len(audited),
        audit_errors=sum(r.voted_label != r.label for r in audited),
        withheld=counts.withheld,
        decisions=tuple(decisions),
    )


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables of a build by pair, and its sources in the order of their ids."""

    sources: dict[str, Source]
    book_numbers: dict[str, int]
    verdicts: dict[str, Verdict]
    splits: dict[str, SplitRow]
    labels: dict[str, ModalityLabel]
    captions: dict[str, CaptionText]
    demographics: dict[str, Demographics]
    qa: dict[str, list[Qa]]
    masked: dict[str, MaskedImage]

    @classmethod
    def read(cls, ctx: StageContext) -> _Tables:
        qa: dict[str, list[Qa]] = defaultdict(list)
        for row in ctx.rows(Qa):
            qa[row.pair_id].append(row)
        sources = {s.source_id: s for s in sorted(ctx.sources, key=lambda s: s.source_id)}
        return cls(
            sources=sources,
            book_numbers={source_id: number for number, source_id in enumerate(sources, 1)},
            verdicts=_by_pair(ctx.rows(Verdict)),
            splits=_by_pair(ctx.rows(SplitRow)),
            labels=_by_pair(ctx.rows(ModalityLabel)),
            captions=_by_pair(ctx.rows(CaptionText)),
            demographics=_by_pair(ctx.rows(Demographics)),
            qa=dict(qa),
            masked={m.pair_id: m for m in ctx.rows(MaskedImage) if m.masked_digest},
        )

    def decision(self, pair: Pair) -> Decision:
        key = pair.pair_id
        return decide(
            pair,
            self.verdicts.get(key),
            self.labels.get(key),
            self.splits.get(key),
            self._copy(pair),
        )

    def entry(self, pair: Pair, number_on_page: int, permit: Permit) -> Entry:
        placed = self.splits[pair.pair_id]
        copy = self._copy(pair)
        return Entry(
            pair=_with_picture(pair, copy) if copy else pair,
            source=_known(self.sources, pair, pair.source_id, "source"),
            book_number=self.book_numbers[pair.source_id],
            number_on_page=number_on_page,
            caption=_known(self.captions, pair, pair.pair_id, "caption").text,
            modality=_known(self.labels, pair, pair.pair_id, "modality label"),
            demographics=self.demographics.get(pair.pair_id),
            group_id=placed.group_id,
            split=_split_of(placed),
            permit=permit,
            qa=tuple(self.qa.get(pair.pair_id, ())),
            masked=copy,
        )

    def _copy(self, pair: Pair) -> MaskedImage | None:
        """Return the copy that filter lets stand for the picture of a pair."""
        verdict = self.verdicts.get(pair.pair_id)
        if verdict is None or not verdict.masked_digest:
            return None
        return _known(self.masked, pair, pair.pair_id, "masked picture")


def _with_picture(pair: Pair, copy: MaskedImage) -> Pair:
    """Return the pair with the copy as its picture: the original stays out of the release."""
    return dataclasses.replace(
        pair,
        image_digest=copy.masked_digest,
        width_px=copy.width_px,
        height_px=copy.height_px,
    )


class _Counts:
    def __init__(self) -> None:
        self.by_source: dict[str, int] = {}
        self.dropped: dict[str, int] = {}
        self.withheld = 0
        self._on_page: dict[tuple[str, int], dict[str, int]] = {}

    def seen(self, pair: Pair, verdict: Verdict | None) -> None:
        self.by_source[pair.source_id] = self.by_source.get(pair.source_id, 0) + 1
        if verdict is not None and not verdict.keep:
            for reason in verdict.reason.split("; "):
                self.dropped[reason] = self.dropped.get(reason, 0) + 1

    def number_on_page(self, pair: Pair) -> int:
        """Number the figures of a page; panels share their figure's number."""
        figures = self._on_page.setdefault((pair.source_id, pair.page), {})
        return figures.setdefault(pair.figure_id, len(figures) + 1)


def _by_pair(rows: Iterator[T]) -> dict[str, T]:
    return {row.pair_id: row for row in rows}


K = TypeVar("K")


def _known(table: dict[str, K], pair: Pair, key: str, what: str) -> K:
    if key not in table:
        raise StageError(f"export: pair {pair.pair_id} was kept but has no {what}")
    return table[key]


def _split_of(placed: SplitRow) -> Split:
    if placed.split not in set(Split):
        raise StageError(f"export: pair {placed.pair_id} has unknown split {placed.split!r}")
    return Split(placed.split)


def _refuse_leaks(entries: list[Entry]) -> None:
    """Check the real output, not the intent: no group and no picture stands in two splits."""
    for what in ("group", "picture"):
        places: dict[str, Split] = {}
        for entry in entries:
            key = entry.group_id if what == "group" else entry.pair.image_digest
            if places.setdefault(key, entry.split) != entry.split:
                raise LeakageError(
                    f"{what} {key} stands in {places[key]} and {entry.split} (pair "
                    f"{entry.pair.pair_id}); rebuild with --from split, and look at "
                    "manifests/split-lock.csv when it comes back"
                )


def _refuse_keyless(entries: list[Entry]) -> None:
    without = {e.source.path: e.source.source_id for e in entries if not e.source.owner_key}
    for path, source_id in sorted(without.items()):
        raise SourceError(
            f"export: {path} of {source_id!r} is away, and the digests of its rows are keyed by "
            "its bytes; put the file back for one build"
        )
