"""Build over a folder of odd files, and what became of each of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from repository import ROOT

from mmskin_build.records import Reject
from mmskin_build.runner.layout import Layout
from mmskin_build.tables import read_rows


@dataclass(frozen=True)
class Outcome:
    """What the tables and rejects say of one source."""

    pages: int  # rows of embedded_pages
    whole: str  # reason that the source as a whole was rejected for, or ''
    parts: tuple[str, ...]  # reasons that pages of it were rejected for


def build(build_dir: Path, *args: str | Path) -> subprocess.CompletedProcess[str]:
    """Run ``python -m stages build`` on two workers."""
    command = [sys.executable, "-m", "stages", "build", "--build-dir", build_dir, "--workers", "2"]
    return subprocess.run(
        [str(part) for part in (*command, *args)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )


def outcomes(build_dir: Path) -> dict[str, Outcome]:
    """Return what became of each source in the extract stage."""
    layout = Layout(build_dir)
    ids = pq.read_table(layout.tables / "embedded_pages.parquet", columns=["source_id"])
    pages = Counter(ids.column(0).to_pylist())
    rejects = list(read_rows(layout.rejects / "extract.parquet", Reject))
    return {
        name: Outcome(pages[name], *_reasons([r for r in rejects if r.source_id == name]))
        for name in {*pages, *(r.source_id for r in rejects)}
    }


def _reasons(rejects: Iterable[Reject]) -> tuple[str, tuple[str, ...]]:
    whole, parts = "", []
    for row in rejects:
        place = row.record_id.removeprefix(row.source_id).lstrip(":")
        if not place:
            whole = row.reason
        elif place != "file":  # a note: repaired, or cut at the page limit
            parts.append(row.reason)
    return whole, tuple(parts)


def peaks_mb(build_dir: Path) -> dict[str, float]:
    """Return the largest resident memory (MiB) of any part of each source."""
    from mmskin_build.runner.receipts import read_receipt

    peaks: dict[str, float] = {}
    for file in (build_dir / "parts").glob("*/*/receipt.json"):
        receipt = read_receipt(file.parent)
        assert receipt is not None
        peaks[receipt.source_id] = max(peaks.get(receipt.source_id, 0.0), receipt.peak_rss_mb)
    return peaks
