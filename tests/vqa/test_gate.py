from __future__ import annotations

import pytest

from mmskin_build.reject_reasons import RejectReason
from mmskin_build.vqa.candidate import keys_of
from mmskin_build.vqa.gate import Grounding, refuse

CAPTION = "Lichen planus. Violaceous flat-topped papules on the wrist."


def grounding(answer: str = "") -> Grounding:
    return Grounding(
        caption_words=keys_of(CAPTION),
        fact_words=keys_of("clinical photograph"),
        answer_words=keys_of(answer),
        diagnosis_words=keys_of("lichen planus"),
    )


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("What colour is the lesion?", "It is violaceous and itchy.", RejectReason.QA_UNGROUNDED),
        ("Where is lichen planus seen here?", "On the wrist.", RejectReason.QA_LEAKS_ANSWER),
        ("What is seen?", "It is difficult to tell.", RejectReason.QA_HEDGE),
        ("What does the caption say?", "Papules.", RejectReason.QA_TEXT_SHOWS),
        ("What causes this?", "Papules.", RejectReason.QA_GENERAL_KNOWLEDGE),
        ("How is this lesion treated?", "Papules.", RejectReason.QA_GENERAL_KNOWLEDGE),
        ("How old is the patient?", "Papules.", RejectReason.QA_UNSEEABLE),
        ("What is the size here?", "It measures 3 mm.", RejectReason.QA_UNSEEABLE),
        ("Thank you for your help!", "You're welcome.", RejectReason.QA_CHIT_CHAT),
    ],
)
def test_each_rule_refuses_by_name(question, answer, reason):
    refusal = refuse(question, answer, grounding())
    assert refusal is not None
    assert refusal.reason is reason


def test_a_question_must_not_hold_its_own_answer():
    refusal = refuse("Are violaceous papules shown?", "Violaceous papules.",
                     grounding("violaceous papules"))  # fmt: skip
    assert refusal is not None
    assert refusal.reason is RejectReason.QA_LEAKS_ANSWER


def test_grounded_rows_pass_in_any_spelling_and_number():
    assert refuse("What is seen?", "A violaceous papule.", grounding()) is None
    assert refuse("What kind of picture is this?", "A clinical photograph.", grounding()) is None
