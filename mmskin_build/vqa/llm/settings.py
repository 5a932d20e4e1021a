"""What a user may set about asking a language model (config section ``llm``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Structured(StrEnum):
    """How the server is told the form of its reply."""

    JSON_SCHEMA = "json_schema"  # vLLM, Ollama, hosted APIs
    JSON_OBJECT = "json_object"  # older servers
    NONE = "none"  # the prompt alone says it


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Settings of ``vqa-ask`` and ``vqa-prompts``; no build reads them."""

    base_url: str = field(
        default="",
        metadata={
            "help": "address of the server, e.g. http://localhost:8000/v1",
            "secret": True,  # stays out of the recipe of a release
        },
    )
    model: str = field(default="", metadata={"help": "name of the model, as the server knows it"})
    api_key_env: str = field(
        default="OPENAI_API_KEY",
        metadata={
            "help": "environment variable that holds the key; the key itself is never kept",
            "secret": True,
        },
    )
    send_pictures: bool = field(
        default=False,
        metadata={"help": "send the pictures too, not only captions (they leave this machine)"},
    )
    picture_px: int = field(
        default=768, metadata={"help": "longer side (pixels) of a picture that is sent"}
    )
    skip_sources: tuple[str, ...] = field(
        default=(), metadata={"help": "source_ids of books of which nothing may be sent"}
    )
    questions: int = field(default=5, metadata={"help": "most questions wanted per picture"})
    structured: Structured = field(
        default=Structured.JSON_SCHEMA,
        metadata={"help": "form of replies the server can hold to: json_schema, json_object, none"},
    )
    temperature: float = field(default=0.0, metadata={"help": "0 always takes the likeliest word"})
    max_tokens: int = field(default=1200, metadata={"help": "longest reply (tokens)"})
    parallel: int = field(default=4, metadata={"help": "requests under way at once"})
    timeout_s: float = field(default=120.0, metadata={"help": "seconds to wait for one reply"})
    retries: int = field(
        default=4, metadata={"help": "new tries after errors 408, 429, 5xx, a timeout, bad JSON"}
    )
    price_in: float = field(
        default=0.0, metadata={"help": "price of a million prompt tokens, for the report"}
    )
    price_out: float = field(
        default=0.0, metadata={"help": "price of a million reply tokens, for the report"}
    )

    def __post_init__(self) -> None:
        """Refuse values no request could use."""
        for name in ("questions", "max_tokens", "parallel", "picture_px"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        for name in ("temperature", "retries", "price_in", "price_out"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be 0 or more")
        if not self.timeout_s > 0:
            raise ValueError("timeout_s must be above 0")
