"""What the stages of a build cost, read from its receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mmskin_build.runner.layout import Layout
from mmskin_build.runner.receipts import FILE_NAME, read_receipt


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds and memory of one stage over all books."""

    name: str
    cpu_seconds: float
    peak_rss_mb: float


def stage_costs(layout: Layout, stages: Sequence[str]) -> list[Cost]:
    """Return what each stage cost over all its parts, from the receipts of a build."""
    costs = []
    for stage in stages:
        receipts = [read_receipt(p) for p in sorted((layout.root / "parts" / stage).iterdir())]
        known = [r for r in receipts if r is not None]
        seconds = sum(r.cpu_seconds for r in known)
        costs.append(Cost(stage, seconds, max((r.peak_rss_mb for r in known), default=0.0)))
    return costs


def sizes_mb(layout: Layout) -> dict[str, float]:
    """Return how much of a build folder each kind of file takes, in MiB."""
    kinds = {
        "tables": layout.tables.glob("*.parquet"),
        "parts": layout.root.glob("parts/*/*/*.parquet"),
        "receipts": layout.root.glob(f"parts/*/*/{FILE_NAME}"),
        "pictures": layout.images.glob("??/*"),
    }
    return {k: sum(f.stat().st_size for f in files) / 2**20 for k, files in kinds.items()}
