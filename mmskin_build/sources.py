"""The books of a build: the source manifest, or every PDF below a folder."""

from __future__ import annotations

import csv
import dataclasses
import difflib
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mmskin_build.errors import ConfigError, SourceError
from mmskin_build.records import Redistribute, Source
from mmskin_build.regular_files import stat_regular
from mmskin_build.sealed_json import read_sealed, write_sealed

COLUMNS = tuple(f.name for f in dataclasses.fields(Source) if f.name != "owner_key")
_SOURCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
READ_BYTES = 1 << 20
PROFILE_FOLDER = Path("configs/books")  # of the files that the column `profile` names


class ChecksumCache:
    """Digests of files, remembered by size and times so that a rerun is quick.

    The time of the last change of the file's entry counts, too: no program can set it back.
    """

    def __init__(self, path: Path, tell: Callable[[Path], None] = lambda file: None) -> None:
        """Read the cache file when there is a usable one; ``tell`` hears of files that are read."""
        self._path = path
        self._tell = tell
        self._known: dict[str, list[Any]] = read_sealed(path) or {}

    def sha256(self, file: Path) -> str:
        """Return the SHA-256 of a file, '' when it cannot be read."""
        return self._digests(file)[0]

    def owner_key(self, file: Path, sha256: str) -> str:
        """Return the owner key of a file of this checksum; it is still known when it is away."""
        actual, key = self._digests(file)
        if not actual:
            actual, key = self._remembered(file)
        return key if actual == sha256 else ""

    def _digests(self, file: Path) -> tuple[str, str]:
        try:
            stamp = stamp_of(file)
            known = self._known.get(os.path.realpath(file), [])
            if known[:-2] != stamp or not all(self._remembered(file)):
                self._tell(file)
                self._known[os.path.realpath(file)] = [*stamp, *digests_of(file)]
        except OSError:
            return "", ""
        return self._remembered(file)

    def _remembered(self, file: Path) -> tuple[str, str]:
        known = [str(v) for v in self._known.get(os.path.realpath(file), [])[3:]]
        return (known[0], known[1]) if len(known) == 2 else ("", "")

    def is_unchanged(self, file: Path) -> bool:
        """Whether a file, if it is there, still looks as it did when its digest was taken."""
        try:
            known = self._known.get(os.path.realpath(file))
            return known is None or known[:-2] == stamp_of(file)
        except OSError:
            return True

    def save(self) -> None:
        """Write the cache for the next run."""
        write_sealed(self._path, self._known)


def stamp_of(file: Path) -> list[int]:
    """Return the size of a file and when its content and its entry were last changed."""
    seen = stat_regular(file)
    return [seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns]


def digests_of(file: Path) -> tuple[str, str]:
    """Return the SHA-256 of a file and its owner key, read once.

    The key is a hash of another kind over the same bytes: from the published SHA-256 nobody can
    tell it, with the file everybody can.
    """
    public, private = hashlib.sha256(), hashlib.blake2b(digest_size=32, person=b"mmskin-owner-key")
    with file.open("rb") as handle:
        while block := handle.read(READ_BYTES):
            public.update(block)
            private.update(block)
    return public.hexdigest(), private.hexdigest()


def profile_file(source: Source) -> Path | None:
    """Return the file of the book profile a source names; None when it names none or is absent."""
    if not source.profile:
        return None
    file = PROFILE_FOLDER / f"{source.profile}.yaml"
    return file if file.is_file() else None


def pdf_files(folder: Path) -> list[Path]:
    """Return everything below a folder that is called a PDF and is no folder, sorted.

    Links that lead nowhere and the like are among them: they are rejected by name.

    Raises:
        ConfigError: the folder does not exist.
    """
    if not folder.is_dir():
        what = "a file, not a folder" if folder.is_file() else "no such folder"
        raise ConfigError(f"{folder}: {what}; give a folder that holds PDF files")
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".pdf" and not p.is_dir())


def discover(folder: Path, checksums: ChecksumCache) -> list[Source]:
    """Return every PDF below ``folder`` as a source whose id is the file's stem.

    Raises:
        ConfigError: the folder does not exist.
        SourceError: there is no PDF in it.
    """
    files = pdf_files(folder)
    if not files:
        raise SourceError(f"{folder}: no PDF file in this folder or below it")
    found: dict[str, Source] = {}
    for file in files:
        sha256 = checksums.sha256(file)
        # A file name need not be Unicode, a table's text must be.
        title = os.fsencode(file.stem).decode("utf-8", "replace")
        name = title if title not in found else f"{title}~{sha256[:8]}"
        if name in found and found[name].sha256 == sha256:
            continue  # the same file a third time says nothing new
        found[name] = Source(source_id=name, path=str(file), sha256=sha256, title=title)
    return list(found.values())


