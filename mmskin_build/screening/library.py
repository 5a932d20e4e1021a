"""The filter stage's work on the whole library: a verdict on every pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mmskin_build.records import (
    CaptionText,
    DuplicateGroup,
    ImageCheck,
    MaskedImage,
    ModalityLabel,
    Pair,
    Record,
    Reject,
)
from mmskin_build.review.decisions import Verdicts, by_pair, read_ledger, what_is_said
from mmskin_build.review.kinds import ANNOTATED, SENSITIVE, Kind
from mmskin_build.screening.judgement import Evidence, judge
from mmskin_build.screening.settings import Action, ScreeningSettings
from mmskin_build.stage import StageContext


def filter_library(ctx: StageContext, settings: ScreeningSettings) -> Iterator[Record]:
    """Yield one Verdict per pair, and a Reject row for every dropped pair."""
    pairs = list(ctx.rows(Pair))
    checks = {c.pair_id: c for c in ctx.rows(ImageCheck)}
    labels = {r.pair_id: r for r in ctx.rows(ModalityLabel)}
    captions = {r.pair_id: r for r in ctx.rows(CaptionText)}
    copies = {m.pair_id: m for m in ctx.rows(MaskedImage)}
    marks, privacy = _decisions(ctx, ANNOTATED), _decisions(ctx, SENSITIVE)
    groups = {g.pair_id: g for g in ctx.rows(DuplicateGroup)}
    pages = _pages_seen_on(pairs, groups)
    first = _first_copies(pairs, groups) if settings.on_duplicate != Action.KEEP else {}
    for pair in pairs:
        key = pair.pair_id
        evidence = Evidence(
            pair,
            checks.get(key),
            labels.get(key),
            captions.get(key),
            len(pages[pair.source_id, _picture(pair, groups)]),
            first.get(key, ""),
            copies.get(key),
            what_is_said(marks.get(key), pair.image_digest),
            what_is_said(privacy.get(key), pair.image_digest),
        )
        verdict = judge(evidence, settings)
        yield verdict
        if not verdict.keep:
            reason = verdict.reason.partition(";")[0]
            yield Reject(pair.source_id, key, reason, verdict.detail)


def _decisions(ctx: StageContext, kind: Kind) -> dict[str, Verdicts]:
    return by_pair(read_ledger(ctx.manifest(kind.pattern), kind))


def _picture(pair: Pair, groups: Mapping[str, DuplicateGroup]) -> str:
    """Name the picture a pair shows: its duplicate group, or its own bytes."""
    group = groups.get(pair.pair_id)
    return group.group_id if group and group.method != "crop" else pair.image_digest


def _pages_seen_on(
    pairs: list[Pair], groups: Mapping[str, DuplicateGroup]
) -> dict[tuple[str, str], set[int]]:
    pages: dict[tuple[str, str], set[int]] = defaultdict(set)
    for pair in pairs:
        pages[pair.source_id, _picture(pair, groups)].add(pair.page)
    return pages


def _first_copies(pairs: list[Pair], groups: Mapping[str, DuplicateGroup]) -> dict[str, str]:
    """Return for every further copy the pair that stands for its group: the largest picture."""
    members: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.pair_id in groups:
            members[groups[pair.pair_id].group_id].append(pair)
    first = {}
    for group in members.values():
        best = min(group, key=lambda p: (-p.width_px * p.height_px, -p.score, p.pair_id))
        first.update({p.pair_id: best.pair_id for p in group if p.pair_id != best.pair_id})
    return first
