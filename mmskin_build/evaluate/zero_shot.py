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

    Picture and question are read once; only the few tokens of each name are read per class.
    """

    def __init__(self, base: LoadedBase, prompts: PromptBuilder, transform: ImageTransform) -> None:
        """Put the model into inference mode, on the GPU where there is one."""
        import torch

        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model = base.model.eval().to(self._device)
        self._prompts = prompts
        self._transform = transform

    def log_likelihoods(self, image: str, classes: Sequence[str]) -> list[float]:
        """Return the log-likelihood of each class name, its end included, for one picture."""
        import torch

        question = class_question(classes)
        prefix = torch.tensor([self._prompts.prefix(question)], device=self._device)
        pixels = self._transform(image)[None].to(self._device, self._model.dtype)
        answers = [self._prompts.answer(question, name) for name in classes]
        with torch.inference_mode():
            read = self._model(input_ids=prefix, pixel_values=pixels, use_cache=True)
            return [self._answer_likelihood(read, prefix.shape[1], ids) for ids in answers]

    def _answer_likelihood(self, read: Any, length: int, answer: Sequence[int]) -> float:
        import torch

        logits = read.logits[0, -1:]
        if len(answer) > 1:
            more = self._model(
                input_ids=torch.tensor([list(answer[:-1])], device=self._device),
                attention_mask=torch.ones(
                    1, length + len(answer) - 1, dtype=torch.long, device=self._device
                ),
                past_key_values=copy.deepcopy(read.past_key_values),
                use_cache=True,
            )
            logits = torch.cat([logits, more.logits[0]])
        log_probabilities = logits.float().log_softmax(-1)
        places = torch.tensor(answer, device=self._device)[:, None]
        return float(log_probabilities.gather(1, places).sum())


def probabilities_of(log_likelihoods: Sequence[Sequence[float]]) -> Any:
    """Return likelihoods as probabilities over the classes, one line per picture."""
    import numpy as np

    scores = np.array(log_likelihoods)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)
