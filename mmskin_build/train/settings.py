"""What a user tunes about training; ``configs/train/*.yaml`` holds two ready recipes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from mmskin_build.config import load_config

TINY = "tiny"


class PromptStyle(StrEnum):
    """How a question is wrapped before the model sees it."""

    MISTRAL_INSTRUCT = "mistral_instruct"  # [INST] <image>\n... [/INST], as LLaVA-Med v1.5


class AdapterScope(StrEnum):
    """Which linear layers get a LoRA pair."""

    LANGUAGE = "language"  # every linear layer of the language model, as the paper
    LANGUAGE_AND_VISION = "language_and_vision"


@dataclass(frozen=True, slots=True)
class BaseSettings:
    """The model that is fine-tuned."""

    model: str = field(
        default=TINY,
        metadata={"help": "folder or hub id of a native LLaVA checkpoint; 'tiny' builds one"},
    )
    revision: str = field(default="", metadata={"help": "hub revision; '' takes the newest"})
    prompt: PromptStyle = field(
        default=PromptStyle.MISTRAL_INSTRUCT, metadata={"help": "prompt style"}
    )
    four_bit: bool = field(
        default=False, metadata={"help": "load the base in 4 bits (needs bitsandbytes and CUDA)"}
    )
    image_size: int = field(default=64, metadata={"help": "tiny only: input side in pixels"})
    patch_size: int = field(default=8, metadata={"help": "tiny only: patch side in pixels"})
    hidden_size: int = field(default=128, metadata={"help": "tiny only: width of both towers"})
    layers: int = field(default=2, metadata={"help": "tiny only: layers of both towers"})
    vocabulary: int = field(default=800, metadata={"help": "tiny only: most tokens to learn"})

    def __post_init__(self) -> None:
        """Refuse sizes no model can be built with."""
        for name in ("image_size", "patch_size", "hidden_size", "layers"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.image_size % self.patch_size:
            raise ValueError("image_size must be a multiple of patch_size")
        if self.hidden_size % 4:
            raise ValueError("hidden_size must be a multiple of 4 (there are 4 heads)")
        if self.vocabulary < 300:
            raise ValueError("vocabulary must be at least 300 (256 bytes and special tokens)")


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """The LoRA adapter and the modules trained whole beside it."""

    rank: int = field(default=128, metadata={"help": "rank of the LoRA matrices"})
    alpha: int = field(default=64, metadata={"help": "LoRA scale numerator (scale = alpha/rank)"})
    dropout: float = field(default=0.05, metadata={"help": "dropout before the LoRA matrices"})
    scope: AdapterScope = field(
        default=AdapterScope.LANGUAGE, metadata={"help": "where the LoRA pairs sit"}
    )
    train_whole: tuple[str, ...] = field(
        default=("multi_modal_projector",),
        metadata={"help": "modules trained in full and saved inside the adapter folder"},
    )

    def __post_init__(self) -> None:
        """Refuse an adapter that would learn nothing."""
        if self.rank < 1:
            raise ValueError("rank must be at least 1")
        if not 0 <= self.dropout < 1:
            raise ValueError("dropout must be in [0, 1)")


@dataclass(frozen=True, slots=True)
class OptimiserSettings:
    """Learning rates, schedule, batch and precision."""

    learning_rate: float = field(default=5e-5, metadata={"help": "peak rate of the LoRA pairs"})
    projector_learning_rate: float = field(
        default=2e-5, metadata={"help": "peak rate of the modules trained whole"}
    )
    schedule: str = field(default="cosine", metadata={"help": "a transformers scheduler name"})
    warmup_ratio: float = field(default=0.02, metadata={"help": "share of steps spent warming up"})
    weight_decay: float = field(default=0.01, metadata={"help": "AdamW weight decay"})
    epochs: float = field(default=1.0, metadata={"help": "passes over the training rows"})
    max_steps: int = field(default=0, metadata={"help": "stop after so many steps; 0: epochs rule"})
    batch_size: int = field(default=16, metadata={"help": "rows per device and step"})
    accumulation: int = field(default=1, metadata={"help": "batches summed before each update"})
    max_length: int = field(default=2048, metadata={"help": "longest row in tokens, with image"})
    bf16: bool = field(default=False, metadata={"help": "train in bfloat16"})
    tf32: bool = field(default=False, metadata={"help": "allow TF32 matrix products (CUDA)"})
    gradient_checkpointing: bool = field(
        default=False, metadata={"help": "recompute activations to save memory"}
    )
    group_by_length: bool = field(
        default=True, metadata={"help": "batch rows of similar length together"}
    )
    loader_workers: int = field(default=0, metadata={"help": "processes that prepare batches"})
    cached_images_mb: int = field(
        default=256, metadata={"help": "MiB of prepared images kept in memory per process"}
    )
    save_steps: int = field(default=100, metadata={"help": "steps between checkpoints; 0: none"})
    keep_checkpoints: int = field(default=3, metadata={"help": "checkpoints kept on disk"})
    validate_steps: int = field(
        default=0, metadata={"help": "steps between validation losses; 0: only at the end"}
    )
    seed: int = field(default=42, metadata={"help": "seed of initial weights and row order"})

    def __post_init__(self) -> None:
        """Refuse values the trainer would only stumble over later."""
        for name in ("learning_rate", "projector_learning_rate", "epochs"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0")
        for name in ("batch_size", "accumulation", "max_length", "keep_checkpoints"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        for name in ("max_steps", "save_steps", "validate_steps", "loader_workers"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be 0 or more")
        if not 0 <= self.warmup_ratio < 1:
            raise ValueError("warmup_ratio must be in [0, 1)")


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """A whole training recipe."""

    base: BaseSettings = field(default_factory=BaseSettings)
    adapter: AdapterSettings = field(default_factory=AdapterSettings)
    optimiser: OptimiserSettings = field(default_factory=OptimiserSettings)

    def as_dict(self) -> dict[str, Any]:
        """Return plain nested values, for the run card."""
        return {
            section: {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
            for section, values in dataclasses.asdict(self).items()
        }


SECTIONS: dict[str, type] = {
    "base": BaseSettings,
    "adapter": AdapterSettings,
    "optimiser": OptimiserSettings,
}


def load_train_settings(path: Path) -> TrainSettings:
    """Read a recipe.

    Raises:
        ConfigError: unreadable file, unknown section or key, value that cannot be right.
    """
    return TrainSettings(**load_config(path, SECTIONS))
