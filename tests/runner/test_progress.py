from __future__ import annotations

import io

from rich.console import Console

from mmskin_build.runner.progress import BarProgress, PlainProgress


def test_a_lost_source_does_not_keep_later_stages_from_being_complete() -> None:
    text = io.StringIO()
    progress = PlainProgress(Console(file=text, width=40))
    for stage in ("extract", "ocr"):
        progress.begin(stage, 2)
    progress.advance("extract", "a", fresh=False)
    progress.advance("ocr", "a", fresh=False)
    progress.advance("extract", "b", fresh=False)
    progress.lose("ocr", "b")
    assert text.getvalue().splitlines() == ["extract: 2 made, 0 fresh", "ocr: 1 made, 0 fresh"]


def test_bars_show_odd_names_as_they_are() -> None:
    text = io.StringIO()
    progress = BarProgress(Console(file=text, width=80, force_terminal=True))
    progress.begin("extract", 2)
    progress.page("extract", "odd [/name]", 3)
    progress._bars.refresh()
    assert "odd [/name] page 3" in text.getvalue()
    progress.advance("extract", "a", fresh=False)
    progress.lose("extract", "b")
    progress.close()
    assert "1/1" in text.getvalue()
