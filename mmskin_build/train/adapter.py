"""The LoRA adapter: which layers it touches, and the folder that holds all that was learnt."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from mmskin_build.train.settings import AdapterScope, AdapterSettings

_TOWERS = {
    AdapterScope.LANGUAGE: ("language_model",),
    AdapterScope.LANGUAGE_AND_VISION: ("language_model", "vision_tower"),
}


def add_adapter(model: Any, settings: AdapterSettings) -> Any:
    """Return the model with fresh LoRA pairs; only they and ``train_whole`` learn."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        bias="none",
        target_modules=target_pattern(model, settings),
        modules_to_save=list(settings.train_whole),
        task_type="CAUSAL_LM",
    )
    adapted = get_peft_model(model, config)
    for parameter in adapted.parameters():
        # A step of 2e-5 vanishes in bfloat16 weights; what learns is kept in full precision.
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return adapted


def target_pattern(model: Any, settings: AdapterSettings) -> str:
    """Return a pattern over full module names: linear layers of the towers in scope."""
    from torch.nn import Linear

    leaves: dict[str, set[str]] = {}
    for name, module in model.named_modules():
        tower = next((t for t in _TOWERS[settings.scope] if f".{t}." in f".{name}"), None)
        whole = any(f".{w}." in f".{name}." for w in settings.train_whole)
        if tower and not whole and isinstance(module, Linear):
            leaves.setdefault(tower, set()).add(name.rsplit(".", 1)[-1])
    parts = [
        rf"(?:.*\.)?{tower}\..*\b(?:{'|'.join(sorted(names))})"
        for tower, names in sorted(leaves.items())
    ]
    return "|".join(parts)


def load_adapter(model: Any, folder: Path) -> Any:
    """Return the base model with a trained adapter folder on top, for inference."""
    from peft import PeftModel

    return PeftModel.from_pretrained(model, str(folder))


def write_base_reference(folder: Path, base: str) -> None:
    """Name the base in ``adapter_config.json``: a hub id, or a path relative to the adapter."""
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    local = Path(base)
    config["base_model_name_or_path"] = os.path.relpath(local, folder) if local.is_dir() else base
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
