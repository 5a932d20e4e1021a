"""Age and sex for captions that come from anywhere: CSV in, CSV out."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from mmskin_build.captions import clean_caption
from mmskin_build.demographics.reader import Span, read_demographics
from mmskin_build.errors import ConfigError

COLUMNS = (
    "id",
    "age_years_low",
    "age_years_high",
    "age_group",
    "sex",
    "age_text",
    "sex_text",
    "gestational_weeks",
    "skin_type",
)


def read_captions(path: Path) -> list[tuple[str, str]]:
    """Return (id, caption) of a CSV with these two columns; order and other columns are free.

    Raises:
        ConfigError: missing or unreadable file, missing column, repeated id; names row and fix.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            head = handle.readline()
            handle.seek(0)
            delimiter = max(",;\t", key=head.count)
            reader = csv.DictReader(handle, delimiter=delimiter)
            names = [n.strip().lstrip("\ufeff") for n in reader.fieldnames or []]
            reader.fieldnames = names
            for wanted in ("id", "caption"):
                if wanted not in names:
                    found = ", ".join(names) or "none"
                    raise ConfigError(f"{path}: column {wanted!r} is missing; found: {found}")
            return _rows(path, reader)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 ({error}); save it as 'CSV UTF-8'") from None
    except (OSError, csv.Error) as error:
        raise ConfigError(f"{path}: not readable as CSV: {error}") from None


def _rows(path: Path, reader: csv.DictReader[str]) -> list[tuple[str, str]]:
    rows: dict[str, str] = {}
    for row in reader:
        key = (row["id"] or "").strip()
        if not key:
            raise ConfigError(f"{path}, row {reader.line_num}: id is empty; give each row one")
        if key in rows:
            raise ConfigError(f"{path}, row {reader.line_num}: id {key!r} stands there twice")
        if None in row or row["caption"] is None:
            raise ConfigError(
                f"{path}, row {reader.line_num}: not as many columns as the header; "
                'put captions with commas or line breaks in double quotes: "…"'
            )
        rows[key] = row["caption"]
    return list(rows.items())


def write_demographics(rows: list[tuple[str, str]], path: Path) -> int:
    """Write age and sex of each caption; return how many state any. Written whole or not at all."""
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: the folder {path.parent} does not exist; create it first")
    if path.is_dir():
        raise ConfigError(f"{path}: is a folder; name a CSV file to write")
    part = path.with_name(f".{path.name}.part")
    stated = 0
    with part.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(COLUMNS)
        for key, values in _read_all(rows):
            writer.writerow((key, *values))
            stated += any(v not in ("", None) for v in values[:4])
    part.replace(path)
    return stated


def _read_all(rows: list[tuple[str, str]]) -> Iterator[tuple[str, tuple[object, ...]]]:
    for key, caption in rows:
        text = clean_caption(caption).text
        said = read_demographics(text)
        yield (
            key,
            (
                said.age_low,
                said.age_high,
                said.age_group,
                said.sex,
                _words(text, said.age_span),
                _words(text, said.sex_span),
                said.gestational_weeks,
                said.skin_type,
            ),
        )


def _words(text: str, span: Span | None) -> str:
    return text[span[0] : span[1]].strip() if span else ""
