"""Ask for many pictures: what is known comes from the cache, the rest from the server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from mmskin_build.errors import ConfigError
from mmskin_build.vqa.llm.client import Client, RequestFailedError
from mmskin_build.vqa.llm.parsing import UnreadableReplyError, parse
from mmskin_build.vqa.llm.prompt import Prompt
from mmskin_build.vqa.llm.replies import Cache, Reply
from mmskin_build.vqa.llm.settings import LlmSettings

GIVE_UP_AFTER = 8  # failures in a row, none replied: the server is down
MILLION = 1e6


@dataclass(slots=True)
class Asked:
    """What came of a run."""

    replies: list[Reply] = field(default_factory=list)
    cached: int = 0  # prompts whose reply was known before
    failed: dict[str, str] = field(default_factory=dict)  # pair_id: why
    unreadable: int = 0
    tokens_in: int = 0  # of this run; replies from the cache cost nothing again
    tokens_out: int = 0

    def cost(self, settings: LlmSettings) -> float:
        """Return the price of this run's tokens."""
        return (self.tokens_in * settings.price_in + self.tokens_out * settings.price_out) / MILLION


@dataclass(frozen=True, slots=True)
class Desk:
    """What asking needs: the client, the cache, how a prompt becomes a request, and limits."""

    client: Client
    cache: Cache
    body: Callable[[Prompt], dict[str, Any]]
    settings: LlmSettings
    advance: Callable[[], None]


def ask_all(prompts: Iterable[Prompt], desk: Desk) -> Asked:
    """Ask every prompt once; each reply is in the cache as soon as it is here.

    Raises:
        ConfigError: the server refuses all requests, or fails many times in a row.
    """
    asked = Asked()
    by_key: dict[str, list[Prompt]] = {}  # the same caption twice is asked once
    for prompt in prompts:
        by_key.setdefault(prompt.key, []).append(prompt)
    new = [same[0] for key, same in by_key.items() if desk.cache.get(key) is None]
    asked.cached = len(by_key) - len(new)
    for _ in range(asked.cached):
        desk.advance()
    with ThreadPoolExecutor(desk.settings.parallel) as pool:
        try:
            _ask_new(new, desk, pool, asked)
        finally:
            pool.shutdown(cancel_futures=True)
    for key, same in by_key.items():
        known = desk.cache.get(key)
        if known is not None:
            asked.replies += [replace(known, pair_id=prompt.pair_id) for prompt in same]
    return asked


def _ask_new(new: list[Prompt], desk: Desk, pool: ThreadPoolExecutor, asked: Asked) -> None:
    queue, in_a_row = iter(new), 0
    running: dict[Future[list[Reply]], Prompt] = {}
    while True:
        for prompt in islice(queue, 2 * desk.settings.parallel - len(running)):
            running[pool.submit(_ask, prompt, desk)] = prompt
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            prompt = running.pop(future)
            desk.advance()
            try:
                tries = future.result()
            except RequestFailedError as error:
                asked.failed[prompt.pair_id] = str(error)
                in_a_row += 1
                if in_a_row >= GIVE_UP_AFTER:
                    raise ConfigError(
                        f"{in_a_row} requests in a row failed, the last with: {error}; is the "
                        "server up? Run the same command again: what was answered is kept"
                    ) from None
                continue
            in_a_row = 0
            _keep(tries, desk, asked)


def _ask(prompt: Prompt, desk: Desk) -> list[Reply]:
    """Return the replies to one prompt, the last one kept; bad JSON is asked for again."""
    request, tries = desk.body(prompt), []
    for attempt in range(1 + desk.settings.retries):
        reply = desk.client.ask(prompt, request)
        tries.append(reply)
        try:
            parse(reply.content)
        except UnreadableReplyError:
            # the likeliest words were no JSON: others may be
            request = request | {
                "temperature": max(0.3, desk.settings.temperature),
                "seed": attempt,
            }
            continue
        break
    return tries


def _keep(tries: list[Reply], desk: Desk, asked: Asked) -> None:
    asked.tokens_in += sum(reply.tokens_in for reply in tries)
    asked.tokens_out += sum(reply.tokens_out for reply in tries)
    try:
        parse(tries[-1].content)
    except UnreadableReplyError:
        asked.unreadable += 1
    desk.cache.add(tries[-1])
