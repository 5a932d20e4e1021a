"""recipe.yaml tells how a release was made, and nothing that is the maker's own business."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from mmskin_build.config import load_config, settings_of
from mmskin_build.errors import ConfigError
from mmskin_build.export.recipe import read_recipe, write_recipe
from mmskin_build.stage import Recipe
from stages.sections import SECTIONS


def test_settings_come_back_from_a_recipe_without_secrets(tmp_path: Path) -> None:
    given = load_config(None, SECTIONS)
    given["extract"] = dataclasses.replace(given["extract"], passwords=("opensesame",))
    given["llm"] = dataclasses.replace(given["llm"], base_url="http://our-own-server/v1")
    given["split"] = dataclasses.replace(given["split"], salt="other")
    path = write_recipe(tmp_path, Recipe(given, {"extract": 3}), [])
    text = path.read_text(encoding="utf-8")
    assert "opensesame" not in text and "our-own-server" not in text and "runner" not in text
    recipe = read_recipe(path)
    found = settings_of(recipe.settings, path, SECTIONS)
    assert found == {**load_config(None, SECTIONS), "split": given["split"]}
    assert recipe.stages == {"extract": 3}
    assert {"mmskin-build", "code", "pymupdf", "tesseract"} <= set(recipe.software)


def test_settings_of_another_version_are_named(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("settings:\n  extract:\n    invented: 1\n")
    with pytest.raises(ConfigError, match=r"recipe.yaml.*'invented'"):
        settings_of(read_recipe(path).settings, path, SECTIONS)
    path.write_text("- no recipe\n")
    with pytest.raises(ConfigError, match="not a recipe"):
        read_recipe(path)
