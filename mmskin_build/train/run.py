"""One training run from rows to a run folder: adapter, loss curve, run card."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmskin_build.errors import ConfigError
from mmskin_build.train.adapter import add_adapter, write_base_reference
from mmskin_build.train.base import LoadedBase, load_base, process_group, require_train_extra
from mmskin_build.train.batches import Collator, RowDataset
from mmskin_build.train.examples import (
    Example,
    data_digest,
    load_llava_json,
    load_release,
    refuse_leakage,
)
from mmskin_build.train.image_bank import ImageBank
from mmskin_build.train.images import ImageTransform
from mmskin_build.train.loss_curve import LossPoint, draw_loss_curve, write_loss_table
from mmskin_build.train.prompt import PromptBuilder
from mmskin_build.train.run_card import FILE_NAME as RUN_CARD
from mmskin_build.train.run_card import RunCard
from mmskin_build.train.settings import TINY, TrainSettings
from mmskin_build.train.tiny import NOTICE, build_tiny
from mmskin_build.train.trained_on import TrainedOn
from mmskin_build.train.trainer import Report, TrainerParts, loss_points, make_trainer

logger = logging.getLogger(__name__)
_EDGE_STEPS = 10  # first and last loss of the card are means over so many steps


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Rows to learn from, rows to watch, and rows that must not be among them."""

    name: str
    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    images: ImageBank

    def refuse_leakage(self, test: Sequence[Example]) -> None:
        """Raise LeakageError when validation or test rows overlap with training."""
        seen = TrainedOn.of(self.train)
        for split, rows in (("validation", self.validation), ("test", test)):
            refuse_leakage(set(seen.groups), set(seen.images), rows, split)


def data_of_release(release: Path, cache: Path) -> TrainingData:
    """Read a release folder and refuse it when its splits overlap."""
    bank = ImageBank(cache)
    splits = {
        split: tuple(load_release(release, split, bank)) if _has(release, split) else ()
        for split in ("train", "validation", "test")
    }
    data = TrainingData(release.name, splits["train"], splits["validation"], bank)
    data.refuse_leakage(splits["test"])
    return data


def data_of_llava_json(
    train: Path, image_root: Path | None, cache: Path, held_out: Sequence[Path] = ()
) -> TrainingData:
    """Read LLaVA JSON; ``held_out`` files are only compared with it, to refuse leakage."""
    bank = ImageBank(cache)
    rows = tuple(load_llava_json(train, image_root, bank))
    data = TrainingData(train.stem, rows, (), bank)
    data.refuse_leakage([e for path in held_out for e in load_llava_json(path, image_root, bank)])
    return data


def _has(release: Path, split: str) -> bool:
    # A small release may lack a validation or test split; without train there is no run.
    return split == "train" or any((release / "vqa").glob(f"{split}-*.parquet"))


def train(
    data: TrainingData, settings: TrainSettings, output: Path, report: Report, resume: bool = False
) -> RunCard:
    """Train and write the run folder ``output``; return its card.

    Args:
        data: the rows.
        settings: the recipe.
        output: the run folder; an unfinished one is continued with ``resume``.
        report: called with step, steps in all and loss.
        resume: go on from the last checkpoint in ``output``.
    """
    require_train_extra()
    from transformers import set_seed

    set_seed(settings.optimiser.seed)  # initial LoRA weights; the trainer seeds the row order
    checkpoint = _prepare_folder(output, resume)
    base = _base(data.train, settings, output)
    model = add_adapter(base.model, settings.adapter)
    parts = _parts(data, settings, base, model)
    trainer = make_trainer(parts, settings.optimiser, output / "checkpoints", report)
    start = time.monotonic()
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    seconds = time.monotonic() - start
    if data.validation:
        trainer.evaluate()
    card = _card(data, settings, base, trainer, seconds)
    if trainer.is_world_process_zero():
        _write(output, trainer, card, TrainedOn.of(data.train))
    return card


