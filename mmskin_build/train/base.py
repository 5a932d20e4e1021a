"""Load a LLaVA-family base: model, tokenizer and image processor, from a folder or by hub id."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmskin_build.errors import ConfigError, MissingDependencyError
from mmskin_build.train.settings import BaseSettings

_SMALL_MODEL = 20_000_000  # parameters; below this, threads cost more than they bring
_EXTRA = ("torch", "transformers", "peft", "accelerate", "tokenizers", "safetensors")


@dataclass(frozen=True, slots=True)
class LoadedBase:
    """A base model ready to be adapted or asked."""

    model: Any
    tokenizer: Any
    image_processor: Any
    revision: str

    @property
    def image_tokens(self) -> int:
        """Return how many tokens one picture takes."""
        config = self.model.config
        patches = (config.vision_config.image_size // config.vision_config.patch_size) ** 2
        return int(patches + (config.vision_feature_select_strategy == "full"))


def require_train_extra(*more: str) -> None:
    """Raise MissingDependencyError unless the packages of the train extra are there."""
    missing = [name for name in (*_EXTRA, *more) if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingDependencyError(
            f"training and evaluation need {', '.join(missing)}: "
            "run `make setup-train` or `pip install -e '.[train]'`"
        )


def process_group() -> Any:
    """Return accelerate's view of the processes started together (torchrun, accelerate)."""
    import torch
    from accelerate import PartialState

    # Without being told, accelerate takes several CPU processes for strangers.
    return PartialState(cpu=not torch.cuda.is_available())


def load_base(source: str, settings: BaseSettings, dtype: str = "float32") -> LoadedBase:
    """Load the base from ``source`` (a folder or a hub id).

    Raises:
        ConfigError: nothing there that could be read as a native LLaVA checkpoint.
    """
    import torch
    from transformers import AutoTokenizer, LlavaForConditionalGeneration

    revision = {"revision": settings.revision} if settings.revision else {}
    try:
        model = LlavaForConditionalGeneration.from_pretrained(
            source, dtype=dtype, **revision, **_quantisation(settings)
        )
        tokenizer = AutoTokenizer.from_pretrained(source, **revision)
        processor = _image_processor(source, revision)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            f"base model {source!r} could not be loaded: {error}. Give a folder or hub id of a "
            "native LLaVA checkpoint; `python -m stages convert-base` makes one from the "
            "original LLaVA-Med layout"
        ) from None
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.unk_token or tokenizer.eos_token
    if model.num_parameters() < _SMALL_MODEL:
        torch.set_num_threads(1)
    commit = str(getattr(model.config, "_commit_hash", None) or settings.revision)
    return LoadedBase(model, tokenizer, processor, commit)


def save_base(base: LoadedBase, folder: Path) -> None:
    """Write model, tokenizer and image processor as one native checkpoint."""
    base.model.save_pretrained(folder)
    base.tokenizer.save_pretrained(folder)
    base.image_processor.save_pretrained(folder)


def _image_processor(source: str, revision: dict[str, str]) -> Any:
    # By class name: "auto" picks a torchvision processor where that is installed, whose
    # resampling differs from the one the towers were trained with.
    from transformers import CLIPImageProcessorPil

    return CLIPImageProcessorPil.from_pretrained(source, **revision)


def _quantisation(settings: BaseSettings) -> dict[str, Any]:
    if not settings.four_bit:
        return {}
    if importlib.util.find_spec("bitsandbytes") is None:
        raise MissingDependencyError(
            "four_bit needs bitsandbytes: run `pip install bitsandbytes` or set four_bit: false"
        )
    import torch
    from transformers import BitsAndBytesConfig

    return {
        "quantization_config": BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_compute_dtype=torch.bfloat16,
            llm_int8_skip_modules=["lm_head", "multi_modal_projector", "vision_tower"],
        )
    }
