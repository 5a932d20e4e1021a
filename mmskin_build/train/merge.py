"""Fold an adapter into its base, and prove that the merged model answers alike."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from mmskin_build.errors import StageError
from mmskin_build.train.adapter import load_adapter
from mmskin_build.train.base import LoadedBase, load_base, require_train_extra, save_base
from mmskin_build.train.images import pad_to_square
from mmskin_build.train.prompt import PromptBuilder
from mmskin_build.train.run_card import FILE_NAME as RUN_CARD
from mmskin_build.train.run_card import RunCard
from mmskin_build.train.settings import BaseSettings, PromptStyle
from mmskin_build.train.trained_on import FILE_NAME as TRAINED_ON

TOLERANCE = 1e-4  # largest allowed difference of any logit, in float32
_PROBE = "What does this picture show?"
_PROBE_SIZE = (90, 60)


def merge_adapter(run: Path, output: Path) -> float:
    """Write the run's model as one plain checkpoint; return the largest logit difference.

    Raises:
        ConfigError: the folder holds no finished run.
        StageError: merged and unmerged logits differ by more than the tolerance.
    """
    require_train_extra()
    card = RunCard.load(run)
    settings = BaseSettings(revision=card.base_revision)
    base = load_base(card.base_path(run), settings)
    adapted = load_adapter(base.model, run / "adapter").eval()
    before = probe_logits(adapted, base, PromptStyle(card.prompt))
    merged = LoadedBase(
        adapted.merge_and_unload(), base.tokenizer, base.image_processor, base.revision
    )
    save_base(merged, output)
    again = load_base(str(output), BaseSettings())
    difference = largest_difference(
        before, probe_logits(again.model.eval(), again, PromptStyle(card.prompt))
    )
    if difference > TOLERANCE:
        shutil.rmtree(output)
        raise StageError(
            f"merging {run}: a logit changed by {difference:.2g}, more than {TOLERANCE}; "
            "nothing was kept. Is the base the one the adapter was trained on?"
        )
    for name in (RUN_CARD, TRAINED_ON, "README.md"):
        shutil.copyfile(run / name, output / name)
    return difference


def probe_logits(model: Any, base: LoadedBase, style: PromptStyle) -> Any:
    """Return the logits of a fixed question about a fixed picture."""
    import torch

    ids = PromptBuilder(base.tokenizer, base.image_tokens, style).prefix(_PROBE)
    with torch.inference_mode():
        return model(
            input_ids=torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.long),
            pixel_values=probe_pixels(base.image_processor),
        ).logits.float()


def probe_pixels(processor: Any) -> Any:
    """Return a fixed colour gradient as the model's image input."""
    from PIL import Image

    red = Image.linear_gradient("L").resize(_PROBE_SIZE)
    green = red.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    blue = Image.radial_gradient("L").resize(_PROBE_SIZE)
    square = pad_to_square(Image.merge("RGB", (red, green, blue)), (0, 0, 0))
    return processor(images=square, return_tensors="pt")["pixel_values"]


def largest_difference(left: Any, right: Any) -> float:
    """Return the largest absolute difference between two logit tensors."""
    return float((left - right).abs().max())
