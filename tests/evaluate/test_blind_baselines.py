from __future__ import annotations

import pytest

from mmskin_build.evaluate.aggregate import Resamples
from mmskin_build.evaluate.generate import other_images
from mmskin_build.evaluate.predictions import Prediction
from mmskin_build.evaluate.run import FREQUENT, sight_verdict
from mmskin_build.train.examples import Example, Turn
from mmskin_build.train.trained_on import TrainedOn


def example(number: int, answer: str, template: str = "t", question: str = "") -> Example:
    turn = Turn(question or f"Question {number}?", answer)
    return Example(f"q{number}", f"i{number}", (turn,), "closed", template_id=template)


def test_the_most_frequent_answer_is_taken_per_question_then_template_then_kind() -> None:
    seen = TrainedOn.of(
        [
            example(1, "Yes", question="Is it red?"),
            example(2, "No", template="u"),
            example(3, "No", template="u"),
            example(4, "No", template="u"),
        ]
    )
    assert seen.frequent_answer(example(9, "", question="Is it  RED?")) == "Yes"
    assert seen.frequent_answer(example(9, "", template="t")) == "Yes"
    assert seen.frequent_answer(example(9, "", template="new")) == "No"


def test_ties_are_settled_the_same_way_every_time() -> None:
    rows = [example(1, "b"), example(2, "a")]
    assert TrainedOn.of(rows) == TrainedOn.of(rows[::-1])


def test_another_picture_is_never_of_the_same_group() -> None:
    rows = [Example(f"q{n}", f"i{n}", (Turn("q", "a"),), group_id=f"g{n // 2}") for n in range(6)]
    shown = other_images(rows)
    group = {row.image: row.group_id for row in rows}
    assert set(shown) == {row.example_id for row in rows}
    assert all(group[shown[row.example_id]] != row.group_id for row in rows)


def test_a_single_group_has_no_other_picture() -> None:
    rows = [Example(f"q{n}", f"i{n}", (Turn("q", "a"),), group_id="g") for n in range(3)]
    assert other_images(rows) == {}


def prediction(number: int, answer: str) -> Prediction:
    return Prediction("i", "q", answer, "Yes", qa_id=f"q{number}", group_id=f"g{number}")


@pytest.mark.parametrize(("blind_right", "says"), [(8, "The picture matters"), (20, "does not")])
def test_a_set_on_which_the_blind_score_as_well_is_reported(blind_right: int, says: str) -> None:
    ours = [prediction(n, "Yes") for n in range(20)]
    blind = [prediction(n, "Yes" if n < blind_right else "No") for n in range(20)]
    verdict = sight_verdict({"model": ours, FREQUENT: blind}, Resamples(200, 1))
    assert says in verdict and FREQUENT in verdict
