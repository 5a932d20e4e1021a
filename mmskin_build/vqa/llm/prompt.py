"""The prompt for one picture, and the key under which its reply is kept."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from mmskin_build.records import Modality
from mmskin_build.vqa.candidate import Picture
from mmskin_build.vqa.compose import tells_panels_apart
from mmskin_build.vqa.llm.settings import LlmSettings, Structured

KINDS = {
    Modality.CLINICAL: "clinical photograph",
    Modality.DERMOSCOPY: "dermoscopic image",
    Modality.PATHOLOGY: "histological section",
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["questions"],
    "properties": {
        "questions": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["question", "answer", "evidence"],
                "properties": {
                    name: {"type": "string"} for name in ("question", "answer", "evidence")
                },
            },
        }
    },
}
ReadPicture = Callable[[str], bytes]  # digest in, encoded bytes out


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked about one picture.

    Attributes:
        key: digest of everything that shapes the reply; the same key, the same question.
        pair_id: the pair.
        source_id: its book.
        caption_digest: digest of the clean caption, by which a stale reply is known.
        request: body of the chat request; a picture stands in it by its digest.
        picture: digest of the picture to send, or ''.
    """

    key: str
    pair_id: str
    source_id: str
    caption_digest: str
    request: dict[str, Any]
    picture: str

    @property
    def characters(self) -> int:
        """Length of the text that is sent."""
        return sum(len(part["text"]) for m in self.request["messages"] for part in _texts(m))


def caption_digest(text: str) -> str:
    """Return the digest by which a reply knows its caption."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def prompts(pictures: Iterable[Picture], settings: LlmSettings) -> Iterator[Prompt]:
    """Yield a prompt for each picture whose caption speaks of it alone."""
    for picture in pictures:
        left_out = picture.pair.source_id in settings.skip_sources
        if picture.modality in KINDS and not left_out and not tells_panels_apart(picture):
            yield prompt_of(picture, settings)


def prompt_of(picture: Picture, settings: LlmSettings) -> Prompt:
    """Return the prompt for one picture."""
    digest = picture.pair.image_digest if settings.send_pictures else ""
    rules = _template().format(
        kind=KINDS[picture.modality],
        questions=settings.questions,
        and_picture=" and the picture itself" if digest else "",
    )
    content: Any = f"Caption: {picture.text}"
    if digest:
        content = [{"type": "text", "text": content}, _image_part(f"sha256:{digest}")]
    request: dict[str, Any] = {
        "model": settings.model,
        "messages": [
            {"role": "system", "content": rules},
            {"role": "user", "content": content},
        ],
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens,
    }
    if settings.structured is Structured.JSON_SCHEMA:
        schema = {"name": "questions", "strict": True, "schema": SCHEMA}
        request["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif settings.structured is Structured.JSON_OBJECT:
        request["response_format"] = {"type": "json_object"}
    shape = json.dumps([request, settings.picture_px if digest else 0], sort_keys=True)
    return Prompt(
        key=hashlib.sha256(shape.encode("utf-8", "surrogatepass")).hexdigest(),
        pair_id=picture.pair.pair_id,
        source_id=picture.pair.source_id,
        caption_digest=caption_digest(picture.text),
        request=request,
        picture=digest,
    )


def body(prompt: Prompt, read_picture: ReadPicture, longest_px: int) -> dict[str, Any]:
    """Return the request as it is sent, with the picture itself in place of its digest."""
    if not prompt.picture:
        return prompt.request
    url = f"data:image/jpeg;base64,{_jpeg(read_picture(prompt.picture), longest_px)}"
    system, user = prompt.request["messages"]
    content = [user["content"][0], _image_part(url)]
    return prompt.request | {"messages": [system, user | {"content": content}]}


def _jpeg(data: bytes, longest_px: int) -> str:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("RGB")
        small.thumbnail((longest_px, longest_px))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=90)
    return base64.b64encode(out.getvalue()).decode("ascii")


def _image_part(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def _texts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    if isinstance(content, str):
        return [{"text": content}]
    return [part for part in content if part["type"] == "text"]


@lru_cache(maxsize=1)
def _template() -> str:
    return (resources.files("mmskin_build.vqa.llm") / "prompt.md").read_text("utf-8").strip()
