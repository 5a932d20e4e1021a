"""Fine-tuned classification: the model itself learns to answer with the class name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from mmskin_build.evaluate.zero_shot import class_question
from mmskin_build.train.adapter import add_adapter
from mmskin_build.train.base import LoadedBase
from mmskin_build.train.batches import Collator, RowDataset
from mmskin_build.train.examples import Example, Turn
from mmskin_build.train.images import ImageTransform
from mmskin_build.train.prompt import PromptBuilder
from mmskin_build.train.settings import TrainSettings
from mmskin_build.train.trainer import TrainerParts, make_trainer


def class_examples(
    images: Sequence[str], labels: Sequence[str], classes: Sequence[str]
) -> list[Example]:
    """Return one conversation per picture: the zero-shot question, answered by its class."""
    question = class_question(classes)
    return [
        Example(f"class{number}", image, (Turn(question, label),))
        for number, (image, label) in enumerate(zip(images, labels, strict=True))
    ]


def finetune(
    base: LoadedBase,
    tools: tuple[PromptBuilder, ImageTransform],
    examples: Sequence[Example],
    recipe: tuple[TrainSettings, Path],
    report: Callable[[int, int], None],
) -> LoadedBase:
    """Train a LoRA adapter on the examples and return the base with it merged in.

    The model of ``base`` is changed in place: a copy of a large one would not fit.
    """
    import torch
    from transformers import set_seed

    prompts, transform = tools
    settings, folder = recipe
    # The base is loaded in bfloat16 on a GPU, and in float32 elsewhere.
    optimiser = replace(settings.optimiser, bf16=torch.cuda.is_available())
    set_seed(optimiser.seed)
    dtype = base.model.dtype
    parts = TrainerParts(
        model=add_adapter(base.model, settings.adapter),
        collator=Collator(int(base.tokenizer.pad_token_id), transform),
        train=RowDataset([prompts.row(example) for example in examples]),
        validation=None,
    )
    trainer = make_trainer(parts, optimiser, folder, lambda step, steps, _: report(step, steps))
    trainer.train()
    if optimiser.gradient_checkpointing:
        parts.model.disable_input_require_grads()
        parts.model.gradient_checkpointing_disable()
    merged = parts.model.merge_and_unload().to(dtype)
    return LoadedBase(merged, base.tokenizer, base.image_processor, base.revision)
