from __future__ import annotations

from pathlib import Path

import pytest
from repository import ROOT

from mmskin_build.errors import ConfigError
from mmskin_build.train.settings import (
    TINY,
    AdapterScope,
    BaseSettings,
    OptimiserSettings,
    load_train_settings,
)

RECIPES = ROOT / "configs" / "train"


def test_the_papers_recipe_has_the_papers_numbers() -> None:
    recipe = load_train_settings(RECIPES / "skinvl.yaml")
    adapter, optimiser = recipe.adapter, recipe.optimiser
    assert (adapter.rank, adapter.alpha, adapter.dropout) == (128, 64, 0.05)
    assert adapter.scope is AdapterScope.LANGUAGE
    assert (optimiser.learning_rate, optimiser.projector_learning_rate) == (5e-5, 2e-5)
    assert (optimiser.schedule, optimiser.warmup_ratio, optimiser.epochs) == ("cosine", 0.02, 1)
    assert (optimiser.batch_size, optimiser.max_length, optimiser.bf16) == (16, 2048, True)


def test_the_default_recipe_builds_its_own_base() -> None:
    assert load_train_settings(RECIPES / "tiny.yaml").base.model == TINY


def test_a_misspelt_key_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("optimiser:\n  learning_rat: 0.1\n")
    with pytest.raises(ConfigError, match="did you mean 'learning_rate'"):
        load_train_settings(path)


@pytest.mark.parametrize("values", [{"batch_size": 0}, {"learning_rate": 0.0}, {"max_steps": -1}])
def test_values_that_cannot_work_are_refused_by_name(values: dict[str, float]) -> None:
    (name,) = values
    with pytest.raises(ValueError, match=name):
        OptimiserSettings(**values)  # type: ignore[arg-type]


def test_a_picture_must_be_cut_into_whole_patches() -> None:
    with pytest.raises(ValueError, match="multiple of patch_size"):
        BaseSettings(image_size=60, patch_size=16)
