"""The one place where a question becomes tokens, for training and for evaluation alike.

A training row is, turn by turn, ``prefix + answer + end``; evaluation feeds exactly ``prefix``.
The image mark stands once, before the first question, and is widened to one token per patch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mmskin_build.errors import ConfigError
from mmskin_build.train.examples import IMAGE_MARK, Example
from mmskin_build.train.settings import PromptStyle

IGNORED = -100  # the label transformers leaves out of the loss


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One tokenised example; ``labels`` is IGNORED wherever no answer is taught."""

    example: Example
    input_ids: tuple[int, ...]
    labels: tuple[int, ...]


class PromptBuilder:
    """Turn questions and answers into tokens.

    Args:
        tokenizer: a fast tokenizer with an ``<image>`` token.
        image_tokens: image tokens per picture (patches of the vision tower).
        style: how a question is wrapped.
        max_length: longest row in tokens.
    """

    def __init__(
        self, tokenizer: Any, image_tokens: int, style: PromptStyle, max_length: int = 2048
    ) -> None:
        """Look up the special tokens once."""
        self._tokenizer = tokenizer
        self._image_tokens = image_tokens
        self._style = style
        self._max_length = max_length
        self._image_id = int(tokenizer.convert_tokens_to_ids(IMAGE_MARK))
        self._special = [str(t) for t in tokenizer.all_special_tokens if t]
        if self._image_id == tokenizer.unk_token_id or tokenizer.eos_token_id is None:
            raise ConfigError(
                "the base model's tokenizer lacks an <image> or an end token; "
                "convert original LLaVA checkpoints with `python -m stages convert-base`"
            )

    def question_text(self, question: str, with_image: bool) -> str:
        """Return the wrapped question.

        Raises:
            ConfigError: the question holds a special token such as ``</s>``.
        """
        self._refuse_special(question)
        assert self._style is PromptStyle.MISTRAL_INSTRUCT
        mark = f"{IMAGE_MARK}\n" if with_image else ""
        return f"[INST] {mark}{question} [/INST]"

    def prefix(self, question: str, with_image: bool = True) -> list[int]:
        """Return what the model is given before it answers the first question."""
        ids = self._encode(self.question_text(question, with_image), special=True)
        return self._widen(ids)

    def row(self, example: Example) -> TokenRow:
        """Return a training row; later turns that do not fit into ``max_length`` are left out.

        Raises:
            ConfigError: the first turn does not fit, or a text holds a special token.
        """
        ids: list[int] = []
        labels: list[int] = []
        for number, turn in enumerate(example.turns):
            self._refuse_special(turn.answer)
            if number == 0:
                prefix = self.prefix(turn.question, bool(example.image))
            else:
                prefix = self._encode(self.question_text(turn.question, False), special=False)
            answer = self.answer(turn.question, turn.answer, bool(example.image) and number == 0)
            if len(ids) + len(prefix) + len(answer) > self._max_length:
                break
            ids += prefix + answer
            labels += [IGNORED] * len(prefix) + answer
        if not ids:
            raise ConfigError(
                f"{example.example_id}: its first question and answer need more than "
                f"max_length = {self._max_length} tokens"
            )
        return TokenRow(example, tuple(ids), tuple(labels))

    def answer(self, question: str, answer: str, with_image: bool = True) -> list[int]:
        """Return answer and end token as they are tokenised right after the question."""
        text = self.question_text(question, with_image)
        before = self._encode(text, special=False)
        joint = self._encode(f"{text} {answer}", special=False)
        if joint[: len(before)] == before:
            ids = joint[len(before) :]
        else:  # the tokenizer merges over the border: keep the prefix as evaluation sees it
            ids = self._encode(answer, special=False)
        if not ids:
            raise ConfigError(f"empty answer to {question!r}")
        return [*ids, int(self._tokenizer.eos_token_id)]

    def _encode(self, text: str, special: bool) -> list[int]:
        ids = self._tokenizer(text, add_special_tokens=special)["input_ids"]
        return [int(i) for i in ids]

    def _widen(self, ids: list[int]) -> list[int]:
        wide: list[int] = []
        for token in ids:
            wide += [token] * (self._image_tokens if token == self._image_id else 1)
        return wide

    def _refuse_special(self, text: str) -> None:
        for token in self._special:
            if token in text:
                raise ConfigError(f"special token {token!r} inside a question or answer: {text!r}")
