"""The assignment of captions to regions, and the pages it is made from."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_maker import Maker, pairs_of

from mmskin_build.align import book_pages
from mmskin_build.align.matching import best_assignment

SIZES = st.tuples(st.integers(1, 6), st.integers(1, 6))


@given(SIZES.flatmap(lambda s: st.lists(st.lists(st.floats(0, 1), min_size=s[1], max_size=s[1]),
                                        min_size=s[0], max_size=s[0])))  # fmt: skip
def test_no_other_assignment_weighs_more(weights: list[list[float]]) -> None:
    from scipy.optimize import linear_sum_assignment

    found = best_assignment(weights)
    assert len(found) == min(len(weights), len(weights[0]))
    assert len({i for i, _ in found}) == len({j for _, j in found}) == len(found)
    most = np.array(weights)[linear_sum_assignment(np.array(weights), maximize=True)].sum()
    assert sum(weights[i][j] for i, j in found) == pytest.approx(most, abs=1e-9)


def test_a_long_book_is_paired_as_a_short_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = Maker()
    for number in range(1, 7):
        maker.new_page()
        maker.figure(f"Figure {number}.", maker.sentence(12), 60)
        maker.body(maker.body(300))
    kept = pairs_of(maker.pair(tmp_path))
    monkeypatch.setattr(book_pages, "KEPT_ROWS", 5)  # as if it were too long to be held in memory
    assert len(kept) == 6
    assert pairs_of(maker.pair(tmp_path)) == kept
