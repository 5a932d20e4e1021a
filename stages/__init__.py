"""The recipe: which stages run, in which order. ``python -m stages`` is the command line.

Not part of the installed package: run it from the repository root.
"""

from __future__ import annotations

from mmskin_build.stage import Stage
from stages import (
    align,
    demographics,
    export,
    extract,
    filter,
    label,
    modality,
    ocr,
    screen,
    split,
    vqa,
)

PIPELINE: tuple[Stage, ...] = (
    extract.STAGE,
    ocr.STAGE,
    align.STAGE,
    modality.STAGE,
    demographics.STAGE,
    screen.STAGE,
    label.STAGE,
    filter.STAGE,
    vqa.STAGE,
    split.STAGE,
    export.STAGE,
)
