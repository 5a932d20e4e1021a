"""What each reject reason means, taken from ``docs/reject-reasons.md`` where that is at hand."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reject-reasons.md"
_ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \|", re.MULTILINE)


@cache
def reason_texts() -> dict[str, str]:
    """Return the explanation of every documented reason; empty outside a checkout."""
    try:
        text = DOCS.read_text(encoding="utf-8")
    except OSError:
        return {}
    return {m[1]: re.sub(r"`", "", m[2].strip()) for m in _ROW.finditer(text)}
