"""A digest of the code a stage depends on, found by following its imports."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import mmskin_build

PACKAGE = Path(mmskin_build.__file__).parent
DATA_SUFFIXES = {".npz", ".onnx", ".json", ".yaml", ".csv", ".txt"}
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<module>\w[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n(]+)"
    r"|import[ \t]+(?P<plain>[^\n]+))",
    re.MULTILINE,
)
_COMMENT = re.compile(r"#[^\n]*")
TEMPLATE_ENDING = "_template.md"  # other .md files are for people: model cards


@cache
def code_digests(module_file: Path) -> dict[str, str]:
    """Return {relative path: SHA-256} of a stage's module and all library files it reaches.

    Data files (models, lexicons) beside a reached module count as its code.
    """
    reached: dict[Path, None] = {}
    queue = [module_file]
    while queue:
        file = queue.pop()
        if file in reached:
            continue
        reached[file] = None
        queue.extend(_imports(file))
    data = {p for f in reached if f != module_file for p in _data_files(f.parent)}
    files = sorted({*reached, *data})
    return {_name(f): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def package_digest() -> str:
    """Return one digest of all library code and data: two equal ones make the same rows."""
    files = [p for p in PACKAGE.rglob("*") if p.is_file() and (p.suffix == ".py" or _is_data(p))]
    whole = hashlib.sha256()
    for file in sorted(files):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{_name(file)} {digest}\n".encode())
    return whole.hexdigest()[:16]


def _data_files(folder: Path) -> Iterator[Path]:
    if folder != PACKAGE:
        yield from (p for p in folder.rglob("*") if _is_data(p) and p.is_file())


def _is_data(file: Path) -> bool:
    return file.suffix in DATA_SUFFIXES or file.name.endswith(TEMPLATE_ENDING)


def _name(file: Path) -> str:
    return str(file.relative_to(PACKAGE.parent) if file.is_relative_to(PACKAGE) else file.name)


@cache
def _imports(file: Path) -> tuple[Path, ...]:
    return tuple(p for name in imported(file.read_text(encoding="utf-8")) for p in _files_of(name))


def imported(code: str) -> list[str]:
    """Return all names that could be modules which a program imports, wherever it does.

    Found by pattern: to parse every file would cost more than a small build. A line of text that
    looks like an import may add a name, none is missed.
    """
    names: set[str] = set()
    for match in _IMPORT.finditer(code):
        if match["plain"]:
            names.update(part.split()[0] for part in match["plain"].split(",") if part.strip())
            continue
        names.add(match["module"])
        parts = _COMMENT.sub("", match["names"].strip("()")).split(",")
        names.update(f"{match['module']}.{part.split()[0]}" for part in parts if part.strip())
    return sorted(names)


def _files_of(module: str) -> Iterator[Path]:
    """Yield the file of a library module and the ``__init__`` files above it."""
    parts = module.split(".")
    if parts[0] != PACKAGE.name:
        return
    for end in range(2, len(parts) + 1):
        base = PACKAGE.joinpath(*parts[1:end])
        for candidate in (base / "__init__.py", base.with_suffix(".py")):
            if candidate.is_file():
                yield candidate
