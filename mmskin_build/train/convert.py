"""Original LLaVA and LLaVA-Med checkpoints into the native layout, with a proof of parity.

The original layout keeps the projector inside the language model (``model.mm_projector.0``)
and the vision tower beside it or in a folder of its own; a LoRA run of the original code leaves
the projector in ``non_lora_trainables.bin``. The native layout is one LLaVA checkpoint that
transformers loads by itself.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmskin_build.errors import ConfigError, StageError
from mmskin_build.train.base import LoadedBase, load_base, require_train_extra, save_base
from mmskin_build.train.examples import IMAGE_MARK
from mmskin_build.train.merge import TOLERANCE, largest_difference, probe_pixels
from mmskin_build.train.settings import BaseSettings

_PROJECTOR = {"0": "linear_1", "2": "linear_2"}
_VISION = re.compile(r"^model\.vision_tower\.(?:vision_tower\.)?(?:vision_model\.)?(.+)$")
_ROUND_TO = 64  # rows of the embedding table are padded to a multiple of this
_PROBE_START, _PROBE_IDS = 20, 12  # past the special tokens


@dataclass(frozen=True, slots=True)
class Original:
    """An original checkpoint: weights by their original names, and its config."""

    weights: dict[str, Any]
    config: dict[str, Any]


def convert_base(folder: Path, output: Path, vision_tower: str = "") -> float:
    """Write a native checkpoint from an original one; return the largest logit difference.

    Args:
        folder: the original checkpoint (``config.json``, weights in one file or in shards,
            tokenizer, optionally ``non_lora_trainables.bin``).
        output: folder to write.
        vision_tower: folder or hub id of the CLIP tower; '' takes ``mm_vision_tower``.

    Raises:
        ConfigError: not an original LLaVA checkpoint, or a part of it is missing.
        StageError: the converted model computes other logits.
    """
    require_train_extra()
    original = read_original(folder)
    tower = vision_tower or str(original.config.get("mm_vision_tower", ""))
    clip, processor = _load_tower(tower)
    _take_tower_weights(original, clip)
    tokenizer = _tokenizer(folder)
    expected = reference_logits(original, clip, probe_pixels(processor))
    native = LoadedBase(_native(original, clip, tokenizer), tokenizer, processor, "")
    save_base(native, output)
    del native, original  # of a 7B model each is 28 GB
    again = load_base(str(output), BaseSettings())
    difference = largest_difference(expected, _native_logits(again, expected.shape[-1]))
    if difference > TOLERANCE:
        shutil.rmtree(output)
        raise StageError(
            f"converting {folder}: a logit differs by {difference:.2g}, more than {TOLERANCE}; "
            "nothing was kept"
        )
    return difference


def read_original(folder: Path) -> Original:
    """Read config and weights; the tuned projector wins over the one in the shards.

    Raises:
        ConfigError: no original LLaVA checkpoint with a two-layer projector.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder}: no readable config.json ({error})") from None
    weights = dict(_weights(folder))
    tuned = folder / "non_lora_trainables.bin"
    if tuned.is_file():
        for name, tensor in _load(tuned).items():
            weights[re.sub(r"^(?:base_model\.model\.)", "", name)] = tensor
    if config.get("mm_projector_type", "linear") != "mlp2x_gelu":
        raise ConfigError(f"{folder}: only mm_projector_type mlp2x_gelu has a native counterpart")
    missing = [n for n in ("0", "2") if f"model.mm_projector.{n}.weight" not in weights]
    if missing or "model.embed_tokens.weight" not in weights:
        raise ConfigError(f"{folder}: not an original LLaVA checkpoint (no projector weights)")
    return Original({name: tensor.float() for name, tensor in weights.items()}, config)


