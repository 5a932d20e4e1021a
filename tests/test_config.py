from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from mmskin_build.config import RunnerSettings, load_config
from mmskin_build.errors import ConfigError


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class KindSettings:
    colour: Colour = Colour.RED


SECTIONS = {"runner": RunnerSettings, "kind": KindSettings}


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_without_a_file() -> None:
    assert load_config(None, SECTIONS)["runner"] == RunnerSettings()


def test_values_reach_their_section(tmp_path: Path) -> None:
    config = load_config(write(tmp_path / "c.yaml", "runner:\n  workers: 3\n"), SECTIONS)
    assert config["runner"].workers == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("runnr:\n  workers: 3\n", "did you mean 'runner'"),
        ("runner:\n  wrokers: 3\n", "did you mean 'workers'"),
        (
            "runner:\n  workers: many\n",
            "workers: .many. is text, not a whole number; the default is .workers: 0.",
        ),
        ("runner:\n  workers: true\n", "not a whole number"),
        ("runner:\n  workers: -1\n", "0 .one per core. or more"),
        ("5:\n  workers: 3\n", "unknown section 5"),
        ("runner:\n  page_timeout_s: .nan\n", "page_timeout_s must be above 0"),
        ("kind:\n  colour: gren\n", "colour: 'gren' is not one of red, green"),
        ("runner: 0\n", "expected 'key: value' lines"),
        ("runner: 7\n", "expected 'key: value' lines"),
        ("- a\n- b\n", "expected sections"),
        ("runner: [\n", "not readable as YAML"),
    ],
)
def test_a_bad_config_is_an_error_that_names_the_fix(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(write(tmp_path / "c.yaml", text), SECTIONS)


def test_a_missing_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such config file"):
        load_config(tmp_path / "none.yaml", SECTIONS)
