from __future__ import annotations

from pathlib import Path

import pytest

from mmskin_build.errors import ConfigError
from stages import ORDER, PIPELINE
from stages.session import settings_of


def test_the_passwords_of_extract_serve_every_stage_that_opens_documents(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("extract:\n  passwords: [a, b]\nocr:\n  passwords: [c]\n", encoding="utf-8")
    settings = settings_of(config)
    assert settings["align"].passwords == ("a", "b")
    assert settings["ocr"].passwords == ("c",)


def test_every_stage_finds_its_settings() -> None:
    settings = settings_of(None)
    assert [s.name for s in PIPELINE] == list(ORDER)
    assert [s.section for s in PIPELINE if s.section and s.section not in settings] == []


def test_a_section_that_no_stage_has_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("aling:\n  min_score: 0.5\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="did you mean 'align'"):
        settings_of(config)