def read_manifest(path: Path) -> list[Source]:
    """Return the sources a person vouches for in ``manifests/sources.csv``.

    Paths are relative to the current folder. An empty sha256 is accepted: nothing is vouched.

    Raises:
        ConfigError: missing file or column, bad cell; names the row.
        SourceError: no row at all.
    """
    rows = _read_csv(path)
    sources = [_source(path, number, row) for number, row in rows]
    seen: dict[str, int] = {}
    for (number, _), source in zip(rows, sources, strict=True):
        if source.source_id in seen:
            raise ConfigError(
                f"{path}, row {number}: source_id {source.source_id!r} already stands in row "
                f"{seen[source.source_id]}; give each book its own"
            )
        seen[source.source_id] = number
    if not sources:
        raise SourceError(f"{path}: no source listed; add one row per book, or use --pdfs DIR")
    return sources


def _read_csv(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; list your books there or use --pdfs") from None
    except IsADirectoryError:
        raise ConfigError(
            f"{path} is a folder, and --sources wants a manifest file; for every PDF below it give "
            f"--pdfs {path}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not readable as UTF-8 CSV: {error}") from None
    head = text.lstrip().partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _rows(path, reader)
    except csv.Error as error:
        row = reader.line_num
        raise ConfigError(f"{path}, row {row}: {error}; is a closing quote missing?") from None


def _rows(path: Path, reader: csv.DictReader[str]) -> list[tuple[int, dict[str, str]]]:
    header = [h.strip() for h in reader.fieldnames or []]
    reader.fieldnames = header
    missing = {"source_id", "path"} - set(header)
    if missing:
        raise ConfigError(f"{path}: column {sorted(missing)[0]!r} is missing in the header row")
    _refuse_misspelt(path, header)
    out = []
    for row in reader:
        extra = [cell for cell in row.pop(None, []) if cell.strip()]
        if extra:
            comma = reader.reader.dialect.delimiter
            raise ConfigError(
                f"{path}, row {reader.line_num}: {len(header) + len(extra)} cells, but the header "
                f"has {len(header)}; put a cell that holds {comma!r} in double quotes"
            )
        cells = {k: (v or "").strip() for k, v in row.items() if isinstance(k, str)}
        if any(cells.values()):
            out.append((reader.line_num, cells))
    return out


def _refuse_misspelt(path: Path, header: list[str]) -> None:
    """Refuse a column such as 'license': what stands in it would be lost without a word."""
    absent = [name for name in COLUMNS if name not in header]
    for name in header:
        close = difflib.get_close_matches(name.lower(), absent, n=1, cutoff=0.8)
        if name not in COLUMNS and close:
            raise ConfigError(f"{path}: column {name!r} is unknown; did you mean {close[0]!r}?")


def _source(path: Path, number: int, row: dict[str, str]) -> Source:
    where = f"{path}, row {number}"
    if any("\0" in cell for cell in row.values()):
        raise ConfigError(f"{where}: holds zero bytes; save the manifest as CSV in UTF-8")
    if not _SOURCE_ID.fullmatch(row["source_id"]):
        raise ConfigError(
            f"{where}: source_id {row['source_id']!r} may hold letters, digits, '.', '_' and '-'"
        )
    if not row["path"]:
        raise ConfigError(f"{where}: path is empty; name the PDF file of {row['source_id']!r}")
    sha256 = row.get("sha256", "").lower()
    if sha256 and not _SHA256.fullmatch(sha256):
        raise ConfigError(f"{where}: sha256 {sha256!r} is not 64 hexadecimal digits")
    allowed = row.get("redistribute", "") or Redistribute.NONE
    if allowed not in list(Redistribute):
        raise ConfigError(
            f"{where}: redistribute {allowed!r} is not one of {', '.join(Redistribute)}"
        )
    values = {k: row[k] for k in COLUMNS if row.get(k)}
    return Source(**{**values, "sha256": sha256, "redistribute": Redistribute(allowed)})  # type: ignore[arg-type]


def verify(sources: Iterable[Source], checksums: ChecksumCache) -> list[Source]:
    """Fill in empty checksums and owner keys, and refuse a file that changed behind its checksum.

    Raises:
        SourceError: lists each changed file with both digests and the fix.
    """
    verified, changed = [], []
    for source in sources:
        actual = checksums.sha256(Path(source.path))
        if source.sha256 and actual and actual != source.sha256:
            changed.append(
                f"{source.path}: is not the file {source.source_id!r} was vouched for: sha256 is "
                f"{actual[:12]}…, the manifest says {source.sha256[:12]}…"
            )
        sha256 = actual or source.sha256
        key = checksums.owner_key(Path(source.path), sha256)
        verified.append(dataclasses.replace(source, sha256=sha256, owner_key=key))
    if changed:
        raise SourceError(
            "\n".join(changed) + "\nPut the right file back, or, if the new file is meant, enter "
            "its sha256 in the manifest (`python -m stages sources DIR` prints the rows)."
        )
    return verified


def write_manifest(path: Path, sources: Iterable[Source]) -> None:
    """Write sources as a manifest, one row each."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS)
        writer.writeheader()
        for source in sources:
            writer.writerow(manifest_row(source))


def manifest_row(source: Source) -> dict[str, str]:
    """Return the cells of a source in a manifest."""
    return {name: str(getattr(source, name)) for name in COLUMNS}
