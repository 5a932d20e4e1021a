"""Batch files for clusters without a network: the format of OpenAI's batch API and of vLLM.

``vllm run-batch -i prompts.jsonl -o replies.jsonl --model …`` reads and writes these files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmskin_build.errors import ConfigError
from mmskin_build.vqa.llm.client import RequestFailedError, reply_of
from mmskin_build.vqa.llm.prompt import Prompt
from mmskin_build.vqa.llm.replies import Reply

ID_LENGTH = 32  # characters of the key; services allow 64


def write_prompts(
    path: Path, prompts: Iterable[Prompt], body: Callable[[Prompt], dict[str, Any]]
) -> int:
    """Write one request a line; return their number."""
    count = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        for prompt in prompts:
            line = {
                "custom_id": prompt.key[:ID_LENGTH],
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": body(prompt),
            }
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
    return count


@dataclass(slots=True)
class Collected:
    """What a file of batch replies holds for the prompts of a build."""

    replies: list[Reply] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)  # custom_id: why
    unknown: list[str] = field(default_factory=list)  # replies to prompts of another build


def collect(path: Path, prompts: Iterable[Prompt]) -> Collected:
    """Match the replies of a batch with the prompts they answer.

    Raises:
        ConfigError: a line that is not JSON or has no custom_id; names file and line.
    """
    wanted: dict[str, list[Prompt]] = {}
    for prompt in prompts:
        wanted.setdefault(prompt.key[:ID_LENGTH], []).append(prompt)
    found = Collected()
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not readable: {error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row = _row(path, number, line)
        custom_id = row["custom_id"]
        if custom_id not in wanted:
            found.unknown.append(custom_id)
            continue
        for prompt in wanted[custom_id]:
            try:
                found.replies.append(reply_of(prompt, _answer(row)))
            except RequestFailedError as error:
                found.failed[custom_id] = str(error)
    return found


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}, line {number}: not JSON: {error}") from None
    if not isinstance(row, dict) or not isinstance(row.get("custom_id"), str):
        raise ConfigError(f"{path}, line {number}: no custom_id; is this a file of batch replies?")
    return row


def _answer(row: dict[str, Any]) -> dict[str, Any]:
    response = row.get("response") or {}
    if row.get("error") or response.get("status_code", 200) != 200:
        raise RequestFailedError(str(row.get("error") or f"error {response['status_code']}"))
    answer = response.get("body")
    return answer if isinstance(answer, dict) else {}
