"""Read a release as a set of pointers: which books, how made, what decided, which rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmskin_build.errors import ConfigError
from mmskin_build.export import decisions, recipe, source_list
from mmskin_build.export.checksums import FILE_NAME as SUMS
from mmskin_build.export.checksums import sha256_of
from mmskin_build.export.rows import ROW_TYPES
from mmskin_build.records import Source

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pointers:
    """A release folder whose files are the ones its SHA256SUMS vouches for."""

    root: Path
    sources: tuple[Source, ...]  # path is '': a release does not know where the books lie
    recipe: recipe.WrittenRecipe

    def rows(self, config: str) -> Iterator[Row]:
        """Stream the rows of one table, every split, without their pictures."""
        yield from read_table(self.root, config)


def open_pointers(root: Path) -> Pointers:
    """Return a release as pointers.

    Raises:
        ConfigError: not a release, one without a recipe, or one with a damaged file.
    """
    if not (root / SUMS).is_file():
        raise ConfigError(
            f"{root}: no {SUMS} here; --pointers wants a release folder (build/release/NAME)"
        )
    _check_files(root)
    return Pointers(
        root=root,
        sources=tuple(source_list.read_sources(root)),
        recipe=recipe.read_recipe(root / recipe.FILE_NAME),
    )


def _check_files(root: Path) -> None:
    """Compare the files a rebuild reads with their checksums."""
    lines = (root / SUMS).read_text(encoding="utf-8").splitlines()
    vouched = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    singles = (source_list.FILE_NAME, recipe.FILE_NAME, decisions.FILE_NAME)
    tables = tuple(n for n in vouched if n.endswith(".parquet"))
    for name in (*singles, *tables):
        path = root / name
        if name not in vouched or not path.is_file():
            raise ConfigError(f"{path}: missing from the release; get the whole folder again")
        if sha256_of(path) != vouched[name]:
            raise ConfigError(f"{path}: damaged (its SHA-256 differs); get the release again")


def read_table(root: Path, config: str) -> Iterator[Row]:
    """Stream the rows of a release's table without their pictures."""
    import pyarrow.parquet as pq

    for path in sorted((root / config).glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            names = [n for n in file.schema_arrow.names if n != "image"]
            for batch in file.iter_batches(columns=names):
                yield from batch.to_pylist()


TABLES: tuple[str, ...] = tuple(kind.config for kind in ROW_TYPES)
