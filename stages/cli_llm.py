"""``vqa-ask``, ``vqa-prompts``, ``vqa-replies``: questions written by a language model.

These commands alone talk to a server or read what one said. They leave files below
``manifests/vqa-replies/``; the ``vqa`` stage reads those and calls nobody.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.progress import Progress

from mmskin_build.errors import ConfigError
from stages.options import BuildDir, Config, Manifests
from stages.session import MANIFESTS

if TYPE_CHECKING:
    from mmskin_build.vqa.llm.asking import Asked
    from mmskin_build.vqa.llm.prompt import Prompt
    from mmskin_build.vqa.llm.settings import LlmSettings

LOOPBACK = ("localhost", "127.0.0.1", "::1")
CHARACTERS_PER_TOKEN = 4  # rough, for English
SHOWN = 2  # prompts a dry run prints
out = Console(soft_wrap=True, highlight=False, markup=False)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("vqa-ask")(vqa_ask)
    app.command("vqa-prompts")(vqa_prompts)
    app.command("vqa-replies")(vqa_replies)


def vqa_ask(
    send: Annotated[
        bool, typer.Option("--send", help="Really send; without it nothing leaves this machine.")
    ] = False,
    limit: Annotated[int, typer.Option(help="Ask for so many pictures only; 0: all.")] = 0,
    build_dir: BuildDir = Path("build"),
    config: Config = None,
    manifests: Manifests = MANIFESTS,
) -> None:
    """Ask a language model for questions (a dry run that prints prompts, unless --send)."""
    settings = _settings(config, dry=not send)
    wanted = _prompts(build_dir, settings)[: limit or None]
    _tell_what_leaves(wanted, settings)
    if not send:
        _show(wanted)
        return
    asked = _ask(wanted, settings, build_dir)
    _report(asked, settings)
    _keep(asked.replies, settings, manifests)


def vqa_prompts(
    output: Annotated[Path, typer.Option("-o", "--output", help="JSONL file to write.")],
    build_dir: BuildDir = Path("build"),
    config: Config = None,
) -> None:
    """Write the prompts as a batch file, for a cluster without a network (vLLM run-batch)."""
    from mmskin_build.vqa.llm.batch import write_prompts

    settings = _settings(config)
    wanted = _prompts(build_dir, settings)
    count = write_prompts(output, wanted, _bodies(build_dir, settings))
    out.print(f"wrote {count} prompts to {output}; they hold the captions of your books")


def vqa_replies(
    file: Annotated[Path, typer.Argument(help="JSONL file a batch run wrote.")],
    build_dir: BuildDir = Path("build"),
    config: Config = None,
    manifests: Manifests = MANIFESTS,
) -> None:
    """Read the replies of a batch run; the next build with vqa.writer set uses them."""
    from mmskin_build.vqa.llm.batch import collect

    settings = _settings(config)
    found = collect(file, _prompts(build_dir, settings))
    if found.unknown:
        out.print(
            f"{len(found.unknown)} replies belong to no prompt of this build and these settings "
            f"(first: {found.unknown[0]}); write the prompts again if captions changed"
        )
    _tell_failures(found.failed)
    _keep(found.replies, settings, manifests)


def _settings(config: Path | None, dry: bool = False) -> LlmSettings:
    from stages.session import settings_of

    settings: LlmSettings = settings_of(config)["llm"]
    if not settings.model and not dry:
        raise ConfigError("llm.model: name the model in the config file (section llm)")
    return settings


def _prompts(build_dir: Path, settings: LlmSettings) -> list[Prompt]:
    from mmskin_build.tables import MergedTables
    from mmskin_build.vqa.generate import pictures
    from mmskin_build.vqa.llm.prompt import prompts

    return list(prompts(pictures(MergedTables(build_dir / "tables")), settings))


def _bodies(build_dir: Path, settings: LlmSettings) -> Any:
    from mmskin_build.images import ImageStore
    from mmskin_build.vqa.llm.prompt import body

    store = ImageStore(build_dir / "images")
    return lambda prompt: body(prompt, store.read, settings.picture_px)


def _tell_what_leaves(wanted: list[Prompt], settings: LlmSettings) -> None:
    host = urlsplit(settings.base_url).hostname
    where = "this machine" if host in LOOPBACK else f"{host}, which is another machine"
    if not host:
        where = "(llm.base_url is not set)"
    books = Counter(prompt.source_id for prompt in wanted)
    size = sum(prompt.characters for prompt in wanted)
    tokens = size // CHARACTERS_PER_TOKEN
    price = (
        tokens * settings.price_in
        + len(wanted) * settings.questions * 60 * settings.price_out  # about 60 tokens a question
    ) / 1e6
    out.print(f"model {settings.model or '(llm.model is not set)'} at {where}")
    out.print(
        f"to be sent: {len(wanted)} captions of {len(books)} books "
        f"({', '.join(f'{book} {n}' for book, n in sorted(books.items()))}), "
        f"{'WITH' if settings.send_pictures else 'without'} their pictures; "
        f"about {tokens} tokens of text"
        + (f", about {price:.2f} in the unit of llm.price_in and price_out" if price else "")
    )
    out.print("check that each book's licence lets its captions be sent there (llm.skip_sources)")


def _show(wanted: list[Prompt]) -> None:
    for prompt in wanted[:SHOWN]:
        out.print(f"\n--- {prompt.pair_id}")
        for message in prompt.request["messages"]:
            content = message["content"]
            text = content if isinstance(content, str) else content[0]["text"]
            out.print(f"[{message['role']}] {text}")
    out.print(f"\ndry run: nothing was sent; {len(wanted)} prompts wait (send with --send)")


def _ask(wanted: list[Prompt], settings: LlmSettings, build_dir: Path) -> Asked:
    from mmskin_build.vqa.llm.asking import Desk, ask_all
    from mmskin_build.vqa.llm.client import OpenAiClient
    from mmskin_build.vqa.llm.replies import Cache

    client = OpenAiClient(settings)
    cache = Cache(build_dir / "llm" / "replies.jsonl")
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("asking", total=len({prompt.key for prompt in wanted}))
        desk = Desk(
            client, cache, _bodies(build_dir, settings), settings, lambda: bar.advance(task)
        )
        return ask_all(wanted, desk)


def _report(asked: Asked, settings: LlmSettings) -> None:
    cost = asked.cost(settings)
    out.print(
        f"{len(asked.replies)} replies, {asked.cached} of them known before, "
        f"{asked.unreadable} unreadable; this run: {asked.tokens_in} tokens in, "
        f"{asked.tokens_out} out" + (f", cost {cost:.4f}" if cost else "")
    )
    _tell_failures(asked.failed)


def _tell_failures(failed: dict[str, str]) -> None:
    if failed:
        reasons = ", ".join(f"{n} × {why}" for why, n in Counter(failed.values()).most_common(5))
        out.print(f"{len(failed)} without a reply ({reasons}); run it again to ask for these")


def _keep(replies: list[Any], settings: LlmSettings, manifests: Path) -> None:
    from mmskin_build.vqa.llm.replies import FOLDER, read_replies, write_replies

    name = re.sub(r"[^A-Za-z0-9.-]+", "-", settings.model).strip("-.") or "model"
    path = manifests / FOLDER / f"{name}.jsonl"
    kept = {reply.pair_id: reply for reply in (read_replies([path]) if path.is_file() else ())}
    kept |= {reply.pair_id: reply for reply in replies}
    count = write_replies(path, kept.values())
    out.print(
        f"{path}: {count} replies. They quote your books: keep the file, do not publish it. "
        "The next build uses them when vqa.writer is replies or both"
    )
