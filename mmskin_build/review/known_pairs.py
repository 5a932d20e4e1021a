"""The pairs of the last build, to check decisions against."""

from __future__ import annotations

from pathlib import Path

from mmskin_build.errors import ReviewError
from mmskin_build.records import Pair
from mmskin_build.runner.layout import Layout
from mmskin_build.tables import read_rows


def picture_digests(build_dir: Path) -> dict[str, str]:
    """Return the picture of every pair of a build; raises ReviewError when there is no build."""
    table = Layout(build_dir).tables / f"{Pair.table}.parquet"
    if not table.is_file():
        raise ReviewError(
            f"{table} is missing: run `python -m stages build` first, or name the build folder "
            "with --build-dir"
        )
    return {pair.pair_id: pair.image_digest for pair in read_rows(table, Pair)}
