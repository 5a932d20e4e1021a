from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mmskin_build.train.examples import Example, Turn
from mmskin_build.train.settings import AdapterScope, AdapterSettings, BaseSettings

pytest.importorskip("peft")
import torch

from mmskin_build.train.adapter import add_adapter
from mmskin_build.train.base import load_base
from mmskin_build.train.merge import probe_pixels
from mmskin_build.train.tiny import build_tiny

SMALL = BaseSettings(image_size=32, patch_size=16, hidden_size=32, layers=1, vocabulary=320)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("base")
    build_tiny([Example("e", "", (Turn("What is it?", "A mark."),))] * 3, SMALL, 1, path)
    return path


def learning(folder: Path, dtype: str = "float32", **settings: Any) -> dict[str, Any]:
    model = load_base(str(folder), SMALL, dtype).model
    adapted = add_adapter(model, AdapterSettings(rank=2, alpha=2, **settings))
    return {name: p for name, p in adapted.named_parameters() if p.requires_grad}


def test_the_papers_adapter_leaves_tower_head_and_words_alone(folder: Path) -> None:
    names = learning(folder)
    assert any("q_proj.lora_A" in n for n in names) and any("down_proj.lora_B" in n for n in names)
    assert any("multi_modal_projector" in n and "linear_2.weight" in n for n in names)
    assert not any(part in n for n in names for part in ("vision_tower", "lm_head", "embed"))
    assert not any("lora" in n for n in names if "multi_modal_projector" in n)


def test_the_wider_adapter_reaches_the_vision_tower(folder: Path) -> None:
    names = learning(folder, scope=AdapterScope.LANGUAGE_AND_VISION)
    assert any("vision_tower" in n and "lora_A" in n for n in names)
    assert any("language_model" in n and "lora_A" in n for n in names)


def test_what_learns_stays_in_full_precision_on_a_bfloat16_base(folder: Path) -> None:
    found = learning(folder, "bfloat16")
    assert found and all(p.dtype == torch.float32 for p in found.values())


def test_a_bfloat16_base_trains_under_autocast(folder: Path) -> None:
    base = load_base(str(folder), SMALL, "bfloat16")
    model = add_adapter(base.model, AdapterSettings(rank=2, alpha=2, dropout=0.0))
    image = base.model.config.image_token_id
    ids = torch.tensor([[1, *[image] * base.image_tokens, 20, 21, 22]])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        pixels = probe_pixels(base.image_processor)
        loss = model(input_ids=ids, pixel_values=pixels, labels=ids).loss
    loss.backward()
    projector = [p for n, p in model.named_parameters() if "linear_1" in n and p.requires_grad]
    assert all(p.grad is not None and float(p.grad.abs().max()) > 0 for p in projector)
