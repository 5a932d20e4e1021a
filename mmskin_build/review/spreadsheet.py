"""CSV as spreadsheets write it: byte order marks, semicolons, CRLF, columns in any order."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmskin_build.errors import ReviewError

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_MOST_CELL = 2_000_000  # characters; csv's own limit of 131 072 refuses pasted captions


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row with its number in the file as a spreadsheet counts (the header is row 1)."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file read back: rows by column name, the column names in lower case."""

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


def encode(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV that Excel opens as UTF-8 and in which no cell is a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def harmless(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula or chokes on it."""
    cell = _CONTROL.sub("", cell)
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def plain(cell: str) -> str:
    """Undo ``harmless`` and the blanks that editors leave around a cell."""
    cell = cell.replace("\u00a0", " ").strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_STARTS else cell


def read_table(path: Path, needed: Sequence[str]) -> Table:
    """Read a CSV as any spreadsheet saves it; raises ReviewError when it is not one."""
    text = _decode(path)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    usual = csv.field_size_limit(_MOST_CELL)  # of the whole process
    try:
        rows = list(lines)
    except csv.Error as fault:
        raise ReviewError(f"{path}: not a readable CSV ({fault}); save it as CSV UTF-8") from fault
    finally:
        csv.field_size_limit(usual)
    start = 1 if rows and rows[0] and rows[0][0].lower().startswith("sep=") else 0
    header = [plain(c).lower() for c in rows[start]] if len(rows) > start else []
    missing = [c for c in needed if c not in header]
    if missing:
        raise ReviewError(
            f"{path}: the column {', '.join(missing)} is missing; keep the header row of the "
            "exported file"
        )
    found = [
        TableRow(
            number, dict(zip(header, (plain(c) for c in _padded(cells, header)), strict=False))
        )
        for number, cells in enumerate(rows[start + 1 :], start=start + 2)
        if any(c.strip() for c in cells)
    ]
    return Table(tuple(header), tuple(found))


def _padded(cells: list[str], header: list[str]) -> list[str]:
    return cells + [""] * (len(header) - len(cells))


def _decode(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise ReviewError(
            f"{path}: cannot be read ({fault.strerror}); name the CSV to apply"
        ) from (fault)
    if data[:4] == b"PK\x03\x04":
        raise ReviewError(f"{path}: is a workbook, not a CSV; save it as CSV UTF-8 and try again")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as fault:
            raise ReviewError(f"{path}: damaged text ({fault}); save it as CSV UTF-8") from fault
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # Excel's plain "CSV" outside UTF-8


def _delimiter(text: str) -> str:
    """Return the separator of the header row, which holds no quoted text of its own."""
    lines = text.lstrip("\r\n").splitlines()
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) > 4:
        return lines[0][4]
    head = lines[0] if lines else ""
    return max(",;\t", key=head.count)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader or a crash meets the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
