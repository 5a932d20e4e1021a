"""Asking a language model: retries, bad replies, resuming, what is sent and what is kept."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytest.importorskip("openai", reason="the extra 'llm' is not installed")

from mmskin_build.errors import ConfigError
from mmskin_build.memory_context import MemoryContext
from mmskin_build.vqa.generate import pictures
from mmskin_build.vqa.llm.asking import Asked, Desk, ask_all
from mmskin_build.vqa.llm.client import OpenAiClient
from mmskin_build.vqa.llm.prompt import Prompt, body, prompts
from mmskin_build.vqa.llm.replies import Cache
from mmskin_build.vqa.llm.settings import LlmSettings
from tests.vqa.chat_server import Answer, ChatServer, completion, questions
from tests.vqa.conftest import rows_for

CAPTIONS = (
    "Plaque psoriasis. Red scaly plaques on the left elbow.",
    "Vitiligo. White macules on both hands.",
    "Rosacea. Red papules on the nose.",
)
GOOD = completion(questions(("What colour are the lesions?", "Red.", "Red")))
Serve = Callable[[Callable[[dict[str, Any], int], Answer]], ChatServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[ChatServer] = []

    def start(answer: Callable[[dict[str, Any], int], Answer]) -> ChatServer:
        servers.append(ChatServer(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def wanted(tmp_path: Path, settings: LlmSettings) -> list[Prompt]:
    context = MemoryContext(tmp_path)
    for number, caption in enumerate(CAPTIONS):
        context.add(rows_for(number, caption, "clinical"))
    return list(prompts(pictures(context), settings))


def ask(tmp_path: Path, server: ChatServer, **more: Any) -> Asked:
    values = {"retries": 2, "parallel": 1, "timeout_s": 5.0} | more
    settings = LlmSettings(base_url=server.url, model="tiny", **values)
    desk = Desk(
        OpenAiClient(settings),
        Cache(tmp_path / "cache.jsonl"),
        lambda p: body(p, lambda _: b"", settings.picture_px),
        settings,
        lambda: None,
    )
    return ask_all(wanted(tmp_path, settings), desk)


def test_every_caption_is_asked_once_and_known_the_next_time(tmp_path, serve):
    server = serve(lambda sent, number: (200, GOOD))
    first = ask(tmp_path, server, price_in=2.0, price_out=10.0)
    assert (len(first.replies), first.cached, len(server.requests)) == (3, 0, 3)
    assert (first.tokens_in, first.tokens_out) == (300, 60)
    assert first.cost(LlmSettings(price_in=2.0, price_out=10.0)) == pytest.approx(0.0012)
    again = ask(tmp_path, server)
    assert (len(again.replies), again.cached, len(server.requests)) == (3, 3, 3)
    assert again.tokens_in == 0
    assert {r.content for r in again.replies} == {GOOD["choices"][0]["message"]["content"]}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_error_is_tried_again(tmp_path, serve, status):
    server = serve(
        lambda sent, n: (status, {"error": {"message": "busy"}}) if n == 1 else (200, GOOD)
    )
    asked = ask(tmp_path, server)
    assert (len(asked.replies), asked.failed, len(server.requests)) == (3, {}, 4)


def test_what_fails_for_good_is_named_and_asked_again_by_the_next_run(tmp_path, serve):
    def broken(sent: dict[str, Any], number: int) -> Answer:
        return (500, {}) if "Vitiligo" in json.dumps(sent) else (200, GOOD)

    asked = ask(tmp_path, serve(broken))
    assert asked.failed == {"book-1": "error 500"}
    assert {r.pair_id for r in asked.replies} == {"book-0", "book-2"}
    server = serve(lambda sent, number: (200, GOOD))
    assert len(ask(tmp_path, server).replies) == 3
    assert len(server.requests) == 1


def test_a_server_that_is_too_slow_counts_as_failed(tmp_path, serve):
    def slow(sent: dict[str, Any], number: int) -> Answer:
        time.sleep(0.6)
        return 200, GOOD

    asked = ask(tmp_path, serve(slow), timeout_s=0.1, retries=0)
    assert set(asked.failed.values()) == {"APITimeoutError"}


def test_malformed_json_is_asked_for_again_with_other_words(tmp_path, serve):
    server = serve(lambda sent, n: (200, completion("Sure! {") if n == 1 else GOOD))
    asked = ask(tmp_path, server)
    assert (asked.unreadable, len(server.requests)) == (0, 4)
    assert server.requests[0]["temperature"] == 0
    assert server.requests[1]["temperature"] > 0
    assert asked.tokens_in == 400  # the spoilt reply was paid for as well


def test_json_that_stays_malformed_is_kept_as_such(tmp_path, serve):
    asked = ask(tmp_path, serve(lambda sent, n: (200, completion("no JSON here"))), retries=1)
    assert asked.unreadable == 3
    assert {r.content for r in asked.replies} == {"no JSON here"}


def test_a_body_that_is_no_completion_is_a_failure_not_a_crash(tmp_path, serve):
    asked = ask(tmp_path, serve(lambda sent, n: (200, {"choices": []})), retries=0)
    assert len(asked.failed) == 3


@pytest.mark.parametrize(("status", "hint"), [(401, "key"), (404, "base_url"), (400, "structured")])
def test_a_refusal_stops_the_run_with_advice(tmp_path, serve, status, hint):
    server = serve(lambda sent, n: (status, {"error": {"message": "no"}}))
    with pytest.raises(ConfigError, match=hint):
        ask(tmp_path, server)
    assert len(server.requests) < len(CAPTIONS)


def test_a_run_that_was_killed_while_writing_goes_on(tmp_path, serve):
    server = serve(lambda sent, number: (200, GOOD))
    ask(tmp_path, server)
    cache = tmp_path / "cache.jsonl"
    lines = cache.read_bytes().splitlines(keepends=True)
    cache.write_bytes(b"".join(lines[:2]) + lines[2][:25])  # cut in the middle of a line
    assert len(ask(tmp_path, server).replies) == 3
    assert len(server.requests) == 4
    assert len(ask(tmp_path, server).replies) == 3
    assert len(server.requests) == 4


def test_the_key_comes_from_the_environment_and_stays_out_of_every_file(
    tmp_path, serve, monkeypatch
):
    monkeypatch.setenv("DERMA_KEY", "sk-very-secret")
    server = serve(lambda sent, number: (200, GOOD))
    asked = ask(tmp_path, server, api_key_env="DERMA_KEY")
    assert set(server.keys) == {"Bearer sk-very-secret"}
    assert "sk-very-secret" not in repr(asked)
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert files and not any(b"sk-very-secret" in p.read_bytes() for p in files)


def test_only_captions_are_sent_unless_pictures_are_asked_for(tmp_path, serve):
    server = serve(lambda sent, number: (200, GOOD))
    ask(tmp_path, server)
    for sent in server.requests:
        assert [type(m["content"]) for m in sent["messages"]] == [str, str]
        assert sent["response_format"]["type"] == "json_schema"


def test_a_picture_is_sent_small_when_it_is_asked_for(tmp_path):
    out = BytesIO()
    Image.new("RGB", (900, 300), "red").save(out, "PNG")
    settings = LlmSettings(model="tiny", send_pictures=True, picture_px=100)
    pair, *rest = rows_for(0, CAPTIONS[0], "clinical")
    context = MemoryContext(tmp_path)
    context.add([replace(pair, image_digest="ab"), *rest])
    (prompt,) = prompts(pictures(context), settings)
    parts = body(prompt, {"ab": out.getvalue()}.__getitem__, 100)["messages"][1]["content"]
    kind, data = parts[1]["image_url"]["url"].split(",")
    assert kind == "data:image/jpeg;base64"
    assert Image.open(BytesIO(base64.b64decode(data))).size == (100, 33)
    plain = wanted(tmp_path, LlmSettings(model="tiny"))[0]
    assert prompt.key != plain.key


def test_nothing_is_asked_of_books_that_were_excepted(tmp_path):
    assert wanted(tmp_path, LlmSettings(model="tiny", skip_sources=("book",))) == []
