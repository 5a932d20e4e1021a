"""On real captions: every row keeps the promises of the gate, checked without the gate's code."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from mmskin_build.captions.cleaning import clean_caption
from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import CaptionText, Qa
from mmskin_build.vqa.lexicon_files import load_lexicon
from mmskin_build.vqa.phrasing import load_phrasings
from mmskin_build.vqa.settings import VqaSettings
from mmskin_build.vqa.words import words_of
from stages.vqa import STAGE
from tests.vqa.conftest import rows_for

KINDS = ("clinical", "dermoscopy", "pathology")
SMALL = "a an the of and or in on at is are it its this that not no yes with as to by which"


def keys(text: str) -> set[str]:
    return {w.key for w in words_of(text)}


def frame_words() -> set[str]:
    """Return the words the wordings bring along, and the names a fact table may hold."""
    book = load_phrasings()
    forms = [form for family in book.families.values() for form in family.forms.values()]
    texts = [t for form in forms for t in (*form.answers, *form.no_answers)]
    texts += [
        n for group in (book.images, book.modalities) for names in group.values() for n in names
    ]
    lexicon = load_lexicon()
    texts += [t.name for t in lexicon.stains] + [n.nature for n in lexicon.natures.values()]
    texts += ["an immunohistochemical stain", "low high", "several lesions", "red dusky", SMALL]
    return keys(" ".join(re.sub(r"\{\w+\}", " ", t) for t in texts))


def context_of(corpus: Path, tmp_path: Path, step: int) -> MemoryContext:
    lines = (corpus / "captions" / "unlabelled.jsonl").read_text("utf-8").splitlines()[::step]
    context = MemoryContext(tmp_path)
    for number, line in enumerate(lines):
        text = clean_caption(json.loads(line)["caption"]).text
        context.add(rows_for(number, text, KINDS[number % 3]))
    context.run(STAGE, VqaSettings())
    return context


@pytest.fixture(scope="module", params=[9, pytest.param(1, marks=pytest.mark.slow)])
def context(request, corpus: Path, tmp_path_factory) -> MemoryContext:
    return context_of(corpus, tmp_path_factory.mktemp("real"), request.param)


def test_rows_on_real_captions_are_grounded_balanced_and_new(context: MemoryContext) -> None:
    captions = {c.pair_id: c.text for c in context.rows(CaptionText)}
    rows = list(context.rows(Qa))
    assert len(rows) > len(captions)
    frame = frame_words()
    for row in rows:
        text = captions[row.pair_id]
        site = keys(row.question) if row.template_id.startswith("site.closed") else set()
        assert keys(row.answer) <= keys(text) | frame | site, row
        if row.answer_span:
            start, end = map(int, row.answer_span.split("-"))
            assert 0 <= start < end <= len(text)
            if row.kind == "open" and row.template_id.split(".")[0] != "colour":
                assert keys(row.answer) <= keys(text[start:end]) | frame, row
    told = Counter(row.answer[:3].strip(" .,:").lower() for row in rows if row.kind == "closed")
    assert set(told) == {"yes", "no"}
    assert 0.45 <= told["yes"] / told.total() <= 0.55
    assert len({(r.question.lower(), r.answer.lower()) for r in rows}) == len(rows)
    assert len({r.qa_id for r in rows}) == len(rows)


def test_no_open_question_on_a_real_caption_says_its_own_answer(context: MemoryContext) -> None:
    frame = frame_words()
    for row in context.rows(Qa):
        if row.kind == "open" and row.answer_span:
            named = row.template_id.split(".")[0] in ("colour", "surface", "border")
            own = keys(row.evidence if named else row.answer)  # these name the thing they ask of
            assert not (keys(row.question) & (own - frame)), row