def _prepare_folder(output: Path, resume: bool) -> Path | None:
    """Empty the run folder, or return the checkpoint to go on from."""
    from transformers.trainer_utils import get_last_checkpoint

    if resume:
        folder = output / "checkpoints"
        last = get_last_checkpoint(str(folder)) if folder.is_dir() else None
        if last is None:
            raise ConfigError(f"{output}: no checkpoint to resume from; run without --resume")
        return Path(last)
    processes = process_group()
    with processes.main_process_first():
        if processes.is_main_process:
            for name in ("checkpoints", "adapter", "base"):
                shutil.rmtree(output / name, ignore_errors=True)
            (output / RUN_CARD).unlink(missing_ok=True)
            output.mkdir(parents=True, exist_ok=True)
    return None


def _base(examples: Sequence[Example], settings: TrainSettings, output: Path) -> LoadedBase:
    dtype = "bfloat16" if settings.optimiser.bf16 and settings.base.model != TINY else "float32"
    if settings.base.model != TINY:
        return load_base(settings.base.model, settings.base, dtype)
    processes = process_group()
    with processes.main_process_first():
        if processes.is_main_process and not (output / "base").is_dir():
            build_tiny(examples, settings.base, settings.optimiser.seed, output / "base")
    return load_base(str(output / "base"), settings.base, dtype)


def _parts(
    data: TrainingData, settings: TrainSettings, base: LoadedBase, model: Any
) -> TrainerParts:
    prompts = PromptBuilder(
        base.tokenizer, base.image_tokens, settings.base.prompt, settings.optimiser.max_length
    )
    transform = ImageTransform(
        base.image_processor, data.images, settings.optimiser.cached_images_mb
    )
    validation = [prompts.row(example) for example in data.validation]
    return TrainerParts(
        model=model,
        collator=Collator(int(base.tokenizer.pad_token_id), transform),
        train=RowDataset([prompts.row(example) for example in data.train]),
        validation=RowDataset(validation) if validation else None,
    )


def _card(
    data: TrainingData, settings: TrainSettings, base: LoadedBase, trainer: Any, seconds: float
) -> RunCard:
    points = loss_points(trainer)
    losses = [p.loss for p in points if p.split == "train"]
    watched = [p.loss for p in points if p.split == "validation"]
    tiny = settings.base.model == TINY
    counts = [(p.numel(), p.requires_grad) for p in trainer.model.parameters()]
    tokens = sum(len(row["input_ids"]) for row in trainer.train_dataset)
    passes = float(trainer.state.epoch or 0.0)
    return RunCard(
        base="base" if tiny else settings.base.model,
        base_revision="" if tiny else base.revision,
        notice=NOTICE if tiny else "",
        prompt=settings.base.prompt,
        data=data.name,
        data_digest=data_digest(data.train),
        train_rows=len(data.train),
        train_images=len({e.image for e in data.train if e.image}),
        validation_rows=len(data.validation),
        seed=settings.optimiser.seed,
        steps=int(trainer.state.global_step),
        first_loss=_mean(losses[:_EDGE_STEPS]),
        last_loss=_mean(losses[-_EDGE_STEPS:]),
        validation_loss=watched[-1] if watched else None,
        trainable_parameters=sum(n for n, learns in counts if learns),
        total_parameters=sum(n for n, _ in counts),
        seconds=round(seconds, 1),
        tokens_per_second=round(tokens * passes / seconds, 1),
        device=_device_name(),
        peak_memory_mb=_peak_memory_mb(),
        settings=settings.as_dict(),
        processes=process_group().num_processes,
    )


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 6) if values else 0.0


def _device_name() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"


def _peak_memory_mb() -> float:
    import resource

    import torch

    if torch.cuda.is_available():
        return float(round(torch.cuda.max_memory_allocated() / 2**20, 1))
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _write(output: Path, trainer: Any, card: RunCard, seen: TrainedOn) -> None:
    adapter = output / "adapter"
    trainer.model.save_pretrained(adapter)
    local = output / card.base
    write_base_reference(adapter, str(local) if local.is_dir() else card.base)
    points: list[LossPoint] = loss_points(trainer)
    write_loss_table(output / "loss.csv", points)
    draw_loss_curve(output / "loss.png", points, card.notice or f"{card.base} on {card.data}")
    seen.save(output)
    card.save(output)  # last: its presence means that the run is complete
