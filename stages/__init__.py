"""The recipe: which stages run, in which order. ``python -m stages`` is the command line.

Not part of the installed package: run it from the repository root.
"""

from __future__ import annotations

import importlib

from mmskin_build.stage import Stage

ORDER = (
    "extract",
    "ocr",
    "align",
    "modality",
    "demographics",
    "screen",
    "duplicates",
    "label",
    "edit",
    "mask",
    "filter",
    "vqa",
    "split",
    "export",
)

PIPELINE: tuple[Stage, ...]  # the stages of ORDER, imported when first asked for


def __getattr__(name: str) -> tuple[Stage, ...]:
    if name != "PIPELINE":
        raise AttributeError(f"module 'stages' has no attribute {name!r}")
    stages = tuple(importlib.import_module(f"stages.{stage}").STAGE for stage in ORDER)
    globals()["PIPELINE"] = stages
    return stages
