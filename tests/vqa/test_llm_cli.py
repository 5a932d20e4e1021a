"""``vqa-ask``, ``vqa-prompts`` and ``vqa-replies`` as a user meets them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mmskin_build.errors import ConfigError, ExitCode, MissingDependencyError
from mmskin_build.records import CaptionText, Demographics, ImageCheck, ModalityLabel, Pair, Verdict
from mmskin_build.tables import TableWriter
from mmskin_build.vqa.llm.client import OpenAiClient
from mmskin_build.vqa.llm.replies import read_replies
from mmskin_build.vqa.llm.settings import LlmSettings
from stages import cli_llm
from tests.vqa.chat_server import ChatServer, completion, questions
from tests.vqa.conftest import rows_for

REPLY = completion(questions(("What colour are the lesions?", "Red.", "Red")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        row
        for number, caption in enumerate(("Eczema. Red patches.", "Rosacea. Red papules."))
        for row in rows_for(number, caption, "clinical")
    ]
    (tmp_path / "build" / "tables").mkdir(parents=True)
    for record in (Pair, CaptionText, ModalityLabel, Verdict, Demographics, ImageCheck):
        writer = TableWriter(record, tmp_path / "build" / "tables" / f"{record.table}.parquet")
        for row in rows:
            if isinstance(row, record):
                writer.add(row)
        writer.close()
    return tmp_path


def run(folder: Path, url: str, *args: str) -> str:
    app = typer.Typer()
    cli_llm.register(app)
    config = folder / "config.yaml"
    config.write_text(f"llm:\n  base_url: '{url}'\n  model: lab/tiny\n  parallel: 1\n")
    given = ["--build-dir", str(folder / "build"), "--config", str(config)]
    if args[0] != "vqa-prompts":
        given += ["--manifests", str(folder / "manifests")]
    result = CliRunner().invoke(app, [*args, *given], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_without_send_the_prompts_are_shown_and_nothing_leaves(folder: Path) -> None:
    server = ChatServer(lambda sent, number: (200, REPLY))
    text = run(folder, server.url, "vqa-ask")
    assert "dry run" in text and "Caption: Eczema. Red patches." in text
    assert "2 captions of 1 books" in text and "without their pictures" in text
    assert "this machine" in text
    assert "is another machine" in run(folder, "https://api.example.org/v1", "vqa-ask")
    assert server.requests == []
    assert not (folder / "manifests").exists()
    server.close()


def test_a_dry_run_needs_no_settings_but_sending_does(folder: Path) -> None:
    app = typer.Typer()
    cli_llm.register(app)
    given = ["vqa-ask", "--build-dir", str(folder / "build")]
    shown = CliRunner().invoke(app, given)
    assert shown.exit_code == 0
    assert "llm.model is not set" in shown.output and "llm.base_url is not set" in shown.output
    assert "another machine" not in shown.output
    refused = CliRunner().invoke(app, [*given, "--send", "--manifests", str(folder / "manifests")])
    assert isinstance(refused.exception, ConfigError)


def test_sent_prompts_leave_replies_for_the_next_build(folder: Path) -> None:
    pytest.importorskip("openai")
    server = ChatServer(lambda sent, number: (200, REPLY))
    assert "this run: 100 tokens in, 20 out" in run(
        folder, server.url, "vqa-ask", "--send", "--limit", "1"
    )
    assert "2 replies, 1 of them known before" in run(folder, server.url, "vqa-ask", "--send")
    server.close()
    file = folder / "manifests" / "vqa-replies" / "lab-tiny.jsonl"
    assert [r.pair_id for r in read_replies([file])] == ["book-0", "book-1"]


def test_a_batch_run_elsewhere_leaves_the_same_file(folder: Path) -> None:
    prompts, back = folder / "prompts.jsonl", folder / "back.jsonl"
    run(folder, "", "vqa-prompts", "-o", str(prompts))
    lines = [json.loads(line) for line in prompts.read_text().splitlines()]
    answers = [{"custom_id": p["custom_id"], "response": {"body": REPLY}} for p in lines]
    back.write_text("".join(json.dumps(a) + "\n" for a in answers))
    assert "2 replies" in run(folder, "", "vqa-replies", str(back))
    file = folder / "manifests" / "vqa-replies" / "lab-tiny.jsonl"
    assert len(list(read_replies([file]))) == 2


def test_a_missing_client_or_server_name_says_what_to_do(monkeypatch) -> None:
    with pytest.raises(ConfigError, match="base_url"):
        OpenAiClient(LlmSettings(model="tiny"))
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(MissingDependencyError, match=r"\[llm\]") as caught:
        OpenAiClient(LlmSettings(base_url="http://localhost/v1", model="tiny"))
    assert caught.value.exit_code == ExitCode.DEPENDENCY == 7
