"""Zero-shot classification: by the likelihood of each class name, and by the generated reply."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from mmskin_build.train.base import LoadedBase
from mmskin_build.train.images import ImageTransform
from mmskin_build.train.prompt import PromptBuilder


def class_question(classes: Sequence[str]) -> str:
    """Return the published zero-shot question."""
    return (
        "This is a skin lesion image. From the following categories: "
        f"{', '.join(classes)}, which one is the diagnosis?"
    )


class ClassScorer:
    """Score class names by how likely the model finds them as its answer.

    Pictures and question are read once; only the few tokens of each name are read per class.
    """

    def __init__(self, base: LoadedBase, prompts: PromptBuilder, transform: ImageTransform) -> None:
        """Put the model into inference mode, on the GPU where there is one."""
        import torch

        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model = base.model.eval().to(self._device)
        self._prompts = prompts
        self._transform = transform

    def log_likelihoods(self, images: Sequence[str], classes: Sequence[str]) -> list[list[float]]:
        """Return the log-likelihood of each class name, its end included: pictures x classes.

        The question is the same for all pictures, so a batch needs no padding.
        """
        import torch

        question = class_question(classes)
        prefix = torch.tensor([self._prompts.prefix(question)], device=self._device)
        prefix = prefix.expand(len(images), -1)
        pixels = torch.stack([self._transform(image) for image in images])
        answers = [self._prompts.answer(question, name) for name in classes]
        with torch.inference_mode():
            read = self._model(
                input_ids=prefix,
                pixel_values=pixels.to(self._device, self._model.dtype),
                use_cache=True,
            )
            columns = [self._answer_likelihoods(read, prefix.shape[1], ids) for ids in answers]
            lines: list[list[float]] = torch.stack(columns, dim=1).tolist()
        return lines

    def _answer_likelihoods(self, read: Any, length: int, answer: Sequence[int]) -> Any:
        """Return one answer's log-likelihood for each picture read."""
        import torch

        logits = read.logits[:, -1:]
        count = len(logits)
        if len(answer) > 1:
            given = torch.tensor([list(answer[:-1])], device=self._device).expand(count, -1)
            seen = torch.ones(count, length + len(answer) - 1, dtype=torch.long)
            more = self._model(
                input_ids=given,
                attention_mask=seen.to(self._device),
                past_key_values=copy.deepcopy(read.past_key_values),
                use_cache=True,
            )
            logits = torch.cat([logits, more.logits], dim=1)
        log_probabilities = logits.float().log_softmax(-1)
        places = torch.tensor(answer, device=self._device).expand(count, -1)[..., None]
        return log_probabilities.gather(2, places).sum(dim=(1, 2))


def probabilities_of(log_likelihoods: Sequence[Sequence[float]]) -> Any:
    """Return likelihoods as probabilities over the classes, one line per picture."""
    import numpy as np

    scores = np.array(log_likelihoods)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)
