"""The pair score as a probability, and how it is refitted."""

import json
from pathlib import Path

import pytest
from page_maker import Maker, pairs_of

from mmskin_build.align.calibration import Example, fit, read_examples, reliability
from mmskin_build.align.confidence import WEIGHTS
from mmskin_build.errors import ConfigError
from mmskin_build.reject_reasons import RejectReason


@pytest.mark.parametrize("end", ["of the", "and ulcer-", "lesions,", "mit einer"])
def test_pair_whose_caption_breaks_off_is_rejected(tmp_path: Path, end: str) -> None:
    maker = Maker()
    for number in range(1, 6):
        maker.new_page()
        text = maker.sentence(12)
        maker.figure(f"Figure {number}.", text if number < 5 else f"{text[:-1]} {end}", 60)
        maker.body(maker.body(300))
    found = {row.label: row.score for row in pairs_of(maker.pair(tmp_path))}
    assert set(found) == {"1", "2", "3", "4"}
    assert min(found.values()) > 0.9


def test_caption_without_full_stop_is_trusted_a_little_less(tmp_path: Path) -> None:
    maker = Maker()
    for number in range(1, 9):
        maker.new_page()
        text = maker.sentence(12)
        maker.figure(f"Figure {number}.", text if number < 8 else text.rstrip("."), 60)
        maker.body(maker.body(300))
    found = {row.label: row.score for row in pairs_of(maker.pair(tmp_path))}
    assert 0.8 < found["8"] < found["7"]


def test_figure_whose_caption_is_only_a_number_is_rejected(tmp_path: Path) -> None:
    maker = Maker()
    for number in range(1, 7):
        maker.new_page()
        maker.figure(f"Figure {number}.", maker.sentence(12) if number < 6 else "", 60)
        maker.body(maker.body(300))
    context = maker.pair(tmp_path)
    assert [row.label for row in pairs_of(context)] == ["1", "2", "3", "4", "5"]
    assert [row.reason for row in context.rejects] == [RejectReason.AMBIGUOUS_PAIR]


def test_examples_tell_right_pairs_from_wrong_ones(tmp_path: Path) -> None:
    maker, figures = Maker(), []
    for number in (1, 2):
        maker.new_page()
        text = maker.sentence(12)
        box = maker.figure(f"Figure {number}.", text, maker.body(50))
        caption = text if number == 1 else "Something else was printed here."
        figures.append(
            {"page": number, "bbox": box, "label": f"Figure {number}", "caption": caption}
        )
    folder = tmp_path / "book"
    folder.mkdir()
    maker.document.save(folder / "book.pdf")
    (folder / "gold.json").write_text(json.dumps({"figures": figures}))
    assert [example.right for example in read_examples(tmp_path)] == [True, False]
    with pytest.raises(ConfigError, match=r"gold\.json"):
        list(read_examples(folder))


def test_fit_makes_the_score_a_probability() -> None:
    plain = dict.fromkeys(WEIGHTS, 0.0) | {"bias": 1.0}
    torn = plain | {"art_left": 1.0}
    examples = [Example("a", plain, number % 20 > 0) for number in range(400)]
    examples += [Example("a", torn, number % 4 == 0) for number in range(400)]
    bins = reliability(examples, fit(examples, trust=100.0))
    assert [row.pairs for row in bins] == [400, 400]
    assert all(abs(row.said - row.true) < 0.03 for row in bins)
    with pytest.raises(ConfigError, match="right and wrong"):
        fit(examples[1:10])
