"""Rows to padded batches. Images are prepared here, so that counting lengths opens none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmskin_build.errors import ConfigError
from mmskin_build.train.images import ImageTransform
from mmskin_build.train.prompt import IGNORED, TokenRow


class RowDataset:
    """What the trainer indexes: token ids, labels and the digest of the image."""

    def __init__(self, rows: Sequence[TokenRow]) -> None:
        """Keep the rows.

        Raises:
            ConfigError: no rows, or nothing to learn in any of them.
        """
        if not rows:
            raise ConfigError("no training rows; is the train split of the release empty?")
        if all(label == IGNORED for row in rows for label in row.labels):
            raise ConfigError("every label is masked: nothing would be learnt; check the prompts")
        self._rows = rows

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """Return one row."""
        row = self._rows[index]
        return {
            "input_ids": row.input_ids,
            "labels": row.labels,
            "image": row.example.image,
        }


class Collator:
    """Pad rows on the right and stack their images."""

    def __init__(self, pad_id: int, transform: ImageTransform) -> None:
        """Remember the padding token; the first batch is checked for something to learn."""
        self._pad_id = pad_id
        self._transform = transform
        self._checked = False

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Return a batch of tensors.

        Raises:
            ConfigError: the first batch has no supervised token at all.
        """
        import torch

        self._check_first(rows)
        width = max(len(row["input_ids"]) for row in rows)
        ids = [[*r["input_ids"], *[self._pad_id] * (width - len(r["input_ids"]))] for r in rows]
        labels = [[*r["labels"], *[IGNORED] * (width - len(r["labels"]))] for r in rows]
        mask = [[int(i < len(r["input_ids"])) for i in range(width)] for r in rows]
        batch = {
            "input_ids": torch.tensor(ids),
            "labels": torch.tensor(labels),
            "attention_mask": torch.tensor(mask),
        }
        pixels = [self._transform(row["image"]) for row in rows if row["image"]]
        if pixels:
            batch["pixel_values"] = torch.stack(pixels)
        return batch

    def _check_first(self, rows: list[dict[str, Any]]) -> None:
        if self._checked:
            return
        if all(label == IGNORED for row in rows for label in row["labels"]):
            raise ConfigError(
                "all labels of the first batch are masked: the model would learn nothing "
                "(is max_length too small, or the prompt style not the base model's?)"
            )
        self._checked = True
