"""What a model wrote becomes rows only through the gate, and every loss has its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mmskin_build.errors import ConfigError
from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import Qa
from mmskin_build.vqa.generate import pictures
from mmskin_build.vqa.llm.batch import ID_LENGTH, collect, write_prompts
from mmskin_build.vqa.llm.prompt import body, caption_digest, prompts
from mmskin_build.vqa.llm.replies import FOLDER, Reply, read_replies, write_replies
from mmskin_build.vqa.llm.settings import LlmSettings
from mmskin_build.vqa.settings import VqaSettings, Writer
from stages.vqa import STAGE
from tests.vqa.chat_server import completion, questions
from tests.vqa.conftest import rows_for

CAPTION = (
    "Plaque psoriasis in a man of 40. Well-demarcated red plaques with silvery scale on both "
    "elbows, without pustules or zibbles. Possible nail pitting. Chronic plaques. "
    "Improved after methotrexate."
)


def build(tmp_path: Path, *contents: str, writer: Writer = Writer.REPLIES, **more) -> MemoryContext:
    replies = [
        Reply(f"k{n}", f"book-{n}", caption_digest(CAPTION), "tiny-model", content)
        for n, content in enumerate(contents)
    ]
    write_replies(tmp_path / "manifests" / FOLDER / "tiny.jsonl", replies)
    context = MemoryContext(tmp_path, manifests=tmp_path / "manifests")
    for number in range(len(contents)):
        context.add(rows_for(number, more.get("caption", CAPTION), "clinical"))
    context.run(STAGE, VqaSettings(writer=writer))
    return context


def test_a_grounded_answer_becomes_a_row_with_its_place(tmp_path):
    row = ("What colour are the lesions on this skin?", "They are red.", "red plaques")
    context = build(tmp_path, questions(row))
    (qa,) = context.rows(Qa)
    start, end = map(int, qa.answer_span.split("-"))
    assert CAPTION[start:end] == qa.evidence == "red plaques"
    assert (qa.generator, qa.kind, qa.hedge) == ("tiny-model", "open", False)
    assert context.rejects == []


@pytest.mark.parametrize(
    ("question", "answer", "evidence", "reason", "detail"),
    [
        ("What is seen on the skin?", "Red plaques.", "blue plaques", "qa_ungrounded", "evidence"),
        ("What is seen on the skin?", "Greasy plaques.", "plaques", "qa_ungrounded", "Greasy"),
        ("What is seen on the skin?", "Pustules.", "pustules", "qa_ungrounded", "denied"),
        ("What is seen on the skin?", "Zibbles.", "zibbles", "qa_ungrounded", "denied"),
        ("What else is seen in it?", "Nail pitting.", "nail pitting", "qa_hedge", "doubted"),
        ("What is seen on the skin?", "Soft scale.", "scale", "qa_ungrounded", "Soft"),
        ("What is seen on the skin?", "Chronic plaques.", "plaques", "qa_unseeable", "Chro"),
        ("Who is shown in it?", "A man.", "a man of 40", "qa_unseeable", "man"),
        ("What helped in this case?", "Methotrexate.", "methotrexate", "qa_unseeable", "Metho"),
        ("What do the red plaques look like?", "Red.", "red", "qa_leaks_answer", "red"),
        ("Where is the psoriasis seen?", "On both elbows.", "elbows", "qa_leaks_answer", "psori"),
        ("What does the caption say?", "Red plaques.", "red plaques", "qa_text_shows", "P1"),
        ("What causes this change?", "Scale.", "scale", "qa_general_knowledge", "G3"),
        ("What is it?", "It is difficult to tell.", "red", "qa_hedge", "H1"),
        ("What lies beside the ulcer?", "Scale.", "scale", "qa_ungrounded", "question: ulcer"),
        ("Are there vesicles in this picture?", "No.", "plaques", "qa_ungrounded", "question"),
        ("Is there scale in this picture?", "No.", "scale", "qa_ungrounded", "nothing"),
        ("Are pustules seen in this picture?", "Yes.", "pustules", "qa_ungrounded", "nothing"),
        ("Scale", "Scale.", "scale", "qa_chit_chat", "length"),
    ],
)  # fmt: skip
def test_what_is_not_fit_is_a_reject_with_its_rule(
    tmp_path, question, answer, evidence, reason, detail
):
    context = build(tmp_path, questions((question, answer, evidence)))
    assert list(context.rows(Qa)) == []
    (reject,) = context.rejects
    assert reject.reason == reason
    assert detail in reject.detail


def test_yes_wants_a_stated_fact_and_no_a_denied_one(tmp_path):
    yes = ("Is scale visible in this picture?", "Yes.", "silvery scale")
    no = ("Are pustules visible in this picture?", "No.", "without pustules")
    context = build(tmp_path, questions(yes, no))
    assert [q.answer for q in context.rows(Qa)] == ["Yes.", "No."]
    more = ("Are both elbows visible in this picture?", "Yes.", "both elbows")
    context = build(tmp_path, questions(yes, more))
    assert [r.reason for r in context.rejects] == ["qa_unbalanced"]


def test_unreadable_and_stale_replies_are_rejects(tmp_path):
    context = build(tmp_path, "Sorry, I cannot help.")
    assert [r.reason for r in context.rejects] == ["qa_reply_unreadable"]
    context = build(tmp_path, questions(), caption="Another caption, red plaques.")
    assert [r.reason for r in context.rejects] == ["qa_reply_stale"]


def test_a_model_that_thinks_aloud_or_fences_its_json_is_read(tmp_path):
    row = ("What colour are the lesions?", "Red.", "red plaques")
    content = f"<think>hm, {{}}</think>\n```json\n{questions(row)}\n```"
    assert len(list(build(tmp_path, content).rows(Qa))) == 1


def test_templates_alone_read_no_reply_and_both_repeat_none(tmp_path):
    row = ("What colour are the lesions?", "Red.", "red plaques")
    templates = list(build(tmp_path, questions(row), writer=Writer.TEMPLATES).rows(Qa))
    assert {q.generator for q in templates} == {"templates"}
    both = list(build(tmp_path, questions(row, row), writer=Writer.BOTH).rows(Qa))
    assert len(both) == len(templates) + 1
    assert len({q.qa_id for q in both}) == len(both)


def test_a_reply_does_not_give_away_what_a_template_asks(tmp_path):
    row = ("What colour are the silvery plaques?", "Red.", "red")
    context = build(tmp_path, questions(row), writer=Writer.BOTH)
    assert "qa_leaks_answer" in {r.reason for r in context.rejects}


def test_a_batch_file_goes_out_and_its_replies_come_back(tmp_path):
    context = MemoryContext(tmp_path)
    context.add(rows_for(0, CAPTION, "clinical"))
    settings = LlmSettings(model="tiny")
    wanted = list(prompts(pictures(context), settings))
    file = tmp_path / "prompts.jsonl"
    assert write_prompts(file, wanted, lambda p: body(p, lambda _: b"", 1)) == 1
    line = json.loads(file.read_text())
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
    assert CAPTION in line["body"]["messages"][1]["content"]
    custom = line["custom_id"]
    assert len(custom) == ID_LENGTH
    content = questions(("What colour are the lesions?", "Red.", "red"))
    answers = [
        {"custom_id": custom, "response": {"status_code": 200, "body": completion(content)}},
        {"custom_id": "other", "response": {"status_code": 200, "body": completion("")}},
        {"custom_id": custom, "error": {"message": "out of memory"}},
    ]
    back = tmp_path / "replies.jsonl"
    back.write_text("\n".join(map(json.dumps, answers)) + "\n")
    found = collect(back, wanted)
    assert [r.content for r in found.replies] == [content]
    assert found.unknown == ["other"]
    assert "out of memory" in found.failed[custom]


def test_a_file_that_holds_no_replies_is_refused_by_line(tmp_path):
    bad = tmp_path / "x.jsonl"
    bad.write_text('{"custom_id": 3}\n')
    with pytest.raises(ConfigError, match="line 1"):
        collect(bad, [])
    with pytest.raises(ConfigError, match="line 1"):
        list(read_replies([bad]))
