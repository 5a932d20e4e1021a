"""A tiny checkpoint written in the original layout, and what the converter makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mmskin_build.errors import ConfigError
from mmskin_build.train.examples import Example, Turn
from mmskin_build.train.settings import BaseSettings

pytest.importorskip("peft")
import torch
import transformers

from mmskin_build.train.base import load_base
from mmskin_build.train.convert import convert_base
from mmskin_build.train.merge import TOLERANCE
from mmskin_build.train.prompt import PromptBuilder
from mmskin_build.train.tiny import train_tokenizer

WIDTH, SEEING = 32, 24


def tower(folder: Path) -> Any:
    torch.manual_seed(1)
    config = transformers.CLIPVisionConfig(
        hidden_size=SEEING,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=28,
        patch_size=14,
    )
    model = transformers.CLIPVisionModel(config)
    model.save_pretrained(folder)
    transformers.CLIPImageProcessorPil(
        size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28}
    ).save_pretrained(folder)
    return model


def original(folder: Path, tower_inside: bool = False) -> Path:
    """Write llava_mistral weights in two shards, named as the original code names them."""
    source = folder / "original"
    clip = tower(folder / "clip")
    torch.manual_seed(2)
    tokenizer = train_tokenizer([Example("e", "", (Turn("What is it?", "A mark."),))] * 3, 300)
    fields = {
        "hidden_size": WIDTH,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": 128,
        "tie_word_embeddings": False,
    }
    language = transformers.MistralForCausalLM(transformers.MistralConfig(**fields))
    weights = dict(language.state_dict())
    for number, wide in (("0", SEEING), ("2", WIDTH)):
        weights[f"model.mm_projector.{number}.weight"] = torch.randn(WIDTH, wide) * 0.3
        weights[f"model.mm_projector.{number}.bias"] = torch.randn(WIDTH) * 0.3
    if tower_inside:
        for name, tensor in clip.state_dict().items():
            inside = f"model.vision_tower.vision_tower.vision_model.{name}"
            weights[inside] = tensor * 1.05  # the checkpoint's own tower, not CLIP's
    source.mkdir()
    names = sorted(weights)
    shards = {"pytorch_model-00001-of-00002.bin": names[::2]}
    shards["pytorch_model-00002-of-00002.bin"] = names[1::2]
    for file, part in shards.items():
        torch.save({name: weights[name] for name in part}, source / file)
    index = {"weight_map": {name: file for file, part in shards.items() for name in part}}
    (source / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    extra = {
        "model_type": "llava_mistral",
        "mm_projector_type": "mlp2x_gelu",
        "mm_vision_select_layer": -2,
        "mm_vision_select_feature": "patch",
        "mm_vision_tower": str(folder / "clip"),
        "tune_mm_mlp_adapter": False,
        "image_aspect_ratio": "pad",
        "tokenizer_padding_side": "right",
        "architectures": ["LlavaMistralForCausalLM"],
        "torch_dtype": "bfloat16",
    }
    (source / "config.json").write_text(json.dumps({**fields, **extra}))
    tokenizer.save_pretrained(source)
    for file in source.glob("tokenizer*.json"):  # the original knows no <image> token
        file.write_text(file.read_text().replace("<image>", "<extra>"))
    return source


@pytest.mark.parametrize("tower_inside", [False, True])
def test_the_converted_model_computes_the_same_logits(tmp_path: Path, tower_inside: bool) -> None:
    source = original(tmp_path, tower_inside)
    assert convert_base(source, tmp_path / "native") < TOLERANCE
    base = load_base(str(tmp_path / "native"), BaseSettings())
    prompts = PromptBuilder(base.tokenizer, base.image_tokens, BaseSettings().prompt)
    image = base.model.config.image_token_id
    assert image == base.tokenizer.convert_tokens_to_ids("<image>")
    assert image == json.loads((source / "config.json").read_text())["vocab_size"]  # a new token
    assert prompts.prefix("What is it?").count(image) == 4


def test_the_tuned_projector_wins_over_the_one_in_the_shards(tmp_path: Path) -> None:
    source = original(tmp_path)
    tuned = torch.full((WIDTH,), 0.25)
    name = "base_model.model.model.mm_projector.2.bias"
    torch.save({name: tuned}, source / "non_lora_trainables.bin")
    convert_base(source, tmp_path / "native")
    base = load_base(str(tmp_path / "native"), BaseSettings())
    assert torch.equal(base.model.model.multi_modal_projector.linear_2.bias, tuned)


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    source = original(tmp_path)
    (source / "pytorch_model-00002-of-00002.bin").unlink()
    with pytest.raises(ConfigError, match=r"shards missing: pytorch_model-00002-of-00002\.bin"):
        convert_base(source, tmp_path / "native")


def test_folders_that_are_no_original_checkpoint_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no readable config\.json"):
        convert_base(tmp_path, tmp_path / "native")
    source = original(tmp_path)
    with pytest.raises(ConfigError, match="--vision-tower"):
        convert_base(source, tmp_path / "native", str(tmp_path / "nowhere"))
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps({**config, "mm_projector_type": "linear"}))
    with pytest.raises(ConfigError, match="mlp2x_gelu"):
        convert_base(source, tmp_path / "native")
    assert not (tmp_path / "native").exists()
