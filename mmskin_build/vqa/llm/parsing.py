"""A reply's words read into questions, answers and evidence."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_FENCE = re.compile(r"^\s*```(?:json)?\s*|\s*```\s*$")
_THINKING = re.compile(r"^\s*<think>.*?</think>", re.S)  # models that think aloud


class UnreadableReplyError(Exception):
    """A reply that is not the JSON that was asked for."""


@dataclass(frozen=True, slots=True)
class Written:
    """One question and answer as a model wrote it."""

    question: str
    answer: str
    evidence: str


def parse(content: str) -> list[Written]:
    """Return the questions of a reply.

    Raises:
        UnreadableReplyError: not JSON, or not of the form that was asked for.
    """
    text = _FENCE.sub("", _THINKING.sub("", content))
    try:
        value: Any = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableReplyError(f"not JSON: {error}") from None
    items = value.get("questions") if isinstance(value, dict) else value
    if not isinstance(items, list):
        raise UnreadableReplyError("no list of questions")
    return [_written(item) for item in items]


def _written(item: Any) -> Written:
    if not isinstance(item, dict):
        raise UnreadableReplyError("a question that is no object")
    values = [item.get(name) for name in ("question", "answer", "evidence")]
    if not all(isinstance(value, str) for value in values):
        raise UnreadableReplyError("a question without question, answer or evidence")
    return Written(*(" ".join(str(value).split()) for value in values))
