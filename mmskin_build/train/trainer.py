"""The transformers Trainer, set up for LLaVA rows: two learning rates, progress, checkpoints."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmskin_build.train.base import process_group
from mmskin_build.train.batches import Collator, RowDataset
from mmskin_build.train.loss_curve import LossPoint
from mmskin_build.train.settings import OptimiserSettings

Report = Callable[[int, int, float], None]  # step, steps in all, loss


@dataclass(frozen=True, slots=True)
class TrainerParts:
    """What the trainer works on."""

    model: Any
    collator: Collator
    train: RowDataset
    validation: RowDataset | None


def make_trainer(
    parts: TrainerParts, settings: OptimiserSettings, folder: Path, report: Report
) -> Any:
    """Return a Trainer that writes its checkpoints below ``folder``."""
    from transformers import PrinterCallback, Trainer

    _prepare(parts.model, settings)
    trainer = Trainer(
        model=parts.model,
        args=_arguments(settings, folder, parts),
        train_dataset=parts.train,
        eval_dataset=parts.validation,
        data_collator=parts.collator,
        optimizers=(_optimiser(parts.model, settings), None),
        callbacks=[_progress_callback(report)],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def loss_points(trainer: Any) -> list[LossPoint]:
    """Return the losses of a finished (or resumed) run in step order."""
    points = []
    for entry in trainer.state.log_history:
        if "loss" in entry:
            points.append(LossPoint(int(entry["step"]), "train", float(entry["loss"])))
        if "eval_loss" in entry:
            points.append(LossPoint(int(entry["step"]), "validation", float(entry["eval_loss"])))
    return points


def step_count(settings: OptimiserSettings, rows: int, processes: int) -> int:
    """Return how many updates a run makes."""
    if settings.max_steps:
        return settings.max_steps
    batches = math.ceil(rows / (settings.batch_size * processes))
    return math.ceil(max(1, math.ceil(batches / settings.accumulation)) * settings.epochs)


def _prepare(model: Any, settings: OptimiserSettings) -> None:
    import torch

    model.config.use_cache = False
    if settings.tf32 and torch.cuda.is_available():
        torch.backends.cuda.matmul.allow_tf32 = True
    if settings.gradient_checkpointing:
        # The inputs of a frozen language model need gradients, or checkpointing cuts the graph.
        model.enable_input_require_grads()


def _arguments(settings: OptimiserSettings, folder: Path, parts: TrainerParts) -> Any:
    import torch
    from transformers import TrainingArguments

    steps = step_count(settings, len(parts.train), process_group().num_processes)
    kwargs = {"gradient_checkpointing_kwargs": {"use_reentrant": False}}
    return TrainingArguments(
        output_dir=str(folder),
        use_cpu=not torch.cuda.is_available(),
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.accumulation,
        num_train_epochs=settings.epochs,
        max_steps=settings.max_steps or -1,
        lr_scheduler_type=settings.schedule,
        warmup_steps=math.ceil(steps * settings.warmup_ratio),
        weight_decay=settings.weight_decay,
        bf16=settings.bf16,
        **({"gradient_checkpointing": True, **kwargs} if settings.gradient_checkpointing else {}),
        train_sampling_strategy="group_by_length" if settings.group_by_length else "random",
        dataloader_num_workers=settings.loader_workers,
        dataloader_pin_memory=torch.cuda.is_available(),
        save_strategy="steps" if settings.save_steps else "no",
        save_steps=settings.save_steps or 500,
        save_total_limit=settings.keep_checkpoints,
        eval_strategy="steps" if settings.validate_steps and parts.validation else "no",
        eval_steps=settings.validate_steps or None,
        prediction_loss_only=True,
        logging_steps=1,
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["labels"],
        report_to="none",
        seed=settings.seed,
        data_seed=settings.seed,
        ddp_find_unused_parameters=_trains_tower(parts.model),
    )


def _trains_tower(model: Any) -> bool:
    """Say whether the vision tower learns: its last layers may then take no part in the loss."""
    return any(p.requires_grad for name, p in model.named_parameters() if "vision_tower" in name)


def _optimiser(model: Any, settings: OptimiserSettings) -> Any:
    """Return AdamW with one rate for LoRA pairs and one for the modules trained whole."""
    from torch.optim import AdamW

    groups: dict[tuple[float, float], list[Any]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            rate = settings.learning_rate if "lora_" in name else settings.projector_learning_rate
            decay = settings.weight_decay if parameter.ndim > 1 else 0.0
            groups.setdefault((rate, decay), []).append(parameter)
    return AdamW([{"params": p, "lr": rate, "weight_decay": d} for (rate, d), p in groups.items()])


def _progress_callback(report: Report) -> Any:
    from transformers import TrainerCallback

    class Progress(TrainerCallback):  # type: ignore[misc]
        """Hand each logged loss to ``report``."""

        def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            logs = kwargs.get("logs") or {}
            if "loss" in logs and state.is_world_process_zero:
                report(state.global_step, state.max_steps, float(logs["loss"]))

    return Progress()
