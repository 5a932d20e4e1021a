"""Turn dermatology textbooks into a vision-language dataset whose every row can be trusted."""

from __future__ import annotations

__version__ = "0.1.0"
