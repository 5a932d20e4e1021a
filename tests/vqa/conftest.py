from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import (
    CaptionText,
    Demographics,
    ModalityLabel,
    Pair,
    Qa,
    Record,
    Verdict,
)
from mmskin_build.vqa.settings import VqaSettings
from stages.vqa import STAGE

Shown = tuple[str, str]  # caption, modality


def rows_for(number: int, caption: str, modality: str, source: str = "book") -> list[Record]:
    pair_id = f"{source}-{number}"
    box = (0.0, 0.0, 1.0, 1.0)
    pair = Pair(
        source, pair_id, pair_id, "", 1, box, "", caption, caption, 1, None, box, "", 99, 99,
        False, 0.9, (),
    )  # fmt: skip
    return [
        pair,
        CaptionText(source, pair_id, caption, "", "", (), (), caption, ()),
        ModalityLabel(source, pair_id, modality, "both", 0.95, "", 0.0, False, "", False),
        Verdict(source, pair_id, True, "", ""),
    ]


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., list[Qa]]:
    """Return the questions of some captions, each given with its modality."""

    def run(*shown: Shown, **settings: object) -> list[Qa]:
        context = MemoryContext(tmp_path)
        for number, (caption, modality) in enumerate(shown):
            context.add(rows_for(number, caption, modality))
        context.run(STAGE, VqaSettings(**settings))  # type: ignore[arg-type]
        return list(context.rows(Qa))

    return run


@pytest.fixture
def context(tmp_path: Path) -> MemoryContext:
    return MemoryContext(tmp_path)


def person(pair_id: str, sex: str = "", low: float | None = None) -> Demographics:
    return Demographics("book", pair_id, low, low, "", sex, "", sex, (), None, "", "caption")
