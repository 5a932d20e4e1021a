"""The tables of a build as data frames; absent tables and columns are empty, never an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mmskin_build.images import ImageStore


class BuildTables:
    """Reads what a build has written so far, whole or in part."""

    def __init__(self, build_dir: Path) -> None:
        """Use a build folder."""
        self.folder = build_dir
        self.images = ImageStore(build_dir / "images")

    def frame(self, table: str, columns: tuple[str, ...]) -> pd.DataFrame:
        """Return the named columns of a table."""
        return self._read(self.folder / "tables" / f"{table}.parquet", columns)

    def rejects(self) -> pd.DataFrame:
        """Return all dropped records with the stage that dropped them."""
        columns = ("source_id", "record_id", "reason", "detail")
        frames = []
        for path in sorted((self.folder / "rejects").glob("*.parquet")):
            frame = self._read(path, columns)
            frames.append(frame.assign(stage=path.stem))
        if not frames:
            return pd.DataFrame(columns=[*columns, "stage"], dtype=object)
        return pd.concat(frames, ignore_index=True)

    def receipts(self) -> list[dict[str, Any]]:
        """Return the receipts of all parts, unreadable ones left out."""
        found = []
        for path in sorted((self.folder / "parts").glob("*/*/receipt.json")):
            try:
                content = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            if isinstance(content, dict):
                found.append(content)
        return found

    @staticmethod
    def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
        try:
            names = pq.read_schema(path).names
            present = [c for c in columns if c in names]
            frame: pd.DataFrame = pq.read_table(path, columns=present).to_pandas()
        except (OSError, pa.ArrowException):
            frame = pd.DataFrame()
        return frame.reindex(columns=list(columns))
