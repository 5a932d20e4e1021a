from __future__ import annotations

from typing import Any

import pytest

from mmskin_build.errors import ConfigError
from mmskin_build.train.examples import Example, Turn

pytest.importorskip("transformers")
from mmskin_build.train.prompt import IGNORED, PromptBuilder
from mmskin_build.train.settings import PromptStyle
from mmskin_build.train.tiny import train_tokenizer

PATCHES = 5
FIRST = Turn("What colour is the mark?", "The mark is red.")
SECOND = Turn("Is the mark blue?", "No.")
EXAMPLE = Example("a", "digest", (FIRST,))
TALK = Example("b", "digest", (FIRST, SECOND))


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_tokenizer([TALK] * 3, 320)


def builder(tokenizer: Any, max_length: int = 500) -> PromptBuilder:
    return PromptBuilder(tokenizer, PATCHES, PromptStyle.MISTRAL_INSTRUCT, max_length)


def test_a_training_row_begins_with_the_very_tokens_evaluation_feeds(tokenizer: Any) -> None:
    prompts = builder(tokenizer)
    for example in (EXAMPLE, TALK):
        prefix = prompts.prefix(example.question)
        assert list(prompts.row(example).input_ids[: len(prefix)]) == prefix


def test_the_prompt_reads_as_the_published_one(tokenizer: Any) -> None:
    text = tokenizer.decode(builder(tokenizer).prefix(FIRST.question))
    assert text.replace(" ", "") == "<s>[INST]" + "<image>" * PATCHES + (
        "\nWhatcolouristhemark?[/INST]"
    )


def test_only_answers_and_their_end_are_taught(tokenizer: Any) -> None:
    row = builder(tokenizer).row(TALK)
    taught = [label for label in row.labels if label != IGNORED]
    assert tokenizer.decode(taught) == " The mark is red.</s> No.</s>"
    same = [i == t for i, t in zip(row.input_ids, row.labels, strict=True) if t != IGNORED]
    assert all(same)


def test_the_image_stands_once_in_a_long_talk_and_never_in_a_text_row(tokenizer: Any) -> None:
    image = tokenizer.convert_tokens_to_ids("<image>")
    prompts = builder(tokenizer)
    assert prompts.row(TALK).input_ids.count(image) == PATCHES
    assert prompts.row(Example("c", "", (FIRST,))).input_ids.count(image) == 0


def test_turns_that_do_not_fit_are_left_out_whole(tokenizer: Any) -> None:
    short = builder(tokenizer).row(EXAMPLE)
    room = len(short.input_ids) + 3
    assert builder(tokenizer, room).row(TALK).input_ids == short.input_ids


def test_a_first_turn_that_does_not_fit_is_an_error_that_names_the_row(tokenizer: Any) -> None:
    with pytest.raises(ConfigError, match=r"a: .*max_length = 9"):
        builder(tokenizer, 9).row(EXAMPLE)


@pytest.mark.parametrize("text", ["a </s> b", "what is <image>?"])
def test_special_tokens_inside_texts_are_refused(tokenizer: Any, text: str) -> None:
    with pytest.raises(ConfigError, match="special token"):
        builder(tokenizer).prefix(text)
    with pytest.raises(ConfigError, match="special token"):
        builder(tokenizer).row(Example("d", "", (Turn("q", text),)))
