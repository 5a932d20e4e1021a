"""What a model wrote, made into rows: the same gate as for templates, and what only models need.

A model may say anything. A row is kept when its evidence stands in the caption letter by letter,
every content word of its answer is the caption's or the frame's, nothing it says is denied,
doubted or invisible there, and its question gives nothing away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from mmskin_build.records import Qa, Record, Reject
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.vqa.candidate import Picture, keys_of
from mmskin_build.vqa.compose import TELLING, Composer, tells_panels_apart
from mmskin_build.vqa.cues import denied, doubted, hedged, load_cues
from mmskin_build.vqa.facts import felt
from mmskin_build.vqa.gate import FUNCTION_WORDS, Grounding, Refusal, refuse
from mmskin_build.vqa.lexicon_files import Kind, Term, load_lexicon
from mmskin_build.vqa.llm.parsing import UnreadableReplyError, Written, parse
from mmskin_build.vqa.llm.prompt import KINDS, caption_digest
from mmskin_build.vqa.llm.replies import Reply
from mmskin_build.vqa.noun_phrases import upper_first
from mmskin_build.vqa.word_lists import word_list
from mmskin_build.vqa.words import fold, words_of

#: words an answer may use for its frame, although no caption says them
FRAME_WORDS = frozenset(fold(word) for word in word_list("reply_frame_words"))
MAX_QUESTION_WORDS, MAX_ANSWER_WORDS = 40, 60
_YES_NO = re.compile(r"(yes|no)\b[,.:;]?\s*", re.I)
_ASSERTED = (Kind.DISEASE, Kind.SITE, Kind.STAIN, Kind.LESION, Kind.STRUCTURE, Kind.HISTOLOGY)


def rows_of_reply(
    picture: Picture, reply: Reply, composer: Composer, before: list[Record]
) -> Iterator[Record]:
    """Yield the rows of one reply, and a Reject for all that is not fit to be one.

    Args:
        picture: the picture it was asked about.
        reply: what the model said.
        composer: knows which rows the library has, and the balance of yes and no.
        before: rows of the same picture, whose answers no question may give away.
    """
    record_id = f"{picture.pair.pair_id}:reply"
    source_id = picture.pair.source_id
    if reply.caption_digest != caption_digest(picture.text):
        yield Reject(source_id, record_id, RejectReason.QA_REPLY_STALE, reply.model)
        return
    try:
        written = parse(reply.content)
    except UnreadableReplyError as error:
        detail = f"{reply.model}: {error}"[:300]
        yield Reject(source_id, record_id, RejectReason.QA_REPLY_UNREADABLE, detail)
        return
    told = _told(before)
    for item in written:
        row = _row_of(picture, reply, composer, item, told)
        if isinstance(row, Refusal):
            detail = f"{row.detail} | {item.question} | {item.answer}"[:400]
            yield Reject(source_id, f"{record_id}-{_digest(item)}", row.reason, detail)
        else:
            yield row


def _told(before: list[Record]) -> frozenset[str]:
    """Return the words that answer another question about the same picture."""
    rows = [row for row in before if isinstance(row, Qa)]
    telling = [row for row in rows if row.template_id.split(".")[0] in TELLING]
    return frozenset().union(*(keys_of(row.evidence) for row in telling))


def _row_of(
    picture: Picture, reply: Reply, composer: Composer, item: Written, told: frozenset[str]
) -> Qa | Refusal:
    answer = upper_first(
        item.answer if item.answer.endswith((".", "!", "?")) else f"{item.answer}."
    )
    start = _place(picture.text, item.evidence)
    said = _Said.of(item.question, answer)
    refusal = (
        _unfit(picture, item, start) or _ungrounded(picture, said, told) or _unsaid(picture, said)
    )
    if refusal:
        return refusal
    taken = composer.take(item.question, answer, "reply", said.polarity)
    if taken:
        return taken
    end = start + len(item.evidence)
    kind = "closed" if said.polarity else "open"
    return Qa(
        source_id=picture.pair.source_id,
        qa_id=f"{picture.pair.pair_id}:reply-{_digest(item)}",
        pair_id=picture.pair.pair_id,
        question=item.question,
        answer=answer,
        kind=kind,
        template_id=f"reply.{kind}",
        answer_span=f"{start}-{end}",
        evidence=picture.text[start:end],
        modality=picture.modality.value,
        visual_dependency="needs_image",
        names_diagnosis=False,
        generator=reply.model,
        hedge=hedged(picture.text, start, end),
    )


def _digest(item: Written) -> str:
    return blake2b(f"{item.question}\x1f{item.answer}".encode(), digest_size=5).hexdigest()


def _place(caption: str, evidence: str) -> int:
    """Return where the evidence begins in the caption, or -1."""
    found = caption.find(evidence)
    return found if found >= 0 else caption.lower().find(evidence.lower())


def _unfit(picture: Picture, item: Written, start: int) -> Refusal | None:
    """Return why the row cannot be one at all."""
    if picture.modality not in KINDS or tells_panels_apart(picture):
        return Refusal(RejectReason.QA_UNGROUNDED, "the caption does not speak of this picture")
    if not item.evidence or start < 0:
        return Refusal(RejectReason.QA_UNGROUNDED, "evidence: not in the caption")
    asked, told = len(item.question.split()), len(item.answer.split())
    if not (3 <= asked <= MAX_QUESTION_WORDS and 1 <= told <= MAX_ANSWER_WORDS):
        return Refusal(RejectReason.QA_CHIT_CHAT, "length")
    if not item.question.endswith(("?", ".")) or not words_of(item.answer):
        return Refusal(RejectReason.QA_CHIT_CHAT, "form")
    return None


@dataclass(frozen=True, slots=True)
class _Said:
    """A question and its answer; ``polarity`` is the 'yes' or 'no' before ``rest``, or ''."""

    question: str
    answer: str
    polarity: str
    rest: str

    @classmethod
    def of(cls, question: str, answer: str) -> _Said:
        closed = _YES_NO.match(answer)
        if closed is None:
            return cls(question, answer, "", answer)
        return cls(question, answer, closed.group(1).lower(), answer[closed.end() :])


def _ungrounded(picture: Picture, said: _Said, told: frozenset[str]) -> Refusal | None:
    """Return what the common gate says."""
    own = frozenset() if said.polarity else keys_of(said.rest) - FRAME_WORDS
    diagnosis = keys_of(picture.diagnosis.text) if picture.diagnosis else frozenset()
    grounding = Grounding(
        caption_words=keys_of(picture.text),
        fact_words=keys_of(KINDS[picture.modality]),
        closed_words=FRAME_WORDS,
        answer_words=own | (told - FRAME_WORDS),
        diagnosis_words=diagnosis,
    )
    return refuse(said.question, said.answer, grounding)


def _unsaid(picture: Picture, said: _Said) -> Refusal | None:
    """Return what the row says although the caption denies, doubts or cannot show it."""
    colours = _colours(picture, said.rest) if picture.grey else ""
    if colours:
        return Refusal(RejectReason.QA_UNSEEABLE, f"printed without colour: {colours}")
    for cue in load_cues().unseen.finditer(said.rest):
        if keys_of(cue.group()) - FRAME_WORDS - _diagnosis_keys(picture):
            return Refusal(RejectReason.QA_UNSEEABLE, cue.group())
    touched = felt(said.rest)
    if touched and keys_of(touched) - _diagnosis_keys(picture):
        return Refusal(RejectReason.QA_UNSEEABLE, touched)
    asked = _facts_named(picture, said.question)
    caption_keys = keys_of(picture.text)
    # 'which part of the face' is fine where the caption names the nose
    near = {f.term.group for f in picture.reading.facts if f.term.kind is Kind.SITE}
    strange = [t.name for t, keys in asked if keys - caption_keys and t.group not in near]
    if strange:
        return Refusal(RejectReason.QA_UNGROUNDED, f"question: {strange[0]}")
    if said.polarity:
        return _unfounded(picture, asked, said.polarity)
    return _contradicted(picture, said.answer)


def _colours(picture: Picture, answer: str) -> str:
    """Return a colour word of the answer, or ''."""
    said = keys_of(answer)
    told = (f.text for f in picture.reading.facts if f.term.kind in (Kind.COLOUR, Kind.STAIN))
    return next((text for text in told if keys_of(text) <= said), "")


def _unfounded(
    picture: Picture, asked: list[tuple[Term, frozenset[str]]], polarity: str
) -> Refusal | None:
    """A yes wants a stated fact, a no wants a denied one; silence is neither."""
    wanted = [f for f in picture.reading.facts if any(keys_of(f.text) <= k for _, k in asked)]
    if polarity == "yes" and wanted and all(f.holds for f in wanted):
        return None
    if polarity == "no" and wanted and all(f.denied and not f.doubted for f in wanted):
        return None
    return Refusal(RejectReason.QA_UNGROUNDED, f"{polarity}: nothing in the caption says so")


def _contradicted(picture: Picture, answer: str) -> Refusal | None:
    """Refuse to state plainly what the caption says only to deny or doubt it."""
    text, cues = picture.text, load_cues()
    if cues.negation.search(answer) or cues.hedge.search(answer):
        return None  # it speaks of an absence or a doubt itself
    for word in words_of(answer):
        said = [w for w in picture.reading.words if w.key == word.key]
        if word.key in FUNCTION_WORDS or not said:
            continue
        if all(denied(text, w.start) for w in said):
            return Refusal(RejectReason.QA_UNGROUNDED, f"denied in the caption: {word.text}")
        if all(doubted(text, w.start, w.end) for w in said):
            return Refusal(RejectReason.QA_HEDGE, f"doubted in the caption: {word.text}")
    return None


def _facts_named(picture: Picture, question: str) -> list[tuple[Term, frozenset[str]]]:
    """Return the lexicon terms a question names, each with its folded words."""
    words = words_of(question)
    found = []
    for match in load_lexicon().matchers[picture.modality].find(words):
        keys = frozenset(w.key for w in words[match.first : match.last + 1])
        if match.terms[0].kind in _ASSERTED and not keys <= FRAME_WORDS | FUNCTION_WORDS:
            found.append((match.terms[0], keys))
    return found


def _diagnosis_keys(picture: Picture) -> frozenset[str]:
    return keys_of(picture.diagnosis.text) if picture.diagnosis else frozenset()
