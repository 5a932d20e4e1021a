"""A page of sample answers beside their pictures, for people who would rather look."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from mmskin_build.evaluate.answer_match import is_right
from mmskin_build.evaluate.predictions import Prediction
from mmskin_build.evaluate.report import MODEL
from mmskin_build.train.image_bank import ImageBank

MOST = 60  # answers on the page
_SIDE = 320  # longest side of a picture on the page, in pixels
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class _Card:
    row: Prediction
    picture: str  # as a data address; '' for a question without one
    right: bool
    others: tuple[tuple[str, str, bool], ...]  # who, what, right


def write_answers_page(
    path: Path,
    title: str,
    notes: Sequence[str],
    answers: Mapping[str, Sequence[Prediction]],
    images: ImageBank,
) -> None:
    """Write a self-contained page of up to ``MOST`` answers, evenly from modalities and kinds.

    The choice depends on nothing but the rows, so two models are shown on the same questions.
    """
    import jinja2

    blind = {
        name: {row.qa_id: row for row in rows} for name, rows in answers.items() if name != MODEL
    }
    cards = [_card(row, blind, images) for row in choose(answers[MODEL], MOST)]
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    text = (resources.files(__package__) / "answers.html").read_text(encoding="utf-8")
    html = environment.from_string(text).render(
        title=title,
        notes=[note.replace("**", "") for note in notes],
        cards=cards,
        total=len(answers[MODEL]),
    )
    path.write_text(html, encoding="utf-8")


def choose(rows: Sequence[Prediction], most: int) -> list[Prediction]:
    """Return up to ``most`` rows, in turns from each modality and kind, by digest within."""
    parts: dict[tuple[str, str], list[Prediction]] = {}
    for row in sorted(rows, key=lambda r: hashlib.sha256(r.qa_id.encode()).hexdigest()):
        parts.setdefault((row.modality, row.kind), []).append(row)
    chosen: list[Prediction] = []
    queues = [iter(parts[key]) for key in sorted(parts)]
    while queues and len(chosen) < most:
        for queue in list(queues):
            found = next(queue, None)
            if found is None:
                queues.remove(queue)
            elif len(chosen) < most:
                chosen.append(found)
    return sorted(chosen, key=lambda r: (r.modality, r.kind, r.qa_id))


def _card(
    row: Prediction, blind: Mapping[str, Mapping[str, Prediction]], images: ImageBank
) -> _Card:
    others = []
    for name, rows in blind.items():
        if (other := rows.get(row.qa_id)) is not None:
            said = other.predicted_answer
            others.append((name, said, is_right(row.kind, said, row.ground_truth)))
    right = is_right(row.kind, row.predicted_answer, row.ground_truth)
    return _Card(row, _picture(images, row.image) if row.image else "", right, tuple(others))


def _picture(images: ImageBank, digest: str) -> str:
    picture = images.open(digest)
    picture.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
