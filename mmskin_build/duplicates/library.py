"""The duplicates stage's work: which pictures of the whole library show the same photograph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import cv2
import numpy as np

from mmskin_build.duplicates.fingerprint import Fingerprint
from mmskin_build.duplicates.groups import Membership, find_groups, group_id
from mmskin_build.duplicates.settings import DuplicateSettings
from mmskin_build.records import DuplicateGroup, ImageCheck, Pair
from mmskin_build.stage import StageContext


def groups_of_library(ctx: StageContext, settings: DuplicateSettings) -> Iterator[DuplicateGroup]:
    """Yield a row for every pair whose picture another pair shows too, in order of pairs."""
    cv2.setNumThreads(1)
    prints = {
        c.image_digest: Fingerprint(c.perceptual_hash, c.shape_hash, c.local_features)
        for c in ctx.rows(ImageCheck)
    }
    looked_at: set[str] = set()

    def load(digest: str) -> np.ndarray:
        looked_at.add(digest)
        ctx.enter_page(len(looked_at))  # a sign of life: a large library takes its time
        return _pixels(ctx, digest)

    found = find_groups(prints, load, settings)
    shown = Counter(pair.image_digest for pair in ctx.rows(Pair))
    for pair in ctx.rows(Pair):
        member = found.get(pair.image_digest)
        if shown[pair.image_digest] > 1:
            name = member.group_id if member else group_id(pair.image_digest)
            member = Membership(name, "exact", 0.0, member.links if member else ())
        if member is not None:
            yield DuplicateGroup(
                source_id=pair.source_id,
                pair_id=pair.pair_id,
                group_id=member.group_id,
                method=member.method,
                distance=member.distance,
                links=member.links,
            )


def _pixels(ctx: StageContext, digest: str) -> np.ndarray:
    """Return a stored picture as BGR pixels; one that cannot be read is like no other."""
    try:
        image = cv2.imdecode(np.frombuffer(ctx.images.read(digest), np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):
        image = None
    return np.zeros((8, 8, 3), np.uint8) if image is None else image
