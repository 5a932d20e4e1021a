"""JSON files that vouch for themselves: a digest inside tells a damaged file from a good one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SEAL = "seal"


def write_sealed(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON object with its seal, by write-then-rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sealed = {**content, SEAL: _seal(content)}
    text = json.dumps(sealed, indent=1, sort_keys=True, ensure_ascii=False)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8", errors="surrogatepass")
    part.replace(path)


def read_sealed(path: Path) -> dict[str, Any] | None:
    """Return what was written, or None when the file is absent, damaged or of another kind."""
    try:
        content = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
        if not isinstance(content, dict) or content.pop(SEAL, "") != _seal(content):
            return None
    except (OSError, ValueError, RecursionError):
        return None
    return content


def _seal(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("ascii")).hexdigest()