def _weights(folder: Path) -> Iterator[tuple[str, Any]]:
    files = sorted(folder.glob("model*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))
    indices = [*folder.glob("*.safetensors.index.json"), *folder.glob("*.bin.index.json")]
    if not files:
        raise ConfigError(f"{folder}: no model*.safetensors and no pytorch_model*.bin")
    for index in indices:
        shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        if gone := sorted(name for name in shards if not (folder / name).is_file()):
            raise ConfigError(f"{folder}: shards missing: {', '.join(gone)}")
    for file in files:
        yield from _load(file).items()


def _load(file: Path) -> dict[str, Any]:
    import torch
    from safetensors.torch import load_file

    if file.suffix == ".safetensors":
        return dict(load_file(file))
    return dict(torch.load(file, map_location="cpu", weights_only=True))


def _load_tower(source: str) -> tuple[Any, Any]:
    from transformers import CLIPImageProcessorPil, CLIPVisionModel

    try:
        tower = CLIPVisionModel.from_pretrained(source, dtype="float32").eval()
        return tower, CLIPImageProcessorPil.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"vision tower {source!r} could not be loaded: {error}; name its folder "
            "with --vision-tower"
        ) from None


def _take_tower_weights(original: Original, clip: Any) -> None:
    """Copy the tower's weights out of the checkpoint where it carries them."""
    known = {_tail(name): name for name in clip.state_dict()}
    carried = {}
    for name, tensor in original.weights.items():
        found = _VISION.match(name)
        if found and found[1] in known:
            carried[known[found[1]]] = tensor
    if carried:
        clip.load_state_dict({**clip.state_dict(), **carried})


def _tail(name: str) -> str:
    return name.removeprefix("vision_model.")


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    added = {"additional_special_tokens": [IMAGE_MARK]}
    if tokenizer.pad_token is None:
        added["pad_token"] = "<pad>"  # type: ignore[assignment]
    tokenizer.add_special_tokens(added)
    return tokenizer


def _text_config(config: dict[str, Any]) -> Any:
    from transformers import LlamaConfig, MistralConfig

    kind = MistralConfig if "mistral" in config.get("model_type", "") else LlamaConfig
    own = {k: v for k, v in config.items() if not k.startswith("mm_")}
    for name in ("model_type", "architectures", "auto_map", "transformers_version", "dtype"):
        own.pop(name, None)
    own.pop("torch_dtype", None)
    return kind(**own)


def _language_weights(original: Original) -> dict[str, Any]:
    """Return the weights of the plain language model, under its own names."""
    apart = ("model.mm_projector.", "model.vision_tower.")
    return {n: t for n, t in original.weights.items() if not n.startswith(apart)}


def _native(original: Original, clip: Any, tokenizer: Any) -> Any:
    from transformers import LlavaConfig, LlavaForConditionalGeneration

    config = LlavaConfig(
        vision_config=clip.config,
        text_config=_text_config(original.config),
        image_token_index=tokenizer.convert_tokens_to_ids(IMAGE_MARK),
        image_seq_length=(clip.config.image_size // clip.config.patch_size) ** 2,
        vision_feature_layer=original.config.get("mm_vision_select_layer", -2),
        vision_feature_select_strategy=(
            "full" if original.config.get("mm_vision_select_feature") == "cls_patch" else "default"
        ),
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlavaForConditionalGeneration(config).eval()
    weights = {
        f"model.language_model.{name.removeprefix('model.')}" if "lm_head" not in name else name: t
        for name, t in _language_weights(original).items()
    }
    for number, layer in _PROJECTOR.items():
        for part in ("weight", "bias"):
            source = original.weights[f"model.mm_projector.{number}.{part}"]
            weights[f"model.multi_modal_projector.{layer}.{part}"] = source
    weights |= {f"model.vision_tower.{n}": t for n, t in clip.state_dict().items()}
    left = model.load_state_dict(_known(weights, model), strict=False)
    if gone := [n for n in left.missing_keys if "rotary" not in n and "position_ids" not in n]:
        raise ConfigError(f"the checkpoint lacks weights: {', '.join(gone[:5])}")
    rows = -(-len(tokenizer) // _ROUND_TO) * _ROUND_TO
    _grow_vocabulary(model, max(rows, config.text_config.vocab_size))
    return model


def _grow_vocabulary(model: Any, rows: int) -> None:
    """Add embedding rows for the new tokens, each the mean of the old ones."""
    old = model.config.text_config.vocab_size
    model.resize_token_embeddings(rows, mean_resizing=False)
    for table in (model.get_input_embeddings(), model.get_output_embeddings()):
        table.weight.data[old:] = table.weight.data[:old].mean(dim=0)


def _known(weights: dict[str, Any], model: Any) -> dict[str, Any]:
    names = set(model.state_dict())
    return {n: t for n, t in weights.items() if n in names}


def reference_logits(original: Original, clip: Any, pixels: Any) -> Any:
    """Return logits computed from the original parts, the way the original code joins them."""
    import torch
    from torch.nn.functional import gelu, linear
    from transformers import AutoModelForCausalLM

    language = AutoModelForCausalLM.from_config(_text_config(original.config)).eval()
    language.load_state_dict(_known(_language_weights(original), language), strict=False)
    weights = original.weights
    with torch.inference_mode():
        layer = original.config.get("mm_vision_select_layer", -2)
        states = clip(pixels, output_hidden_states=True).hidden_states[layer]
        if original.config.get("mm_vision_select_feature") != "cls_patch":
            states = states[:, 1:]
        for number in _PROJECTOR:
            name = f"model.mm_projector.{number}"
            states = gelu(states) if number != "0" else states
            states = linear(states, weights[f"{name}.weight"], weights[f"{name}.bias"])
        words = language.get_input_embeddings()(torch.tensor([_probe_ids()]))
        joined = torch.cat([words[:, :1], states, words[:, 1:]], dim=1)
        return language(inputs_embeds=joined).logits


def _native_logits(base: LoadedBase, vocabulary: int) -> Any:
    import torch

    words = _probe_ids()
    image = [int(base.model.config.image_token_id)] * base.image_tokens
    with torch.inference_mode():
        logits = base.model.eval()(
            input_ids=torch.tensor([[words[0], *image, *words[1:]]]),
            pixel_values=probe_pixels(base.image_processor),
        ).logits
    return logits[..., :vocabulary]


def _probe_ids() -> list[int]:
    return list(range(_PROBE_START, _PROBE_START + _PROBE_IDS))
