"""The filter stage's work on the whole library: copies first, then a verdict on every pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from mmskin_build.duplicates.fingerprint import Fingerprint
from mmskin_build.duplicates.groups import Membership, find_groups, group_id
from mmskin_build.duplicates.settings import DuplicateSettings
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
from mmskin_build.screening.source import read_image
from mmskin_build.stage import StageContext


def filter_library(ctx: StageContext, settings: ScreeningSettings) -> Iterator[Record]:
    """Yield DuplicateGroup and Verdict rows, and a Reject row for every dropped pair."""
    pairs = list(ctx.rows(Pair))
    checks = {c.pair_id: c for c in ctx.rows(ImageCheck)}
    labels = {r.pair_id: r for r in ctx.rows(ModalityLabel)}
    captions = {r.pair_id: r for r in ctx.rows(CaptionText)}
    copies = {m.pair_id: m for m in ctx.rows(MaskedImage)}
    marks, privacy = _decisions(ctx, ANNOTATED), _decisions(ctx, SENSITIVE)
    groups = {g.pair_id: g for g in duplicate_groups(ctx, pairs, checks, settings)}
    yield from groups.values()
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


def duplicate_groups(
    ctx: StageContext,
    pairs: list[Pair],
    checks: Mapping[str, ImageCheck],
    settings: ScreeningSettings,
) -> list[DuplicateGroup]:
    """Return a row for every pair whose picture another pair shows too, in order of pairs."""

    def load(digest: str) -> np.ndarray:
        image = read_image(ctx.images, digest)
        return np.zeros((8, 8, 3), np.uint8) if image is None else image

    prints = {
        c.image_digest: Fingerprint(c.perceptual_hash, c.shape_hash, c.local_features)
        for c in checks.values()
    }
    limits = DuplicateSettings(correlation=settings.copy_correlation)
    found = find_groups(prints, load, limits)
    shown: dict[str, int] = defaultdict(int)
    for pair in pairs:
        shown[pair.image_digest] += 1
    rows = []
    for pair in pairs:
        member = found.get(pair.image_digest)
        if shown[pair.image_digest] > 1:
            name = member.group_id if member else group_id(pair.image_digest)
            member = Membership(name, "exact", 0.0, member.links if member else ())
        if member is not None:
            rows.append(
                DuplicateGroup(
                    source_id=pair.source_id,
                    pair_id=pair.pair_id,
                    group_id=member.group_id,
                    method=member.method,
                    distance=member.distance,
                    links=member.links,
                )
            )
    return rows


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
