"""Answers from a model: greedy, batched, with or without sight of the picture."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from enum import StrEnum

from mmskin_build.evaluate.predictions import Journal, Prediction
from mmskin_build.train.base import LoadedBase
from mmskin_build.train.examples import Example
from mmskin_build.train.images import ImageTransform
from mmskin_build.train.prompt import PromptBuilder

Report = Callable[[int, int], None]  # answered, in all


class Sight(StrEnum):
    """What picture the model is shown with a question."""

    OWN = "own"
    NONE = "none"  # the prompt has no image at all
    OTHER = "other"  # a picture of another group: the model answers as usual, but blindly


def other_images(examples: Sequence[Example]) -> dict[str, str]:
    """Return for each row id the picture of another group; rows without one are left out.

    Pictures are ordered by digest, so that the choice depends on nothing but the rows.
    """
    owner = {e.image: e.group_id or e.image for e in examples if e.image}
    order = sorted(owner, key=lambda image: hashlib.sha256(image.encode()).hexdigest())
    shown = {}
    for example in examples:
        if not example.image:
            continue
        start = order.index(example.image)
        candidates = (order[(start + step) % len(order)] for step in range(1, len(order)))
        own = owner[example.image]
        other = next((image for image in candidates if owner[image] != own), "")
        if other:
            shown[example.example_id] = other
    return shown


class Answerer:
    """Ask a loaded model.

    Args:
        base: model (adapter merged), tokenizer and image processor.
        prompts: the prompt builder of training.
        transform: the image transform of training.
        max_new_tokens: longest answer in tokens.
    """

    def __init__(
        self,
        base: LoadedBase,
        prompts: PromptBuilder,
        transform: ImageTransform,
        max_new_tokens: int,
    ) -> None:
        """Put the model into inference mode, on the GPU where there is one."""
        import torch

        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model = base.model.eval().to(self._device)
        self._tokenizer = base.tokenizer
        self._prompts = prompts
        self._transform = transform
        self._max_new_tokens = max_new_tokens

    def answer(self, asked: Sequence[tuple[str, str]]) -> list[str]:
        """Return the answers to (question, image digest or '') rows, all with or all without."""
        import torch

        prefixes = [self._prompts.prefix(question, bool(image)) for question, image in asked]
        width = max(len(prefix) for prefix in prefixes)
        pad = int(self._tokenizer.pad_token_id)
        inputs = {
            "input_ids": torch.tensor([[pad] * (width - len(p)) + p for p in prefixes]),
            "attention_mask": torch.tensor(
                [[0] * (width - len(p)) + [1] * len(p) for p in prefixes]
            ),
        }
        pixels = [self._transform(image) for _, image in asked if image]
        if pixels:
            inputs["pixel_values"] = torch.stack(pixels).to(self._model.dtype)
        with torch.inference_mode():
            ids = self._model.generate(
                **{name: tensor.to(self._device) for name, tensor in inputs.items()},
                do_sample=False,
                num_beams=1,
                max_new_tokens=self._max_new_tokens,
                pad_token_id=pad,
                eos_token_id=self._tokenizer.eos_token_id,
            )
        texts = self._tokenizer.batch_decode(ids[:, width:], skip_special_tokens=True)
        return [text.strip() for text in texts]


def predict(
    answerer: Answerer,
    examples: Sequence[Example],
    shown: dict[str, str],
    journal: Journal,
    batch: tuple[int, Report],
) -> list[Prediction]:
    """Answer the first question of every row.

    Args:
        answerer: the model.
        examples: the rows.
        shown: image digest per row id ('' for none); rows not in it are not asked.
        journal: answers already given; new ones are appended batch by batch.
        batch: rows per batch, and whom to tell.
    """
    size, report = batch
    rows = [example for example in examples if example.example_id in shown]
    # Rows of similar length share a batch, pictures and text-only rows never do.
    todo = sorted(
        (e for e in rows if e.example_id not in journal.answers),
        key=lambda e: (not shown[e.example_id], len(e.question), e.example_id),
    )
    for chunk in _chunks(todo, shown, size):
        answers = answerer.answer([(e.question, shown[e.example_id]) for e in chunk])
        journal.add(dict(zip((e.example_id for e in chunk), answers, strict=True)))
        report(len(journal.answers), len(rows))
    return [_prediction(example, journal.answers[example.example_id]) for example in rows]


def _chunks(rows: Sequence[Example], shown: dict[str, str], size: int) -> list[list[Example]]:
    seeing = [e for e in rows if shown[e.example_id]]
    blind = [e for e in rows if not shown[e.example_id]]
    return [part[i : i + size] for part in (seeing, blind) for i in range(0, len(part), size)]


def _prediction(example: Example, answer: str) -> Prediction:
    return Prediction(
        image=example.image,
        question=example.question,
        predicted_answer=answer,
        ground_truth=example.answer,
        modality=example.modality,
        qa_id=example.example_id,
        kind=example.kind,
        template_id=example.template_id,
        source_id=example.source_id,
        group_id=example.group_id,
    )


def frequent_predictions(
    examples: Sequence[Example], answer_of: Callable[[Example], str]
) -> list[Prediction]:
    """Return the answers of a baseline that never looks: the most frequent one in training."""
    return [_prediction(example, answer_of(example)) for example in examples]
