"""Age and sex of the depicted patient, as a caption states them, with the words as proof."""

from __future__ import annotations

from mmskin_build.demographics.reader import Stated, read_demographics

__all__ = ["Stated", "read_demographics"]
