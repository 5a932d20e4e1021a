"""One request to an OpenAI-compatible server through the official client."""

from __future__ import annotations

import os
from typing import Any, Protocol

from mmskin_build.errors import ConfigError, MissingDependencyError
from mmskin_build.vqa.llm.prompt import Prompt
from mmskin_build.vqa.llm.replies import Reply
from mmskin_build.vqa.llm.settings import LlmSettings

NO_KEY = "none"  # local servers want some word where a key would stand
HOPELESS = frozenset({400, 401, 403, 404, 405, 422})


class RequestFailedError(Exception):
    """One request that got no reply after all tries; others may still succeed."""


class Client(Protocol):
    """Sends one request."""

    def ask(self, prompt: Prompt, body: dict[str, Any]) -> Reply:
        """Return the reply, or raise RequestFailedError."""


class OpenAiClient:
    """The official client: it tries again on timeouts and on errors 408, 409, 429 and 5xx."""

    def __init__(self, settings: LlmSettings) -> None:
        """Connect to nothing yet.

        Raises:
            MissingDependencyError: the extra ``llm`` is not installed.
            ConfigError: no server or model is named.
        """
        if not settings.base_url or not settings.model:
            raise ConfigError(
                "set llm.base_url and llm.model in the config file, "
                "e.g. base_url: http://localhost:8000/v1"
            )
        try:
            import openai
        except ImportError:
            raise MissingDependencyError(
                "asking a server needs the openai client: .venv/bin/pip install -e '.[llm]'"
            ) from None
        self._openai: Any = openai
        self._key_variable = settings.api_key_env
        self._client = openai.OpenAI(
            base_url=settings.base_url,
            api_key=os.environ.get(settings.api_key_env) or NO_KEY,
            timeout=settings.timeout_s,
            max_retries=settings.retries,
        )

    def ask(self, prompt: Prompt, body: dict[str, Any]) -> Reply:
        """Send one request.

        Raises:
            ConfigError: the server refuses every such request (key, model, form of reply).
            RequestFailedError: no reply after all tries.
        """
        try:
            answer = self._client.chat.completions.create(**body)
        except self._openai.APIStatusError as error:
            if error.status_code in HOPELESS:
                raise ConfigError(self._advice(error.status_code, error.message)) from None
            raise RequestFailedError(f"error {error.status_code}") from None
        except self._openai.APIError as error:  # no connection, timeout, no JSON
            raise RequestFailedError(type(error).__name__) from None
        return reply_of(prompt, answer.model_dump())

    def _advice(self, status: int, message: str) -> str:
        hint = {
            401: f"is the key in ${self._key_variable} right?",
            403: f"may the key in ${self._key_variable} use this model?",
            404: "are llm.base_url (it often ends in /v1) and llm.model right?",
        }.get(status, "if it knows no response_format, set llm.structured: json_object or none")
        return f"the server refused the request with error {status}: {message[:300]}; {hint}"


def reply_of(prompt: Prompt, answer: dict[str, Any]) -> Reply:
    """Return what a chat completion (as a dictionary) says.

    Raises:
        RequestFailedError: there is no message in it.
    """
    try:
        choice = answer["choices"][0]
        content = choice["message"]["content"] or ""
    except (KeyError, IndexError, TypeError):
        raise RequestFailedError("no message in the answer") from None
    usage = answer.get("usage") or {}
    return Reply(
        key=prompt.key,
        pair_id=prompt.pair_id,
        caption_digest=prompt.caption_digest,
        model=str(answer.get("model") or prompt.request["model"]),
        content=str(content),
        finish_reason=str(choice.get("finish_reason") or ""),
        tokens_in=int(usage.get("prompt_tokens") or 0),
        tokens_out=int(usage.get("completion_tokens") or 0),
        saw_picture=bool(prompt.picture),
    )
